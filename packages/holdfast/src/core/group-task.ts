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
import {
  ABANDONED,
  cancel,
  coldOf,
  echoOf,
  reasonOf,
  retire,
  root,
  SAW_SIGNAL,
  scopeOf,
  type Scope,
} from "./cancel.ts";
import { startTimer, stopTimer, type Timer, type TimerQueue } from "./clock.ts";
import { ContextScope } from "./context.ts";
import { type AbandonedTask, JoinDeadlockError, TaskCancelledError, TimeoutError } from "./errors.ts";
import { reportLateError } from "./late-error.ts";
import type { Awaitable } from "./operation.ts";
import { probe } from "./probe.ts";
import type { Result } from "./result.ts";
import { markHandled, rejectedWith, Waiter } from "./sleep.ts";
import { budgetedCallSite } from "./spawn-site.ts";
import { suppress } from "./suppressed.ts";
import { recordTask } from "./task-stack.ts";
import type { Task, TaskContext, TaskGroup, TaskOptions, TaskState } from "./task.ts";

const STATES: readonly TaskState[] = ["waiting", "running", "succeeded", "failed", "cancelled", "abandoned"];
/** The bits of a scope that hold the index of its state. */
const STATE = 7;
const WAITING = 0;
const RUNNING = 1;
const SUCCEEDED = 2;
const FAILED = 3;
const CANCELLED_TASK = 4;
const ABANDONED_TASK = 5;
/** Somebody has been given the promise of `run()` itself. */
const JOINED = 512;
/** It serves the others. */
export const SERVICE = 1024;

let lastId = 0;

/** What a task needs of its group. */
export abstract class TaskOwner extends ContextScope implements TaskGroup {
  abstract readonly size: number;
  abstract readonly spawn: TaskGroup["spawn"];
  abstract readonly spawnService: TaskGroup["spawnService"];
  abstract readonly start: TaskGroup["start"];
  abstract readonly defer: TaskGroup["defer"];
  abstract readonly use: TaskGroup["use"];
  abstract readonly cancel: TaskGroup["cancel"];
  /** How many tasks may run at a time. */
  abstract readonly concurrency: number;
  /** Milliseconds until a cancelled task is abandoned; Infinity: never. */
  abstract readonly grace: number;
  /** A task has failed. Called before `left`. */
  abstract failed(error: unknown, task: GroupTask<unknown>): void;
  /** A task has ended by a cancellation of the group or of something above it. */
  abstract echoed(): void;
  /** A task has settled, or was abandoned. */
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
  /** The first who joined, if that was before the start; then the promise of `run()`. */
  done: EarlyJoin | Promise<T> | undefined;
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
    // Holds: only an abandoned task gets another parent, and has its group there.
    return (this.cold?.owner as TaskOwner | undefined) ?? this.parent;
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
    if (typeof this.options === "object" && this.options.timeout !== undefined) this.limit(this.options.timeout);
    if (probe !== undefined) probe("start", this);
    // Holds: before the start there is no promise of `run()`.
    const early = this.done as EarlyJoin | undefined;
    const promise = (this.done = this.run());
    if (early === undefined) return;
    early.at = batch.at;
    this.batch = early;
    // Whoever asked first has waited for the start, and from now on waits for the promise itself. A then with the resolvers is what
    // stacks are followed through.
    promise.then(early.resolve, early.reject);
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
    // Nobody waits for what was abandoned.
    if ((this.bits & ABANDONED) !== 0) {
      retire(this);
      return value;
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
    if ((this.bits & ABANDONED) !== 0) {
      if (echoOf(error, this) === undefined) reportLateError(error, this.name, this.site);
      retire(this);
    } else this.settleAs(error);
    // Holds: nobody has been given this promise, so nobody gets the missing value.
    if ((this.bits & JOINED) === 0) return undefined as T;
    // The promise rejects when this turn of run() ends; marked now, it was never pending with two reactions for anybody to see.
    // One that threw at once has not come to have it: who joined early is still in its place.
    const early = this.done instanceof EarlyJoin ? this.done : this.batch;
    if (!(this.done instanceof EarlyJoin)) markHandled(this.done);
    if (early instanceof EarlyJoin) markHandled(early.promise);
    throw this.slot;
  }

  /** Failed, or cancelled: and whose cancellation it was. */
  settleAs(error: unknown): void {
    // A service is shielded from its group; if it ends by the group's cancellation all the same, that is no failure.
    let echo = echoOf(error, this) ?? ((this.bits & SERVICE) === 0 ? undefined : echoOf(error, this.parent));
    let outcome = error;
    if (echo === this && this.cold?.kind === "deadline") {
      // An abort from above goes before the task's own deadline.
      if (reasonOf(this.parent) !== undefined) echo = this.parent;
      else {
        echo = undefined;
        outcome = new TimeoutError(this.name, this.timeoutOption() ?? Infinity, "task", error);
      }
    } else if (echo === undefined && this.cold?.kind === "deadline")
      suppress(error, [new TimeoutError(this.name, this.timeoutOption() ?? Infinity, "task")], this.name);
    const isFailure = echo === undefined;
    if (isFailure) recordTask(outcome, this);
    const { name } = this;
    if (typeof this.options !== "object") this.options = name;
    this.slot = isFailure ? outcome : new TaskCancelledError(name, error);
    this.bits += (isFailure ? FAILED : CANCELLED_TASK) - RUNNING;
    if (isFailure) this.fails(outcome);
    // One that was cancelled alone is nobody's cancellation but its own; a service's is its group's own doing.
    else if (echo !== this && (this.bits & SERVICE) === 0) this.parent.echoed();
    if (this.cold !== undefined) this.release();
    this.parent.left(this);
  }

