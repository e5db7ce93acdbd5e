/**
 * Task groups: what starts in a group ends in it.
 *
 *   open ──body settled──▶ draining ──last task settled──▶ closed
 *
 * The first failure, of a task or of the body, cancels the group; the group always waits for all. That it was cancelled is state, with a first
 * cause that never changes; what it throws is decided once, at the end, from what had failed and from what is aborted by then.
 *
 * Invariants
 * - GROUP-1: when the promise settles, every task has settled.
 * - GROUP-2: a real error is listed once, in the order of failure; a rejection that only reports the cancellation is not listed.
 * - GROUP-3: the group keeps what runs; of what has settled it keeps nothing but the errors.
 */
import { checkFunction, rejecting } from "./argument.ts";
import {
  attach,
  cancel,
  coldOf,
  echoOf,
  outerReasonOf,
  reasonOf,
  retire,
  scopeOf,
  SETTLED,
  type Scope,
} from "./cancel.ts";
import { now } from "./clock.ts";
import { ErrorGroup } from "./error-group.ts";
import { GroupClosedError } from "./errors.ts";
import type { Awaitable } from "./operation.ts";
import { probe } from "./probe.ts";
import { budgetedCallSite, callSite, refillSpawnSites } from "./spawn-site.ts";
import { GroupTask, TaskOwner, type Task, type TaskContext, type TaskGroup, type TaskOptions } from "./task.ts";
import type { CallOptions } from "./timeout.ts";

export type GroupOptions = CallOptions;

/** Tasks started in one microtask: so many die young, before the next are made. Measured: half the time for each. */
const CHUNK = 256;

export class Group extends TaskOwner {
  readonly name: string;
  size: number;
  readonly spawn: TaskGroup["spawn"];
  readonly cancel: TaskGroup["cancel"];
  /** Tasks that wait for their start, linked by `done`. */
  #first: GroupTask<unknown> | undefined;
  #last: GroupTask<unknown> | undefined;
  #pumping: boolean;
  #errors: unknown[];
  /** Those of the errors that have an identity. */
  #known: Set<unknown> | undefined;
  /** A task or the body has ended by a cancellation of the group or of something above it. */
  #echoed: boolean;
  #wake: (() => void) | undefined;
  readonly #stopOnError: boolean;

  constructor(parent: Scope, name: string, site: string | undefined, stopOnError: boolean) {
    super(parent);
    this.name = name;
    this.size = 0;
    this.#first = this.#last = this.#known = this.#wake = undefined;
    this.#pumping = this.#echoed = false;
    this.#errors = [];
    this.#stopOnError = stopOnError;
    if (site !== undefined) coldOf(this).site = site;
    this.spawn = (run, options) => {
      checkFunction("spawn", run);
      if ((this.bits & SETTLED) !== 0) throw new GroupClosedError(this.name, options?.name ?? run.name);
      return this.add(run, options, budgetedCallSite(this.spawn));
    };
    this.cancel = (reason) => cancel(this, "cancel", `group "${this.name}" was cancelled`, reason);
  }

