/**
 * What the compiler takes `holdfast/inspect` for in this folder (`paths` in tsconfig.json), which does not see that one. The programs in the tests of debug mode show that it is so.
 */
import type { Inspect } from "./debug-inspect.ts";

export declare const watchdog: Inspect["watchdog"];
export declare const dump: Inspect["dump"];
