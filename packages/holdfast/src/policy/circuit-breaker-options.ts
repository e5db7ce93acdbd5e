/**
 * What a circuit breaker is told, and what that means.
 */
import { checkDuration, checkFunction } from "../core/lowlevel.ts";
import type { CircuitEvent } from "./circuit-breaker-event.ts";
import { CallWindow, type CircuitWindow, TimeWindow } from "./circuit-window.ts";
import { checkInteger, checkPeriod, checkRatio } from "./policy-argument.ts";
import type { PolicyOptions } from "./policy-states.ts";

/** When a circuit opens, for how long, and what closes it. At least one of `failureRatio`, `consecutiveFailures` and `slowCall` is needed. */
export interface CircuitBreakerOptions extends PolicyOptions<CircuitEvent> {
  /** Opens when at least this part of the calls in the window has failed: more than 0, at most 1. */
  readonly failureRatio?: number | undefined;
  /** Opens after so many failures without a success between them: the same as `failureRatio: 1` of a window of so many calls. It takes the place of `failureRatio`, `window` and `minimumCalls`. */
  readonly consecutiveFailures?: number | undefined;
  /** Opens when at least `ratio` of the calls in the window took `ms` milliseconds or more, whatever became of them. */
  readonly slowCall?: { readonly ms: number; readonly ratio: number } | undefined;
  /** Which calls are looked at: the last `calls`, or those that ended in the last `ms` milliseconds (in ten steps, so for nine to ten tenths of it). Default: 30,000 ms. */
  readonly window?: { readonly calls: number } | { readonly ms: number } | undefined;
  /** Never opens before so many calls are in the window. Default 10, or as many as a window of fewer calls holds. */
  readonly minimumCalls?: number | undefined;
  /** Milliseconds for which an open circuit refuses everything, at least 1; then it is half-open. Infinity: until `close()`. */
  readonly openFor: number;
  /** So many calls are let through while it is half-open, at the same time if they come so. It closes when all of them have succeeded. Default 1. */
  readonly probes?: number | undefined;
  /**
   * Whether an error is a failure of what is called; else the call counts as a success. Default: every error is. Not asked about cancellations and about refusals of this package's
   * policies: they say nothing of what is called, and count as nothing. Throws: a failure.
   */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
  /** Whether a value is a failure, though the caller gets it all the same. Default: no value is. */
  readonly isFailureResult?: ((value: unknown) => boolean) | undefined;
}

/** The options with everything filled in. */
export interface CircuitRules {
  readonly failureRatio: number;
  readonly slow: { readonly ms: number; readonly ratio: number };
  readonly minimumCalls: number;
  readonly openFor: number;
  readonly probes: number;
  readonly isFailure: (error: unknown) => boolean;
  readonly isFailureResult: (value: unknown) => boolean;
  readonly makeWindow: () => CircuitWindow;
}

const OWNER = "circuitBreaker";

/** What no ratio reaches. */
const NEVER: { readonly ms: number; readonly ratio: number } = { ms: Infinity, ratio: Infinity };

/** @throws {RangeError | TypeError} naming the option, the value and what it must be */
export function rulesOf(options: CircuitBreakerOptions): CircuitRules {
  const { failureRatio, consecutiveFailures, slowCall, minimumCalls, window, openFor, probes = 1 } = options;
  const { isFailure = (): boolean => true, isFailureResult = (): boolean => false } = options;
  checkDuration("openFor", openFor, 1, OWNER);
  checkInteger(OWNER, "probes", probes);
  checkFunction("isFailure", isFailure, OWNER);
  checkFunction("isFailureResult", isFailureResult, OWNER);
  if (slowCall !== undefined) {
    checkDuration("slowCall.ms", slowCall.ms, 0, OWNER);
    checkRatio(OWNER, "slowCall.ratio", slowCall.ratio);
  }
  const rest = { slow: slowCall ?? NEVER, openFor, probes, isFailure, isFailureResult };
  if (consecutiveFailures !== undefined) {
    checkInteger(OWNER, "consecutiveFailures", consecutiveFailures);
    for (const other of ["failureRatio", "window", "minimumCalls"] as const)
      if (options[other] !== undefined)
        throw new TypeError(`${OWNER}: consecutiveFailures takes the place of ${other}; give one of them`);
    return {
      ...rest,
      failureRatio: 1,
      minimumCalls: consecutiveFailures,
      makeWindow: () => new CallWindow(consecutiveFailures),
    };
  }
  if (failureRatio !== undefined) checkRatio(OWNER, "failureRatio", failureRatio);
  else if (slowCall === undefined)
    throw new TypeError(`${OWNER}: nothing would ever open it; give failureRatio, consecutiveFailures or slowCall`);
  const { most, makeWindow } = windowOf(window ?? { ms: 30_000 });
  const least = minimumCalls ?? Math.min(10, most);
  checkInteger(OWNER, "minimumCalls", least);
  if (least > most)
    throw new RangeError(
      `${OWNER}: minimumCalls must be at most the ${most} calls of the window, got ${least}; else it never opens`,
    );
  return { ...rest, failureRatio: failureRatio ?? Infinity, minimumCalls: least, makeWindow };
}

/** Windows, and the most calls that are ever in one. */
function windowOf(window: { readonly calls?: unknown; readonly ms?: unknown }): {
  most: number;
  makeWindow: () => CircuitWindow;
} {
  const { calls, ms } = window;
  if ((calls === undefined) === (ms === undefined))
    throw new TypeError(
      `${OWNER}: window must be { calls } or { ms }, got ${calls === undefined ? "neither" : "both"}`,
    );
  if (ms === undefined) {
    checkInteger(OWNER, "window.calls", calls);
    return { most: calls, makeWindow: () => new CallWindow(calls) };
  }
  checkPeriod(OWNER, "window.ms", ms);
  return { most: Infinity, makeWindow: () => new TimeWindow(ms) };
}
