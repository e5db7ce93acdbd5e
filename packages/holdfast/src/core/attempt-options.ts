/**
 * The shapes of trying again: what an attempt and the hooks are given, and the options. In one file, since they name each other.
 */
import { checkCount, checkDuration, checkFunction } from "./argument.ts";
import { type BackoffOptions, checkBackoff } from "./backoff.ts";
import type { Context } from "./context.ts";
import type { Awaitable, Limits } from "./operation.ts";
import type { Result } from "./result.ts";
import type { CallOptions } from "./timeout.ts";

/** What an attempt is given. */
export interface AttemptContext extends Context {
  /** 1 for the first call. */
  readonly attempt: number;
  readonly retriesLeft: number;
  /** What the attempt before threw; undefined for the first. */
  readonly previousError: unknown;
}

/** What the hooks are given, after an attempt that failed. */
export interface RetryContext<T> extends Context {
  readonly attempt: number;
  readonly retriesLeft: number;
  /** Milliseconds since the first attempt started. */
  readonly elapsed: number;
  /** The error, or a value that `shouldRetryResult` refused. */
  readonly result: Result<T>;
  /** The error of `result`; undefined for a refused value. */
  readonly error: unknown;
}

/** A function that is compared as a method is: options that were written for one type of value do where any is meant. A method itself can't be given as undefined. */
type Hook<A extends unknown[], R> = { call(...parameters: A): R }["call"];

/** How often, after which waits, and for which failures a call is made again. */
export interface AttemptOptions<T> extends BackoffOptions {
  /** Calls after the first, 0 to Infinity. Default 3: at most 4 calls. */
  readonly retries?: number | undefined;
  /**
   * Milliseconds before the next attempt; overrides the backoff; undefined leaves it to the backoff. Not jittered, not capped by `maxDelay`, but by `totalTimeout`.
   * {@link retryAfter} makes one of what a server said.
   */
  readonly delay?: Hook<[context: RetryContext<T>], number | undefined> | undefined;
  /** Milliseconds for each attempt; then it fails with a TimeoutError, layer "attempt", which is retried. Default: none. */
  readonly timeout?: number | undefined;
  /** Milliseconds that a cancelled attempt, or a hook, has to stop before it is abandoned. Default 1,000, or 0 if it never looked at its signal. */
  readonly grace?: number | undefined;
  /** Whether to go on. Default {@link isRetryable}. Not asked when no retry is left. If it throws, that is what is thrown, with the attempt's error in `suppressedErrors`. */
  readonly shouldRetry?: Hook<[context: RetryContext<T>], Awaitable<boolean>> | undefined;
  /** Whether a value is to be treated like a failure. When no retry is left, the value is returned all the same. */
  readonly shouldRetryResult?: Hook<[value: T, context: RetryContext<T>], boolean> | undefined;
  /** Called, and waited for, after every attempt that failed, the last one too. */
  readonly onFailedAttempt?: Hook<[context: RetryContext<T>], Awaitable<void>> | undefined;
  /** Shared with other calls, see {@link retryBudget}: a retry that it refuses is not made, as if none were left. Asked after `shouldRetry`. */
  readonly budget?: RetryBudget | undefined;
}

/** What {@link retryBudget} makes. Any object with these members will do as the `budget` of `retry`. */
export interface RetryBudget {
  /** Retries that it would let through now, 0 or more. */
  readonly available: number;
  /** Retries that it has refused so far. */
  readonly refused: number;
  /** A first attempt is made. */
  deposit(): void;
  /** Whether the call of that name may be tried again; if so, it has been counted. */
  withdraw(call: string): boolean;
}

/** How `retry` goes about it: attempts, waits, limits, and who may end it. */
export interface RetryOptions<T = unknown> extends AttemptOptions<T>, CallOptions {
  /** Milliseconds for the whole call, attempts and waits together; then a TimeoutError, layer "total", is thrown. Default: none. */
  readonly totalTimeout?: number | undefined;
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

/** As {@link checkAttempts}, for the items of `owner`, which has a signal and a name of its own. */
export function checkItemRetry(owner: string, retry: RetryOptions<never>): void {
  checkAttempts(`${owner}: retry`, retry);
  if (retry.totalTimeout !== undefined) checkDuration(`${owner}: retry: totalTimeout`, retry.totalTimeout);
  for (const option of ["signal", "name"] as const)
    if (retry[option] !== undefined)
      throw new TypeError(`${owner}: retry takes no ${option} of its own; pass ${option} to ${owner}`);
}

/** The limits of one attempt, for {@link runAttempts}. */
export function attemptLimits({ timeout = Infinity, grace }: AttemptOptions<never>): Limits {
  return { timeout, layer: "attempt", grace, graceFromCancel: true };
}
