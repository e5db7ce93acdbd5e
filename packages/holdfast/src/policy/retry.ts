/**
 * Trying again.
 */
import type { Awaitable } from "../core/index.ts";
import {
  type AttemptContext,
  attemptLimits,
  budgetedCallSite,
  checkAttempts,
  checkFunction,
  type Limits,
  messageOf,
  nameOf,
  rejecting,
  type RetryOptions,
  retryUnder,
  root,
  runAttempts,
  scopeOf,
} from "../core/lowlevel.ts";

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
