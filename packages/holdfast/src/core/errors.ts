/**
 * The error classes of the core. Each has a literal `name`, a `code` to test for, and data fields; nobody has to read a message.
 * Guards look at names and codes, not at classes, so that two copies of the package and errors of another realm are recognised.
 */

import { now } from "./clock.ts";

/** What cancelled a task or group: the call, a deadline, a failed sibling, something outside, or the end of a group. */
export type CancelKind = "cancel" | "deadline" | "sibling" | "outer" | "closing";

/**
 * The reason of every signal that this library aborts. Its `name` is "AbortError", which is what the platform and other people's
 * code test for; a deadline's too, or an inner catch of timeouts would take an outer deadline for its own.
 */
export class CancelledError extends Error {
  override get name(): "AbortError" {
    return "AbortError";
  }
  readonly code = "ERR_CANCELLED" as const;
  /** What came first. Never changes, whatever happens later. */
  readonly kind: CancelKind;
  /** The name of the group or operation that was cancelled first; those below it share this object. */
  readonly group: string;
  /** Who did it: the task that failed, or one stack frame of the call of `cancel()`; undefined where that is not known. */
  readonly by: string | undefined;
  /** When, on the clock of `performance.now()`. */
  readonly at: number;

  constructor(message: string, kind: CancelKind, group: string, cause?: unknown, by?: string, at: number = now()) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.group = group;
    this.by = by;
    this.at = at;
  }
}

/** What `join()` rejects with when the task was cancelled, so that a cancelled task does not look like a cancelled caller. `cause` is the reason. */
export class TaskCancelledError extends Error {
  override get name(): "TaskCancelledError" {
    return "TaskCancelledError";
  }
  readonly code = "ERR_TASK_CANCELLED" as const;
  readonly task: string;

  constructor(task: string, cause: unknown) {
    super(`task "${task}" was cancelled`, { cause });
    this.task = task;
  }
}

/** Work that was still running when its grace was over. */
export interface AbandonedTask {
  readonly task: string;
  /** One stack frame of the caller, where it was recorded. */
  readonly spawnedAt: string | undefined;
  /** false: it never looked at its signal. The usual mistake, and the message says so. */
  readonly sawSignal: boolean;
}

/** Which limit ran out. */
export type TimeoutLayer = "timeout" | "group" | "task" | "attempt" | "total" | "item";

/** A limit of ours ran out. An ordinary error: it is a failure everywhere, never a cancellation. `cause` is what the work rejected with. */
export class TimeoutError extends Error {
  override get name(): "TimeoutError" {
    return "TimeoutError";
  }
  readonly code = "ERR_TIMEOUT" as const;
  /** The limit in milliseconds. */
  readonly timeout: number;
  readonly layer: TimeoutLayer;
  /** Work that had not stopped by the end of its grace, and goes on without an owner. */
  readonly unresponsive: readonly AbandonedTask[];

  constructor(
    name: string,
    timeout: number,
    layer: TimeoutLayer,
    cause?: unknown,
    unresponsive: readonly AbandonedTask[] = [],
  ) {
    let message = `${name} timed out after ${timeout} ms`;
    for (const { task, sawSignal } of unresponsive) {
      message += `; "${task}" is still running: `;
      message += sawSignal ? "it did not stop within its grace" : "it never looked at its signal; pass ({ signal }) on";
    }
    super(message, cause === undefined ? undefined : { cause });
    this.timeout = timeout;
    this.layer = layer;
    this.unresponsive = unresponsive;
  }
}

/** Something was given to a group that had closed. The function was not called. */
export class GroupClosedError extends Error {
  override get name(): "GroupClosedError" {
    return "GroupClosedError";
  }
  readonly code = "ERR_GROUP_CLOSED" as const;
  readonly group: string;

  /** @param deed what came too late, like `task "poll" was spawned on` */
  constructor(group: string, deed: string) {
    super(`${deed} group "${group}" after it closed; do that before the body and its tasks have ended`);
    this.group = group;
  }
}

