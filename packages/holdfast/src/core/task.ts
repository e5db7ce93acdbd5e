/**
 * One function that runs in a group. The object is the handle that `spawn` returns, the context that the function is given, and its place in the tree.
 *
 *   waiting ──start──▶ running ──returns──────────────▶ succeeded
 *                         ├─throws──────────────────────▶ failed
 *                         └─throws what cancelled it────▶ cancelled
 *
 * Its shape is measured, not pretty: eleven slots, all set in constructors; the function's slot takes the value when it has run (which also lets go of the
 * closure); settling is inlined in `run()`. A derived class with an async `run()` is what lets V8's own stacks and a
 * debugger see through us.
 *
 * Invariants
 * - TASK-1: the function is called exactly once.
 * - TASK-2: a promise that `join` gives settles, and with it every other of the same task.
 * - TASK-3: a promise of ours that rejects has been marked as handled in the same turn, not before: its group reports the error.
 */
import { rejecting } from "./argument.ts";
import { cancel, coldOf, echoOf, reasonOf, root, scopeOf, type Scope } from "./cancel.ts";
import { ContextScope, type Context } from "./context.ts";
import { TaskCancelledError } from "./errors.ts";
import type { Awaitable } from "./operation.ts";
import { probe } from "./probe.ts";
import type { Result } from "./result.ts";
import { markHandled, rejectedWith, Waiter } from "./sleep.ts";

export type TaskState = "waiting" | "running" | "succeeded" | "failed" | "cancelled" | "abandoned";

const STATES: readonly TaskState[] = ["waiting", "running", "succeeded", "failed", "cancelled", "abandoned"];
/** The bits of a scope that hold the index of its state. */
const STATE = 7;
const RUNNING = 1;
const SUCCEEDED = 2;
const FAILED = 3;
const CANCELLED_TASK = 4;
/** Somebody has been given the promise of `run()` itself. */
const JOINED = 256;

export interface TaskContext extends Context {
  readonly name: string;
  readonly group: TaskGroup;
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
   * @throws {GroupClosedError} after the group has closed; `run` is then never called
   * @throws {TypeError} for anything but a function, a promise above all: its work would run already, without a signal
   */
  readonly spawn: <T>(run: (context: TaskContext) => Awaitable<T>, options?: TaskOptions) => Task<T>;
  /** Aborts the signals of the group and of all below it, once, with one reason. Synchronous, idempotent; never waits; safe anywhere. `reason` becomes the `cause` of theirs. */
  readonly cancel: (reason?: unknown) => void;
}

export interface TaskOptions {
  /** In errors and to tools. Default: the function's own name, else "task" and its number. */
  readonly name?: string | undefined;
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

let lastId = 0;

/** What a task needs of its group. */
export abstract class TaskOwner extends ContextScope implements TaskGroup {
  abstract readonly size: number;
  abstract readonly spawn: TaskGroup["spawn"];
  abstract readonly cancel: TaskGroup["cancel"];
  /** A task has failed. Called before `left`. */
  abstract failed(error: unknown): void;
  /** A task has ended by a cancellation of the group or of something above it. */
  abstract echoed(): void;
  /** A task has settled. */
  abstract left(task: GroupTask<unknown>): void;
}

class Joiner<T> extends Waiter<T> {
  readonly task: GroupTask<T>;

  constructor(scope: Scope, task: GroupTask<T>) {
    super(scope);
    this.task = task;
  }

  get kind(): "join" {
    return "join";
  }

  override leave(): void {
    super.leave();
    this.task.cold?.joiners?.delete(this);
  }

  markHandled(): void {
    markHandled(this.promise);
  }
}

export class GroupTask<T> extends ContextScope implements Task<T>, TaskContext {
  declare parent: TaskOwner;
  /** The function, then the value or the error. */
  slot: unknown;
  /** The next one that waits for its start; then the promise of `run()`. */
  done: GroupTask<unknown> | Promise<T> | undefined;
  readonly id: number;
  /** Options, or nothing; then, when it has settled, the name that its function had. */
  options: TaskOptions | string | undefined;
  /** Shared by all that were started together: when. */
  batch: { readonly at: number } | undefined;

  constructor(group: TaskOwner, run: (context: never) => Awaitable<T>, options: TaskOptions | undefined) {
    super(group);
    this.slot = run;
    this.done = undefined;
    this.id = ++lastId;
    this.options = options;
    this.batch = undefined;
  }

  get name(): string {
    const { options } = this;
    const name = typeof options === "object" ? options.name : (options ?? this.functionName());
    return name || `task ${this.id}`;
  }

  get group(): TaskOwner {
    return this.parent;
  }

