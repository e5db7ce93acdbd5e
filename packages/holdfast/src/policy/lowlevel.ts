/** What `batch` is made of, beside the public policies. */
export { type Asker, runAttempts, TotalOperation } from "./attempt-loop.ts";
export { attemptLimits, checkAttempts } from "./retry.ts";
