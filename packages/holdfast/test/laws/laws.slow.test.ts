/** As `laws.test.ts`, for a hundred thousand programs that are new each time. */
import { defineLaws } from "./laws.ts";

defineLaws(Date.now() % 2 ** 31, 100_000);