/** A task of a limited group joined one that waits for a place in the same group: it could wait for ever. */
export class JoinDeadlockError extends Error {
  override get name(): "JoinDeadlockError" {
    return "JoinDeadlockError";
  }
  readonly code = "ERR_JOIN_DEADLOCK" as const;
  readonly task: string;
  readonly group: string;

  constructor(task: string, joiner: string, group: string, concurrency: number) {
    super(
      `task "${joiner}" holds one of the ${concurrency} places of group "${group}" and would wait for task "${task}", which has none yet; ` +
        `join it from the group's body, or spawn it in a group of its own`,
    );
    this.task = task;
    this.group = group;
  }
}

/** `start()` of a task that ended, without an error, before it called `ready`. */
export class NotReadyError extends Error {
  override get name(): "NotReadyError" {
    return "NotReadyError";
  }
  readonly code = "ERR_NOT_READY" as const;
  readonly task: string;

  constructor(task: string) {
    super(`task "${task}" ended without having called ready(); call it when others may rely on the task`);
    this.task = task;
  }
}

/** What errors of any origin may carry. Reading it from a primitive gives undefined; from null and undefined it must not be tried. */
interface ErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** The fields that matter, of whatever was thrown: of what refuses to be read (a getter that throws, a revoked proxy) none, since a failure must get through. */
export function fieldsOf(error: unknown): ErrorLike {
  if (typeof error !== "object" || error === null) return {};
  try {
    const { name, code, cause, errors } = error as ErrorLike;
    return { name, code, cause, errors };
  } catch {
    return {};
  }
}

/** Whether it is an error group of ours (any copy) or an AggregateError (any realm). A foreign class that merely has `errors` is not. */
export function isAggregate(error: unknown): error is { readonly errors: readonly unknown[] } {
  const { name, code, errors } = fieldsOf(error);
  return (
    Array.isArray(errors) &&
    (code === "ERR_ERROR_GROUP" || name === "AggregateError" || error instanceof AggregateError)
  );
}

/** Whether it is our own or the platform's TimeoutError, from whatever copy or realm. */
export function isTimeout(error: unknown): error is Error {
  return fieldsOf(error).name === "TimeoutError";
}

/** Whether it is a cancellation by its name alone: our CancelledError, or the platform's AbortError. */
export function isAbortError(error: unknown): boolean {
  return fieldsOf(error).name === "AbortError";
}

/** A chain of causes longer than this is somebody's cycle. */
const DEEPEST = 16;

/**
 * Whether `error` only reports that one of `reasons` happened: it is that reason itself, an AbortError, CancelledError or
 * TimeoutError whose causes lead to it, or an aggregate of nothing but such errors. `new Error("rollback failed", { cause: reason })` is not.
 */
export function isEchoOf(error: unknown, reasons: readonly unknown[], depth = 0): boolean {
  if (depth > DEEPEST) return false;
  if (reasons.includes(error)) return true;
  const { name, code, cause } = fieldsOf(error);
  if (name === "AbortError" || name === "CancelledError" || name === "TimeoutError" || code === "ERR_TASK_CANCELLED")
    return cause !== undefined && isEchoOf(cause, reasons, depth + 1);
  return (
    isAggregate(error) && error.errors.length > 0 && error.errors.every((inner) => isEchoOf(inner, reasons, depth + 1))
  );
}

/** What our signals abort with for a foreign reason: the reason itself where it is an object, else one CancelledError that carries it (`abort(null)`). */
export function reasonFrom(foreign: unknown, name: string): object {
  if ((typeof foreign === "object" && foreign !== null) || typeof foreign === "function") return foreign;
  return new CancelledError(`${name} was aborted`, "outer", name, foreign);
}

/**
 * Whether `error` is a cancellation and no failure. Without `signal`: by its name, "AbortError". With `signal`: only if that
 * signal is aborted and the error is its reason or was caused by it, so a request that you aborted yourself, for another cause, is none.
 */
export function isCancellation(error: unknown, signal?: AbortSignal): boolean {
  if (signal === undefined) return isAbortError(error);
  if (!signal.aborted) return false;
  const { name, cause } = fieldsOf(error);
  return isEchoOf(error, [signal.reason]) || (name === "AbortError" && cause === undefined);
}
