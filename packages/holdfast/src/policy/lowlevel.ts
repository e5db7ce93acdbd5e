/** What `batch` is made of, beside the public policies. */
export { runAttempts, type Subject, TotalOperation } from "./attempt-loop.ts";
export { attemptLimits, checkAttempts } from "./retry.ts";
