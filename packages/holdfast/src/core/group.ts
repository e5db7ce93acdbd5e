/**
 * Task groups: what starts in a group ends in it.
 *
 *   open ──body settled──▶ draining ──last task settled──▶ closing services ──▶ cleaning up ──▶ closed
 *
 * The first failure, of a task or of the body, cancels the group; the group always waits for all. That it was cancelled is state, with a first
 * cause that never changes; what it throws is decided once, at the end, from what had failed and from what is aborted by then.
 *
 * Invariants
 * - GROUP-1: when the promise settles, every task and service has settled (or was abandoned, where a grace was given) and every cleanup has run.
 * - GROUP-2: a real error is listed once, in the order of failure; a rejection that only reports the cancellation is not listed.
 * - GROUP-3: the group keeps what runs; of what has settled it keeps nothing but the errors, and those until it has settled.
 * - GROUP-4: at most `concurrency` tasks run; those that wait are started in the order of spawning.
 * - GROUP-5: services see no cancellation before the last task has settled.
 */
import { checkFunction } from "./argument.ts";
import {
  ABANDONED,
  attach,
  cancel,
  CANCELLED,
  coldOf,
  echoOf,
  kidsOf,
  outerReasonOf,
  reasonOf,
  retire,
  SAW_SIGNAL,
  type Scope,
  scopeOf,
  SETTLED,
  SHIELDED,
} from "./cancel.ts";
import { now, startTimer, stopTimer, type Timer, type TimerQueue } from "./clock.ts";
import { Cleanups, disposerOf } from "./cleanup.ts";
import { ErrorGroup } from "./error-group.ts";
import { type AbandonedTask, GroupClosedError, TimeoutError } from "./errors.ts";
import { checkTask, type GroupOptions, titleOf } from "./group-options.ts";
import { invariant } from "./invariant.ts";
import { callHook, reportLateError } from "./late-error.ts";
import { leavable } from "./leavable.ts";
import type { Awaitable } from "./operation.ts";
import { Patience, type Waiting } from "./patience.ts";
import { probe } from "./probe.ts";
import { budgetedCallSite } from "./spawn-site.ts";
import { StartQueue } from "./start-queue.ts";
import { StartTask } from "./start.ts";
import { suppress } from "./suppressed.ts";
import { GroupTask, SERVICE, TaskOwner } from "./group-task.ts";
import type { Task, TaskContext, TaskGroup, TaskOptions } from "./task.ts";
import { reportUnresponsive } from "./unresponsive.ts";

/** In `Scope.bits`: the first cleanup has started, nothing can be spawned any more. */
const CLOSED = 512;

export class Group extends TaskOwner implements Timer, Waiting {
  readonly name: string;
  size: number;
  /** What it waits for when its body has ended: for tools, which see through it who waits for the group. */
  change: Promise<void> | undefined;
  at: number;
  earlier: Timer | undefined;
  later: Timer | undefined;
  queue: TimerQueue | undefined;
  readonly concurrency: number;
  readonly grace: number;
  readonly spawn: TaskGroup["spawn"];
  readonly cancel: TaskGroup["cancel"];
  readonly #options: GroupOptions;
  readonly #queue: StartQueue;
  #services: number;
  #isClosingServices: boolean;
  #cleanups: Cleanups | undefined;
  #errors: unknown[];
  /** Those of the errors that have an identity. */
  #known: Set<unknown> | undefined;
  /** A task or the body has ended by a cancellation of the group or of something above it. */
  #echoed: boolean;
  #wake: (() => void) | undefined;
  #isInBody: boolean;
  /** Ends the wait for a body that does not stop. */
  #leaveBody: (() => void) | undefined;
  #patience: Patience | undefined;

