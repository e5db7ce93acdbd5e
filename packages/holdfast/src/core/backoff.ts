/**
 * How long to wait before the next attempt.
 *
 * @see Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): full jitter needs the fewest calls.
 */
import { checkDuration, checkOneOf } from "./argument.ts";
import { random } from "./clock.ts";

/** How a wait is drawn at random, so that clients that failed together do not come back together. */
export type Jitter = "full" | "equal" | "decorrelated" | "none";

/** How the waits between attempts grow. */
export interface BackoffOptions {
  /** Milliseconds: upper bound of the first delay (jitter "full" draws from 0 up to it). Default 200. */
  readonly baseDelay?: number | undefined;
  /** Milliseconds: no delay is longer. Default 30,000. */
  readonly maxDelay?: number | undefined;
  /** Each delay's bound is this many times the one before. At least 1; default 2. */
  readonly factor?: number | undefined;
  /**
   * "full" (default): from 0 to the bound. "equal": from half of it. "decorrelated": from `baseDelay` to three times
   * the delay before. "none": the bound itself.
   */
  readonly jitter?: Jitter | undefined;
}

const JITTERS: readonly Jitter[] = ["full", "equal", "decorrelated", "none"];

/** @throws {RangeError | TypeError} naming the option, the value and what it must be */
export function checkBackoff(name: string, { baseDelay, maxDelay, factor, jitter }: BackoffOptions): void {
  if (baseDelay !== undefined) checkDuration("baseDelay", baseDelay, 0, name);
  if (maxDelay !== undefined) checkDuration("maxDelay", maxDelay, 0, name);
  if (factor !== undefined && !(factor >= 1))
    throw new RangeError(`${name}: factor must be a number >= 1, got ${String(factor)}`);
  checkOneOf("jitter", jitter, JITTERS, name);
}

/** Milliseconds before the call after the `attempt`-th (1 is the first). `previous` is the delay before; only "decorrelated" asks for it. */
export function backoffDelay(options: BackoffOptions, attempt: number, previous: number | undefined): number {
  const { baseDelay = 200, maxDelay = 30_000, factor = 2, jitter = "full" } = options;
  if (jitter === "decorrelated")
    return Math.min(maxDelay, baseDelay + random() * Math.max(0, (previous ?? baseDelay) * 3 - baseDelay));
  // 0 times the Infinity that a large power is would be NaN.
  const bound = baseDelay === 0 ? 0 : Math.min(maxDelay, baseDelay * factor ** (attempt - 1));
  if (jitter === "none") return bound;
  return jitter === "equal" ? bound / 2 + (random() * bound) / 2 : random() * bound;
}
