/** Policies: what to do about a call that may fail. */
export {
  type AttemptContext,
  type AttemptOptions,
  type BackoffOptions,
  isRetryable,
  type Jitter,
  type RetryBudget,
  type RetryContext,
  type RetryOptions,
} from "../core/lowlevel.ts";
export { bulkhead, type Bulkhead, type BulkheadEvent, BulkheadFullError, type BulkheadOptions } from "./bulkhead.ts";
export { circuitBreaker, type CircuitBreaker, type CircuitSnapshot } from "./circuit-breaker.ts";
export { type CircuitEvent, CircuitOpenError, type CircuitState } from "./circuit-breaker-event.ts";
export type { CircuitBreakerOptions } from "./circuit-breaker-options.ts";
export type { CircuitHistory, CircuitStats } from "./circuit-window.ts";
export { fallback, type FallbackOptions } from "./fallback.ts";
export { hedge, type HedgeOptions } from "./hedge.ts";
export {
  type LayerDescription,
  pipeline,
  type Pipeline,
  type PipelineContext,
  type PipelineDescription,
  type PipelineLayer,
  type PipelineOptions,
  type PipelineSettings,
} from "./pipeline.ts";
export type { LayerName, PipelineLayers } from "./pipeline-layers.ts";
export type { Policy, PolicyCallOptions, WrapOptions } from "./policy.ts";
export type { KeyedPolicy, PolicyEvent, PolicyOptions } from "./policy-states.ts";
export { rateLimit, type RateLimit } from "./rate-limit.ts";
export { RateLimitedError, type RateLimitEvent, type RateLimitOptions } from "./rate-limit-options.ts";
export { retry, StopRetry } from "./retry.ts";
export { retryAfter } from "./retry-after.ts";
export { retryBudget, type RetryBudgetEvent, type RetryBudgetOptions } from "./retry-budget.ts";
