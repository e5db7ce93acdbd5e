import { registry } from "./registry.ts";

/** One call that failed, of work that is tried several times. */
export interface Attempt {
  /** 1 for the first call. */
  readonly attempt: number;
  readonly error: unknown;
  /** A point on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Milliseconds waited before the next call; undefined when there was none. */
  readonly delay: number | undefined;
}

/** Every failed call behind `error`, in order, as `retry` saw them; empty for an error that no retry threw. User errors are not touched: this is a WeakMap. */
export function attemptsOf(error: unknown): readonly Attempt[] {
  return (typeof error === "object" && error !== null && registry().attempts.get(error)) || [];
}

/** Remembers the history for {@link attemptsOf}; false for a primitive, which can't carry it. */
export function recordAttempts(error: unknown, attempts: readonly Attempt[]): boolean {
  if (typeof error !== "object" || error === null) return false;
  registry().attempts.set(error, attempts);
  return true;
}
