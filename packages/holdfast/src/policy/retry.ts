/**
 * Trying again.
 */
import { type Awaitable, type CallOptions, TimeoutError } from "../core/index.ts";
import {
  budgetedCallSite,
  checkCount,
  checkDuration,
  checkFunction,
  type Limits,
  messageOf,
  type Named,
  nameOf,
  reasonOf,
  rejecting,
  root,
  type Scope,
  scopeOf,
} from "../core/lowlevel.ts";
import { type Asker, type AttemptContext, type AttemptOptions, runAttempts, TotalOperation } from "./attempt-loop.ts";
import { checkBackoff } from "./backoff.ts";

/** How `retry` goes about it: attempts, waits, limits, and who may end it. */
export interface RetryOptions<T = unknown> extends AttemptOptions<T>, CallOptions {
  /** Milliseconds for the whole call, attempts and waits together; then a TimeoutError, layer "total", is thrown. Default: none. */
  readonly totalTimeout?: number | undefined;
}

/** Throw it to stop: `retry` throws `error` itself, and a batch or the runner takes the item for dead at once. */
export class StopRetry extends Error {
  override get name(): "StopRetry" {
    return "StopRetry";
  }
  readonly code = "ERR_STOP_RETRY" as const;

  constructor(error: unknown) {
    super(messageOf(error), { cause: error });
  }
}

const HOOKS = ["delay", "shouldRetry", "shouldRetryResult", "onFailedAttempt"] as const;

/** @throws {RangeError | TypeError} naming the option, the value and what it must be */
export function checkAttempts(name: string, options: AttemptOptions<never>): void {
  const { retries, timeout, grace } = options;
  if (retries !== undefined) checkCount("retries", retries, 0, name);
  if (timeout !== undefined) checkDuration("timeout", timeout, 0, name);
  if (grace !== undefined) checkDuration("grace", grace, 0, name);
  checkBackoff(name, options);
  for (const hook of HOOKS) if (options[hook] !== undefined) checkFunction(hook, options[hook], name);
  if (options.budget !== undefined && typeof options.budget?.withdraw !== "function")
    throw new TypeError(`${name}: budget must be what retryBudget() makes, got ${String(options.budget)}`);
}

/** The limits of one attempt, for {@link runAttempts}. */
export function attemptLimits({ timeout = Infinity, grace }: AttemptOptions<never>): Limits {
  return { timeout, layer: "attempt", grace, graceFromCancel: true };
}

const DEFAULTS: RetryOptions<never> = {};
const UNLIMITED: Limits = attemptLimits(DEFAULTS);

/**
 * Calls `run` until it succeeds, at most `retries` + 1 times, waiting between the calls (exponential backoff with full jitter). Resolves with the first value that is not refused. When the attempts are used up, or
 * `shouldRetry` says no, or `run` threw {@link StopRetry}, rejects with the last attempt's error, the same object; `attemptsOf(error)` has every attempt, of more than 100 the first ten and the last ninety.
 *
 * When `signal` aborts, a wait ends at once, the running attempt sees its own signal abort and has `grace` to stop; then it rejects with the signal's reason, and what the attempts had thrown is in `suppressedErrors` of it.
 *
 * @throws the last attempt's error
 * @throws {TimeoutError} layer "attempt" when that was the last attempt's error, layer "total" when `totalTimeout` ran out
 * @throws {RangeError | TypeError} for options that can't be
 */
export function retry<T>(
  run: (context: AttemptContext) => Awaitable<T>,
  options?: RetryOptions<NoInfer<T>>,
): Promise<T> {
  if (options === undefined && typeof run === "function") return runAttempts(run, DEFAULTS, run, UNLIMITED, root());
  return rejecting(() => {
    checkFunction("retry", run);
    const settings: RetryOptions<T> = options ?? DEFAULTS;
    checkAttempts("retry", settings);
    const site = settings.totalTimeout === undefined ? undefined : budgetedCallSite(retry);
    return retryUnder(run, settings, attemptLimits(settings), nameOf(settings, run), scopeOf(settings.signal), site);
  });
}

/** {@link retry} under a scope, with options that have been checked. */
export function retryUnder<T>(
  run: (context: AttemptContext) => Awaitable<T>,
  settings: RetryOptions<T>,
  limits: Limits,
  named: Named,
  parent: Scope,
  site: string | undefined,
): Promise<T> {
  const reason = reasonOf(parent);
  if (reason !== undefined) throw reason;
  const { totalTimeout = Infinity } = settings;
  if (totalTimeout === Infinity) return runAttempts(run, settings, named, limits, parent);
  if (typeof totalTimeout === "number" && totalTimeout <= 0)
    throw new TimeoutError(named.name || "call", totalTimeout, "total");
  checkDuration("retry: totalTimeout", totalTimeout);
  const asker: Asker = { attempts: [], startedAt: 0 };
  const total = new TotalOperation<T>(parent, named, totalTimeout, site, asker);
  return total.start(() => runAttempts(run, settings, named, limits, total, asker));
}
