import { checkCount, checkDuration, checkFunction } from "./argument.ts";
import type { Task, TaskOptions } from "./task.ts";
import type { CallOptions } from "./timeout.ts";

/** How a group treats failures, time and cleanup. */
export interface GroupOptions extends CallOptions {
  /** Milliseconds from its opening; then it is cancelled, and rejects with a TimeoutError, layer "group", if that cut something short. Default: none. */
  readonly timeout?: number | undefined;
  /** Milliseconds from a cancellation until tasks that do not stop are abandoned. Default Infinity: a group abandons nothing unless told. */
  readonly grace?: number | undefined;
  /** Milliseconds for each `defer` cleanup and each `use`d resource; then its signal aborts, and being cut short by that is a failure. Default 5,000. */
  readonly cleanupGrace?: number | undefined;
  /** How many tasks run at a time: an integer from 1 up. The others wait for a place, in the order of spawning. Default Infinity. */
  readonly concurrency?: number | undefined;
  /** Default true: the first failure cancels the rest. false: all run, then all that failed is thrown. */
  readonly stopOnError?: boolean | undefined;
  /** Given: the failure of a task or service comes here, once, and does not fail the group (servers, workers). What it throws itself goes to `onLateError`. */
  readonly onTaskError?: ((error: unknown, task: Task<unknown>) => void) | undefined;
}

/** @throws {TypeError | RangeError} naming the option, the value and what it must be */
export function checkGroup(name: string, options: GroupOptions): void {
  const { timeout, grace, cleanupGrace, concurrency, onTaskError } = options;
  if (timeout !== undefined) checkDuration("timeout", timeout, 0, name);
  if (grace !== undefined) checkDuration("grace", grace, 0, name);
  if (cleanupGrace !== undefined) checkDuration("cleanupGrace", cleanupGrace, 0, name);
  if (concurrency !== undefined) checkCount("concurrency", concurrency, 1, name);
  if (onTaskError !== undefined) checkFunction("onTaskError", onTaskError, name);
}

/** As {@link checkGroup}, for a task. */
export function checkTask(options: TaskOptions | undefined): void {
  if (options?.timeout !== undefined) checkDuration("task: timeout", options.timeout);
}

/** A task in a sentence; a function may have no name. */
export function titleOf(name: string): string {
  return name === "" ? "a task without a name" : `task "${name}"`;
}
