/** Policies: what to do about a call that may fail. */
export { type AttemptContext, type AttemptOptions, isRetryable, type RetryContext } from "./attempt-loop.ts";
export type { BackoffOptions, Jitter } from "./backoff.ts";
export type { Policy, PolicyCallOptions, WrapOptions } from "./policy.ts";
export { retry, type RetryOptions, StopRetry } from "./retry.ts";
export { retryAfter } from "./retry-after.ts";
export { type RetryBudget, retryBudget, type RetryBudgetEvent, type RetryBudgetOptions } from "./retry-budget.ts";