  constructor(parent: Scope, name: string, site: string | undefined, options: GroupOptions) {
    super(parent);
    this.name = name;
    this.size = 0;
    this.at = 0;
    this.earlier = this.later = this.queue = undefined;
    this.concurrency = options.concurrency ?? Infinity;
    this.grace = options.grace ?? Infinity;
    this.#options = options;
    this.change = this.#cleanups = this.#known = this.#wake = this.#leaveBody = this.#patience = undefined;
    this.#isClosingServices = this.#echoed = this.#isInBody = false;
    this.#services = 0;
    this.#queue = new StartQueue(this.concurrency);
    this.#errors = [];
    if (site !== undefined) coldOf(this).site = site;
    this.spawn = (run, taskOptions) => {
      checkFunction("spawn", run);
      checkTask(taskOptions);
      if ((this.bits & CLOSED) !== 0) throw this.#closed(taskOptions, run);
      return this.add(run, taskOptions, budgetedCallSite(this.spawn));
    };
    this.cancel = (reason) =>
      cancel(this, "cancel", `group "${this.name}" was cancelled`, reason, budgetedCallSite(this.cancel));
  }

  get spawnService(): TaskGroup["spawnService"] {
    const spawnService: TaskGroup["spawnService"] = (run, options) => {
      checkFunction("spawnService", run);
      checkTask(options);
      if ((this.bits & CLOSED) !== 0) throw this.#closed(options, run);
      const task = new GroupTask<unknown>(this, run, options);
      this.#enter(task, SERVICE | SHIELDED, budgetedCallSite(spawnService));
      this.#services++;
      void Promise.resolve().then(() => task.begin({ at: now() }));
      if (this.#isClosingServices) this.#close(task);
      // Holds: what a service returns is nobody's business, and the type says so.
      return task as Task<void>;
    };
    return spawnService;
  }

  get start(): TaskGroup["start"] {
    const start: TaskGroup["start"] = async (run, options) => {
      checkFunction("start", run);
      checkTask(options);
      if ((this.bits & CLOSED) !== 0) throw this.#closed(options, run);
      const caller = scopeOf(options?.signal);
      const reason = reasonOf(caller);
      if (reason !== undefined) throw reason;
      const task = new StartTask(this, run, options, caller);
      this.#enqueue(task, budgetedCallSite(start));
      return await task.started;
    };
    return start;
  }

  get defer(): TaskGroup["defer"] {
    return (cleanup) => {
      checkFunction("defer", cleanup);
      this.#cleanupsFor("a cleanup was given to").add(cleanup);
    };
  }

  get use(): TaskGroup["use"] {
    return (resource) => {
      const dispose = disposerOf(resource);
      this.#cleanupsFor("a resource was given to").add(dispose);
      return resource;
    };
  }

  #cleanupsFor(deed: string): Cleanups {
    if ((this.bits & SETTLED) !== 0) throw new GroupClosedError(this.name, deed);
    return (this.#cleanups ??= new Cleanups(this));
  }

  #closed(options: TaskOptions | undefined, run: { readonly name: string }): GroupClosedError {
    return new GroupClosedError(this.name, `${titleOf(options?.name ?? run.name)} was spawned on`);
  }

  /** {@link TaskGroup.spawn} for callers who know what they pass. */
  add<T>(
    run: (context: TaskContext) => Awaitable<T>,
    options: TaskOptions | undefined,
    site: string | undefined,
  ): Task<T> {
    const task = new GroupTask<T>(this, run, options);
    this.#enqueue(task, site);
    return task;
  }