  get state(): TaskState {
    // Holds: only the indexes above are ever stored in these bits.
    return STATES[this.bits & STATE] as TaskState;
  }

  /** Only while the slot has the function. */
  functionName(): string {
    // Holds: until the task has settled.
    return (this.slot as { readonly name: string }).name;
  }

  /** Called once, by the group's pump. */
  begin(batch: { readonly at: number }): void {
    this.batch = batch;
    this.bits |= RUNNING;
    if (probe !== undefined) probe("start", this);
    const promise = (this.done = this.run());
    const joiners = this.cold?.joiners;
    if (joiners === undefined) return;
    // Who asked first has waited for the start, and from now on waits for the promise itself: stacks lead there. One with a signal
    // stays as it is, or it could not be cancelled any more.
    for (const joiner of joiners) {
      if (joiner.parent !== root()) continue;
      this.bits |= JOINED;
      joiner.resolve(promise);
      break;
    }
  }

  async run(): Promise<T> {
    let value: T;
    try {
      // Holds: until here the slot has the function that was spawned. Called through a variable, or it would see us as its `this`.
      const run = this.slot as (context: TaskContext) => Awaitable<T>;
      value = await run(this);
    } catch (error) {
      return this.fail(error);
    }
    this.options ??= this.functionName();
    this.slot = value;
    this.bits += SUCCEEDED - RUNNING;
    if (this.cold !== undefined) this.release();
    this.parent.left(this);
    return value;
  }

  /** Throws the error on if somebody has been given the promise of `run()`. */
  fail(error: unknown): T {
    const echo = echoOf(error, this);
    this.options ??= this.functionName();
    this.slot = echo === undefined ? error : new TaskCancelledError(this.name, error);
    this.bits += (echo === undefined ? FAILED : CANCELLED_TASK) - RUNNING;
    if (echo === undefined) this.parent.failed(error);
    // One that was cancelled alone is nobody's cancellation but its own.
    else if (echo !== this) this.parent.echoed();
    if (this.cold !== undefined) this.release();
    this.parent.left(this);
    // Holds: nobody has been given this promise, so nobody gets the missing value.
    if ((this.bits & JOINED) === 0) return undefined as T;
    // The promise rejects when this turn of run() ends; marked now, it was never pending with two reactions for anybody to see.
    markHandled(this.done as Promise<T>);
    throw this.slot;
  }

  /** Settles those who wait, and lets go of what only a running task needs. */
  release(): void {
    const cold = coldOf(this);
    cold.controller = undefined;
    for (const joiner of cold.joiners ?? []) {
      joiner.leave();
      if ((this.bits & STATE) === SUCCEEDED) joiner.resolve(this.slot);
      else {
        joiner.reject(this.slot);
        joiner.markHandled();
      }
    }
  }

  join(options?: { readonly signal?: AbortSignal | undefined }): Promise<T> {
    return rejecting(() => {
      if (options?.signal === undefined) return this.handOut();
      const scope = scopeOf(options.signal);
      const reason = reasonOf(scope);
      return reason === undefined ? this.joinUnder(scope) : rejectedWith(reason);
    });
  }

  /** One promise for each caller: a shared one would cut the stacks of all. */
  handOut(): Promise<T> {
    const state = this.bits & STATE;
    // While it runs, `done` has the promise of `run()`: undefined only during its first, synchronous steps.
    if (state !== RUNNING || (this.bits & JOINED) !== 0 || this.done === undefined) return this.joinUnder(root());
    this.bits |= JOINED;
    return this.done as Promise<T>;
  }

  joinUnder(scope: Scope): Promise<T> {
    const state = this.bits & STATE;
    // Holds: after success the slot has the value.
    if (state === SUCCEEDED) return Promise.resolve(this.slot as T);
    if (state > SUCCEEDED) return rejectedWith(this.slot);
    const joiner = new Joiner<T>(scope, this);
    (coldOf(this).joiners ??= new Set()).add(joiner);
    return joiner.wait();
  }

  async settled(options?: { readonly signal?: AbortSignal | undefined }): Promise<Result<T>> {
    try {
      return { ok: true, value: await this.join(options) };
    } catch (error) {
      const outcome = this.outcome();
      if (outcome === undefined) throw error;
      return outcome;
    }
  }

  outcome(): Result<T> | undefined {
    const state = this.bits & STATE;
    if (state < SUCCEEDED) return undefined;
    // Holds: after success the slot has the value.
    return state === SUCCEEDED ? { ok: true, value: this.slot as T } : { ok: false, error: this.slot };
  }

  cancel(reason?: unknown): void {
    cancel(this, "cancel", `task "${this.name}" was cancelled`, reason);
  }
}