  /** {@link TaskGroup.spawn} for callers who know what they pass. */
  add<T>(
    run: (context: TaskContext) => Awaitable<T>,
    options: TaskOptions | undefined,
    site: string | undefined,
  ): Task<T> {
    const task = new GroupTask<T>(this, run, options);
    if (site !== undefined) coldOf(task).site = site;
    attach(task);
    this.size++;
    if (probe !== undefined) probe("spawn", task);
    // Holds: the list only starts them, whatever they return.
    const waiting = task as GroupTask<unknown>;
    if (this.#last === undefined) this.#first = waiting;
    else this.#last.done = waiting;
    this.#last = waiting;
    if (!this.#pumping) {
      this.#pumping = true;
      void Promise.resolve().then(this.#pump);
    }
    return task;
  }

  readonly #pump = (): void => {
    const batch = { at: now() };
    refillSpawnSites(batch.at);
    let task = this.#first;
    for (let count = 0; task !== undefined && count < CHUNK; count++) {
      // Holds: a task that waits has its successor there, or nothing. Taken out first: it may spawn.
      this.#first = task.done as GroupTask<unknown> | undefined;
      if (this.#first === undefined) this.#last = undefined;
      task.done = undefined;
      task.begin(batch);
      task = this.#first;
    }
    this.#pumping = task !== undefined;
    if (this.#pumping) void Promise.resolve().then(this.#pump);
  };

  failed(error: unknown): void {
    if ((typeof error === "object" && error !== null) || typeof error === "function") {
      this.#known ??= new Set();
      if (this.#known.has(error)) return;
      this.#known.add(error);
    }
    this.#errors.push(error);
    if (this.#stopOnError)
      cancel(this, "sibling", `group "${this.name}" was cancelled because something in it failed`, error);
  }

  echoed(): void {
    this.#echoed = true;
  }

  left(task: GroupTask<unknown>): void {
    if (probe !== undefined) probe("settle", task);
    retire(task);
    if (--this.size === 0) this.#wake?.();
  }

  /** Runs the body and waits for all. Call once. */
  async run<T>(body: (group: TaskGroup) => Awaitable<T>): Promise<T> {
    attach(this);
    if (probe !== undefined) probe("open", this);
    let value: T | undefined;
    let returned = false;
    try {
      value = await body(this);
      returned = true;
    } catch (error) {
      if (echoOf(error, this) === undefined) this.failed(error);
      else this.#echoed = true;
    }
    while (this.size > 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    retire(this);
    if (probe !== undefined) probe("close", this);
    this.#throwIfFailed(returned);
    // Holds: the body has returned, or one of the errors above was thrown.
    return value as T;
  }

  /** What became of it, by precedence: real errors, an abort from outside, its own cancellation. If nothing rejected, the value stands. */
  #throwIfFailed(returned: boolean): void {
    if (this.#errors.length > 0) {
      const error = this.combine(this.#errors);
      // Whoever keeps a handle of a task keeps its group, and shall not keep all errors with it.
      this.#errors = [];
      this.#known = undefined;
      throw error;
    }
    if (!this.#echoed) return;
    const outer = outerReasonOf(this);
    if (outer !== undefined) throw outer;
    if (!returned) throw this.ownReason();
  }

  /** One error for all of them. */
  combine(errors: readonly unknown[]): unknown {
    return new ErrorGroup(errors);
  }
}

/**
 * Calls `body` with a new group and settles when the body and every task that was spawned in the group have settled; never earlier, not even when cancelled.
 * The first failure, of a task or of the body, cancels the group: all signals abort, once, and the group waits for all.
 *
 * Resolves with what the body returned. After the group's own `cancel()` too, if the body returned; a body that was cut short by it rejects with the CancelledError.
 *
 * @param options `signal` cancels the group; under one that is aborted already, the body is not called. `name` is for errors and tools (default: the body's name).
 * @throws {ErrorGroup} when a task or the body failed: for one error as for many. Errors in the order of failure, each object once.
 * @throws the reason of `options.signal`, when that cut something short and nothing failed
 * @throws {TypeError} when `body` is no function
 * @see Nathaniel J. Smith, "Notes on structured concurrency, or: Go statement considered harmful" (2018); trio's nurseries
 */
export function taskGroup<T>(body: (group: TaskGroup) => Awaitable<T>, options?: GroupOptions): Promise<T> {
  // Here, and not further in: JavaScriptCore has forgotten a frame that is in tail position.
  const site = callSite(taskGroup);
  return rejecting(() => {
    checkFunction("taskGroup", body);
    const parent = scopeOf(options?.signal);
    const reason = reasonOf(parent);
    if (reason !== undefined) throw reason;
    return new Group(parent, options?.name ?? (body.name || "group"), site, true).run(body);
  });
}
