/**
 * A task that others wait for to be ready: a server until it listens, a worker until it is connected.
 *
 *   starting ──ready(value)──▶ ready: from now on a task like any other
 *      ├─throws────────────────▶ start() rejects with that, and the group is not failed
 *      ├─returns───────────────▶ start() rejects with ERR_NOT_READY
 *      └─is cancelled──────────▶ start() rejects with the reason, whether it then throws that or returns; ready() comes too late
 *
 * Invariants
 * - START-1: the promise of `start` settles once; a task keeps its group open while it starts.
 * - START-2: the caller's signal cancels the task until it is ready, and not after.
 */
import { attach, cancelFor, detach, Link, reasonOf, root, type Scope } from "./cancel.ts";
import { type AbandonedTask, NotReadyError } from "./errors.ts";
import type { Awaitable } from "./operation.ts";
import { GroupTask, type TaskOwner } from "./group-task.ts";
import type { ReadyContext, TaskOptions } from "./task.ts";

/** Where the caller's cancellation reaches the task. */
class CallerLink extends Link {
  readonly #task: Scope;
  readonly #stopWaiting: (reason: object) => void;

  constructor(caller: Scope, task: Scope, stopWaiting: (reason: object) => void) {
    super(caller);
    this.#task = task;
    this.#stopWaiting = stopWaiting;
  }

  deliver(reason: object): void {
    cancelFor(this.#task, "outer", reason);
    // Its group may have been cancelled before.
    this.#stopWaiting(reason);
  }
}

export class StartTask<T> extends GroupTask<unknown> implements ReadyContext<T> {
  readonly started: Promise<T>;
  readonly #caller: CallerLink | undefined;
  #isStarting: boolean = true;
  #isReady: boolean = false;
  #resolve: (value: T) => void = ignore;
  #reject: (error: unknown) => void = ignore;

  constructor(
    owner: TaskOwner,
    run: (context: ReadyContext<T>) => Awaitable<unknown>,
    options: TaskOptions | undefined,
    caller: Scope,
  ) {
    // Holds: the context that a task passes to its function is itself.
    const inner = run as (context: unknown) => Awaitable<unknown>;
    super(
      owner,
      async (context) => {
        const value = await inner(context);
        this.#end(() => this.#reject(reasonOf(this) ?? new NotReadyError(this.name)));
        return value;
      },
      { ...options, name: options?.name ?? run.name },
    );
    this.started = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#caller = caller === root() ? undefined : new CallerLink(caller, this, (reason) => this.#stopWaiting(reason));
    if (this.#caller !== undefined) attach(this.#caller);
  }

  get ready(): (value: T) => void {
    return (value) => {
      if (this.#isReady)
        throw new Error(
          `ready() of task "${this.name}" was called twice; call it once, when others may rely on the task`,
        );
      this.#isReady = true;
      // After a start that was given up it comes too late, and does nothing: the task is cancelled, and can't serve.
      if (reasonOf(this) === undefined) this.#end(() => this.#resolve(value));
    };
  }

  #end(settle: () => void): boolean {
    if (!this.#isStarting) return false;
    this.#isStarting = false;
    if (this.#caller !== undefined) detach(this.#caller);
    settle();
    return true;
  }

  override deliver(reason: object): void {
    super.deliver(reason);
    this.#stopWaiting(reason);
  }

  /** One that waits for a place may wait for its caller's: who was told to stop does not go on waiting. */
  #stopWaiting(reason: object): void {
    if (this.state === "waiting") this.#end(() => this.#reject(reason));
  }

  override fails(error: unknown): void {
    if (!this.#end(() => this.#reject(error))) super.fails(error);
  }

  override settleAs(error: unknown): void {
    super.settleAs(error);
    // What was no failure was an echo.
    this.#end(() => this.#reject(reasonOf(this)));
  }

  override abandon(): AbandonedTask {
    this.#end(() => this.#reject(reasonOf(this)));
    return super.abandon();
  }
}

function ignore(): void {}
