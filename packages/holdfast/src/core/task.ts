/**
 * What users see of tasks and groups. In one file, since each names the other.
 */
import type { Context } from "./context.ts";
import type { Awaitable } from "./operation.ts";
import type { Result } from "./result.ts";

/** Where a task is in its life. "abandoned": its group stopped waiting for it, and it may run still. */
export type TaskState = "waiting" | "running" | "succeeded" | "failed" | "cancelled" | "abandoned";

/** What a task's function is given. */
export interface TaskContext extends Context {
  readonly name: string;
  readonly group: TaskGroup;
}

/** What the function of `start` is given. */
export interface ReadyContext<T> extends TaskContext {
  /** Ends the start: `start()` resolves with `value`. Call once; a second call throws. */
  readonly ready: (value: T) => void;
}

/** A group as its body and its tasks see it. The members need no `this`. */
export interface TaskGroup {
  readonly name: string;
  /** Aborts when the group is cancelled, by whatever. Dead after the group has settled. */
  readonly signal: AbortSignal;
  readonly deadline: number;
  readonly timeLeft: number;
  readonly cancelled: boolean;
  /** Tasks that have not settled. */
  readonly size: number;
  /**
   * Registers `run` as a task of the group and starts it from a microtask, in the order of spawning, at most 256 a microtask, all before the next macrotask.
   * Once it has returned, `run` is called exactly once: in a cancelled group too, under an aborted signal, because it may own what its closure holds.
   * A synchronous throw is the task's failure.
   *
   * AsyncLocalStorage: tasks start in the context of the first spawn of the turn, those that wait for a place of `concurrency` in that of their own
   * spawn, `immediate` ones always so. Who spawns for several stores in one turn says so: `spawn(() => storage.run(store, work))`.
   *
   * @throws {GroupClosedError} after the group has closed; `run` is then never called
   * @throws {TypeError} for anything but a function, a promise above all: its work would run already, without a signal
   */
  readonly spawn: <T>(run: (context: TaskContext) => Awaitable<T>, options?: TaskOptions) => Task<T>;
  /**
   * As `spawn`, for what serves the others (a connection, a heartbeat): it does not keep the group open, is no failure when it returns early, and is cancelled after the last
   * task has settled, also when the group is cancelled: tasks can use it in their `finally`. Its failure fails the group. It takes no place of `concurrency`.
   */
  readonly spawnService: (run: (context: TaskContext) => Awaitable<unknown>, options?: TaskOptions) => Task<void>;
  /**
   * Spawns a task and waits until it says that it is ready. Rejects with what `run` threw before that, the same object (the group is then not failed), or with code ERR_NOT_READY when it ended without.
   * `signal` cancels the task as long as it is not ready, and is unlinked then; afterwards the task is like any other.
   */
  readonly start: <T = void>(
    run: (context: ReadyContext<T>) => Awaitable<unknown>,
    options?: TaskOptions & { readonly signal?: AbortSignal | undefined },
  ) => Promise<T>;
  /** Calls `cleanup` after all tasks and services have settled; the last registered first, one at a time, each even if another throws. It is shielded: its signal aborts only after `cleanupGrace`. What it throws joins the group's errors. */
  readonly defer: (cleanup: (context: Context) => Awaitable<void>) => void;
  /** Disposes of `resource` as `defer` would, by `Symbol.asyncDispose` or else `Symbol.dispose`; returns it. @throws {TypeError} when it has neither */
  readonly use: <R extends Disposable | AsyncDisposable>(resource: R) => R;
  /** Aborts the signals of the group and of all below it, once, with one reason. Synchronous, idempotent; never waits; safe anywhere. `reason` becomes the `cause` of theirs. */
  readonly cancel: (reason?: unknown) => void;
}

/** What a task is called, and how it starts and ends. */
export interface TaskOptions {
  /** In errors and to tools. Default: the function's own name, else "task" and its number. */
  readonly name?: string | undefined;
  /** Milliseconds from its start; then it is cancelled, and fails with a TimeoutError, layer "task", unless it returns all the same. Default: none. */
  readonly timeout?: number | undefined;
  /** Starts it within `spawn`, up to its first await, unless it has to wait for a place of `concurrency`. Default false. */
  readonly immediate?: boolean | undefined;
}

/** A handle on a spawned function. Not a thenable: returning it from an async function does not wait for it. */
export interface Task<out T> {
  /** Unique in the process, in the order of spawning. */
  readonly id: number;
  readonly name: string;
  readonly state: TaskState;
  /**
   * The value, or its own error, the same object; a TaskCancelledError if it was cancelled. As often as you like, before and after it has settled.
   * Its group reports a failure in any case, so a promise that you don't wait for never crashes the process.
   *
   * @param options `signal` ends the waiting, not the task
   */
  join(options?: { readonly signal?: AbortSignal | undefined }): Promise<T>;
  /** As `join`, as a Result: does not reject for the task's failure or cancellation, only by `signal`. */
  settled(options?: { readonly signal?: AbortSignal | undefined }): Promise<Result<T>>;
  /** What became of it; undefined while it has not settled. */
  outcome(): Result<T> | undefined;
  /** Aborts the signal of this task alone. Synchronous, idempotent. A task that has not started yet starts with an aborted signal: it may own something. */
  cancel(reason?: unknown): void;
}
