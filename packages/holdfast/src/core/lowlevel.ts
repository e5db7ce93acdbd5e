/**
 * What policies, batches, tools and test kits are made of, ours and yours; programs have no need of it. Public as `holdfast/lowlevel`,
 * like trio's `trio.lowlevel`: whatever the policies of this package do, yours can do too.
 */
export { checkCount, checkDuration, checkFunction, checkOneOf, rejecting } from "./argument.ts";
export { recordAttempts } from "./attempt.ts";
export {
  type Asker,
  attemptOnce,
  isRetryable,
  type Plan,
  retryUnder,
  runAttempts,
  TotalOperation,
} from "./attempt-loop.ts";
export {
  type AttemptContext,
  attemptLimits,
  type AttemptOptions,
  checkAttempts,
  checkItemRetry,
  type RetryBudget,
  type RetryContext,
  type RetryOptions,
} from "./attempt-options.ts";
export type { BackoffOptions, Jitter } from "./backoff.ts";
export {
  attach,
  CANCELLED,
  cancel,
  coldOf,
  echoOf,
  kidsOf,
  Link,
  reasonOf,
  retire,
  root,
  SAW_SIGNAL,
  Scope,
  scopeOf,
  SETTLED,
  SHIELDED,
  UNLISTED,
} from "./cancel.ts";
export { type Clock, now, random, setClock, startWatchdog, timeUntil } from "./clock.ts";
export { ContextScope } from "./context.ts";
export { messageOf } from "./error-group.ts";
export { fieldsOf, isAbortError } from "./errors.ts";
export { checkItems, type Lane, LaneGroup, type LaneOptions } from "./lanes.ts";
export { reportLateError } from "./late-error.ts";
export { type Limits, type Named, nameOf, Operation } from "./operation.ts";
export { type Probe, type ProbeEvent, setProbe } from "./probe.ts";
export { ownerOf, registry, type Registry, type Runtime } from "./registry.ts";
export { ScopedOptions, scopeOfCall } from "./scoped-options.ts";
export { markHandled, rejectedWith, sleepUnder, Waiter } from "./sleep.ts";
export { budgetedCallSite, callSite, limitSpawnSites } from "./spawn-site.ts";
export { suppress } from "./suppressed.ts";
export { setTaskStackListener } from "./task-stack.ts";
export { version } from "./version.ts";
export type { Withdrawable } from "./withdraw.ts";
