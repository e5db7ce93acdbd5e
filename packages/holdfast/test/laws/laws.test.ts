/**
 * The laws of structured concurrency, held by random programs. A counterexample prints its seed: `HOLDFAST_LAW_SEED=<seed> npx vitest run packages/holdfast/test/laws` runs that
 * program alone. Two thousand here, a hundred thousand with `npm run test:long`.
 */
import { defineLaws } from "./laws.ts";

defineLaws(1, 2000);