  #enter(task: GroupTask<unknown>, bits: number, site: string | undefined): void {
    task.bits |= bits;
    if (site !== undefined) coldOf(task).site = site;
    attach(task);
    if (probe !== undefined) probe("spawn", task);
  }

  #enqueue<T>(task: GroupTask<T>, site: string | undefined): void {
    // Holds: whoever starts it does not mind what it returns.
    const waiting = task as GroupTask<unknown>;
    this.#enter(waiting, 0, site);
    this.size++;
    if ((this.bits & CANCELLED) !== 0) this.#wait(false);
    this.#queue.push(waiting);
  }

  failed(error: unknown, task?: GroupTask<unknown>): void {
    const { onTaskError, stopOnError = true } = this.#options;
    if (task !== undefined && onTaskError !== undefined) {
      callHook(() => onTaskError(error, task), `${this.name}: onTaskError`);
      return;
    }
    this.#note(error);
    if (task !== undefined && probe !== undefined) probe("fail", task);
    if (!stopOnError) return;
    const who = task === undefined ? "its body" : `task "${task.name}"`;
    cancel(this, "sibling", `group "${this.name}" was cancelled because ${who} failed`, error, who);
  }

  #note(error: unknown): void {
    if ((typeof error === "object" && error !== null) || typeof error === "function") {
      this.#known ??= new Set();
      if (this.#known.has(error)) return;
      this.#known.add(error);
    }
    this.#errors.push(error);
  }

  echoed(): void {
    this.#echoed = true;
  }

  left(task: GroupTask<unknown>): void {
    if (probe !== undefined) probe("settle", task);
    // One that was abandoned stays where a tool finds it.
    if ((task.bits & ABANDONED) === 0) retire(task);
    if ((task.bits & SERVICE) === 0) {
      this.#queue.freed();
      if (--this.size === 0) this.#wake?.();
    } else if (--this.#services === 0) this.#wake?.();
  }

  /** Own cancellation, or one from above. */
  override deliver(reason: object): void {
    super.deliver(reason);
    stopTimer(this);
    // Told only now, although services may have been before: a grace counts from here.
    this.#wait(this.grace !== Infinity);
  }

  /** The deadline. */
  expire(): void {
    cancel(this, "deadline", `group "${this.name}" reached its deadline of ${this.#options.timeout} ms`);
  }

  /** Somebody was told to stop: from now on it is a matter of patience. Cleanups have a limit of their own. */
  #wait(again: boolean): void {
    if ((this.bits & CLOSED) !== 0 || !(this.size > 0 || this.#isInBody || this.#isClosingServices)) return;
    (this.#patience ??= new Patience(this, this.grace)).begin(again);
  }

  /** The tasks and services that have not settled. */
  #remaining(): GroupTask<unknown>[] {
    const tasks = kidsOf(this).filter((kid) => kid instanceof GroupTask);
    return tasks.filter(({ state }) => state === "running" || state === "waiting");
  }

  /** Those that run although the group told them to stop. Neither services that still serve, nor tasks that wait for a place, or that were cancelled alone. */
  #stubborn(): GroupTask<unknown>[] {
    const isCancelled = reasonOf(this) !== undefined;
    return this.#remaining().filter(
      (task) =>
        task.state === "running" && (isCancelled || (task.bits & SERVICE) !== 0) && reasonOf(task) !== undefined,
    );
  }

  report(ms: number): boolean {
    const stubborn = this.#stubborn();
    if (stubborn.length === 0 && !this.#isInBody) return false;
    const isCancelled = reasonOf(this) !== undefined;
    const what = isCancelled ? `was cancelled ${ms} ms ago` : `has been closing its services for ${ms} ms`;
    reportUnresponsive(this, stubborn, what);
    return true;
  }

  abandonAll(): void {
    const abandoned: AbandonedTask[] = [];
    for (const task of this.#stubborn()) {
      if ((task.bits & SERVICE) === 0) this.#echoed = true;
      abandoned.push(task.abandon());
    }
    if (abandoned.length > 0) (coldOf(this).unresponsive ??= []).push(...abandoned);
    if (abandoned.length > 0 && this.#isInBody) this.#patience?.beginWithBody();
    else this.leaveBody();
  }

  leaveBody(): void {
    this.#leaveBody?.();
    // Those that waited for a place have one now, and the grace anew: they are called in any case. One that a service has spawned
    // while it closed was not told to stop.
    if (this.size > 0 && reasonOf(this) !== undefined) this.#wait(true);
  }

  /** Opens the group: from here on it is in the tree, and its time runs. */
  open(): void {
    // Before it is attached: what is above may have settled, and keeps its reason to itself.
    const reason = reasonOf(this.parent);
    attach(this);
    const { timeout = Infinity } = this.#options;
    if (timeout !== Infinity) {
      startTimer(this, timeout);
      coldOf(this).deadline = this.at;
    }
    if (probe !== undefined) probe("open", this);
    if (reason !== undefined) this.deliver(reason);
  }

  /** Runs the body and waits for all. Call once. */
  async run<T>(body: (group: TaskGroup) => Awaitable<T>): Promise<T> {
    this.open();
    let value: T | undefined;
    let hasReturned = false;
    this.#isInBody = true;
    try {
      value = await (this.grace === Infinity ? body(this) : this.#leavable(body));
      hasReturned = true;
    } catch (error) {
      if (echoOf(error, this) === undefined) this.failed(error);
      else this.#echoed = true;
    }
    this.#isInBody = false;
    await this.finish();
    this.throwIfFailed(hasReturned);
    // Holds: the body has returned, or one of the errors above was thrown.
    return value as T;
  }

  /** The body, as long as it is worth waiting for. */
  #leavable<T>(body: (group: TaskGroup) => Awaitable<T>): Promise<T> {
    const name = `body of ${this.name}`;
    const { promise, leave } = leavable(
      () => body(this),
      (error) => {
        if (echoOf(error, this) === undefined) reportLateError(error, name, this.site);
      },
    );
    this.#leaveBody = () => {
      if (!leave(reasonOf(this))) return;
      const sawSignal = (this.bits & SAW_SIGNAL) !== 0;
      (coldOf(this).unresponsive ??= []).push({ task: name, spawnedAt: this.site, sawSignal });
    };
    return promise;
  }

  /** Waits for the tasks, then for the services, runs the cleanups, and leaves the tree. Call once. */
  async finish(): Promise<void> {
    for (;;) {
      while (this.size > 0) await this.#change();
      if (this.#services === 0) break;
      this.#isClosingServices = true;
      for (const task of this.#remaining()) if ((task.bits & SERVICE) !== 0) this.#close(task);
      await this.#change();
    }
    this.bits |= CLOSED;
    stopTimer(this);
    if (this.#patience !== undefined) stopTimer(this.#patience);
    // Again until there is none in the very turn in which the group settles: what `defer` took, runs.
    while (this.#cleanups?.isEmpty === false)
      await this.#cleanups.run(this.#options.cleanupGrace, (error) => this.#note(error));
    invariant(this.size === 0 && this.#services === 0, "GROUP-1");
    retire(this);
    if (probe !== undefined) probe("close", this);
  }

  #change(): Promise<void> {
    return (this.change = new Promise((resolve) => void (this.#wake = resolve)));
  }

  #close(service: GroupTask<unknown>): void {
    cancel(service, "closing", `service "${service.name}" was cancelled because group "${this.name}" closes`);
    // Told only now: a grace counts from here. A report does not.
    this.#wait(this.grace !== Infinity);
  }

  /** What became of it, by precedence: real errors, an abort from outside, its deadline, its own cancellation. If nothing rejected, the value stands. */
  throwIfFailed(hasReturned: boolean): void {
    const errors = this.#errors;
    // Whoever keeps a handle of a task keeps its group, and shall not keep all errors with it.
    this.#errors = [];
    this.#known = undefined;
    const { timeout = Infinity } = this.#options;
    const unresponsive = this.cold?.unresponsive;
    const isExpired = this.cold?.kind === "deadline";
    const title = `group "${this.name}"`;
    const expired = isExpired ? new TimeoutError(title, timeout, "group", undefined, unresponsive) : undefined;
    let thrown: { readonly error: unknown } | undefined;
    if (errors.length > 0) thrown = { error: this.combine(errors) };
    else if (this.#echoed) {
      const reason = outerReasonOf(this) ?? expired ?? (hasReturned ? undefined : this.ownReason());
      if (reason !== undefined) thrown = { error: reason };
    }
    // A deadline that lost against another error, and who was abandoned, are told in any case: beside the error, or as a late one.
    if (thrown === undefined || thrown.error !== expired) {
      const abandoned = unresponsive && new TimeoutError(title, this.grace, "group", this.ownReason(), unresponsive);
      const untold = (thrown === undefined ? undefined : expired) ?? abandoned;
      if (untold !== undefined) suppress(thrown?.error, [untold], this.name);
    }
    if (thrown !== undefined) throw thrown.error;
  }

  /** One error for all of them. */
  combine(errors: readonly unknown[]): unknown {
    return new ErrorGroup(errors);
  }
}