  /** Whom a failure is told. */
  fails(error: unknown): void {
    this.parent.failed(error, this);
  }

  timeoutOption(): number | undefined {
    return typeof this.options === "object" ? this.options.timeout : undefined;
  }

  limit(timeout: number): void {
    if (timeout === Infinity) return;
    const cold = coldOf(this);
    const timer = (cold.timer = new TaskTimer(this, timeout));
    startTimer(timer, timeout);
    cold.deadline = timer.at;
  }

  /** Gives up waiting for it. It stays in the tree until it ends by itself. */
  abandon(): AbandonedTask {
    this.bits += (ABANDONED_TASK - (this.bits & STATE)) | ABANDONED;
    const { name } = this;
    if (typeof this.options !== "object") this.options = name;
    this.slot = new TaskCancelledError(name, reasonOf(this));
    if (probe !== undefined) probe("abandon", this);
    coldOf(this).owner = this.parent;
    this.release();
    this.parent.left(this);
    return { task: name, spawnedAt: this.site, sawSignal: (this.bits & SAW_SIGNAL) !== 0 };
  }

  /** Settles those who wait, and lets go of what only a running task needs. */
  release(): void {
    const cold = coldOf(this);
    if ((this.bits & ABANDONED) === 0) cold.controller = undefined;
    if (cold.timer !== undefined) stopTimer(cold.timer);
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
    if (options?.signal === undefined) return this.handOut();
    return rejecting(() => {
      const scope = scopeOf(options.signal);
      const reason = reasonOf(scope);
      if (reason !== undefined) return rejectedWith(reason);
      this.checkDeadlock(scope);
      return this.joinUnder(scope);
    });
  }

  /** A task that holds a place of its group and waits for one that has none yet may wait for ever. */
  checkDeadlock(scope: Scope): void {
    if ((this.bits & STATE) !== WAITING || this.parent.concurrency === Infinity) return;
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent)
      if (at instanceof GroupTask && at.parent === this.parent && (at.bits & (STATE | SERVICE)) === RUNNING)
        throw new JoinDeadlockError(this.name, at.name, this.parent.name, this.parent.concurrency);
  }

  /** One promise for each caller: a shared one would cut the stacks of all. */
  handOut(): Promise<T> {
    const state = this.bits & STATE;
    // The promise of `run()` can't be let go when the task is abandoned.
    if (state > RUNNING || (this.bits & JOINED) !== 0 || this.parent.grace !== Infinity) return this.joinUnder(root());
    if (state === WAITING) {
      this.bits |= JOINED;
      const early = (this.done = new EarlyJoin());
      // Holds: it follows the promise of `run()`.
      return early.promise as Promise<T>;
    }
    // While it runs, `done` has the promise of `run()`: undefined only during its first, synchronous steps.
    if (this.done === undefined) return this.joinUnder(root());
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
    // Above the property, whoever calls it: a method of a prototype that is only compared needs no `this`.
    const site = budgetedCallSite(Reflect.get(GroupTask.prototype, "cancel"));
    cancel(this, "cancel", `task "${this.name}" was cancelled`, reason, site);
  }
}

/** A promise for whoever joins first, and too early to be given that of `run()`. */
class EarlyJoin {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** When the task started: it takes the place of what says so. */
  at: number;

  constructor() {
    this.promise = new Promise(capture);
    this.resolve = captured.resolve;
    this.reject = captured.reject;
    // Left there, they would hold the promise, and its outcome, until the next join.
    captured.resolve = captured.reject = ignore;
    this.at = 0;
  }
}

/** The resolvers of the promise made last. One function for all of them, since there are as many as tasks. */
const captured = { resolve: ignore as (value: unknown) => void, reject: ignore as (error: unknown) => void };

function capture(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  captured.resolve = resolve;
  captured.reject = reject;
}

function ignore(): void {}

class TaskTimer implements Timer {
  at = 0;
  earlier: Timer | undefined = undefined;
  later: Timer | undefined = undefined;
  queue: TimerQueue | undefined = undefined;
  readonly #task: Scope;
  readonly #timeout: number;

  constructor(task: Scope, timeout: number) {
    this.#task = task;
    this.#timeout = timeout;
  }

  expire(): void {
    cancel(this.#task, "deadline", `task "${this.#task.name}" reached its deadline of ${this.#timeout} ms`);
  }
}
