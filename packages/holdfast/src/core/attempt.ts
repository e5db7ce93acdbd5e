/**
 * The history of what was tried.
 */
import { type Attempt, registry } from "./registry.ts";

export type { Attempt };

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
