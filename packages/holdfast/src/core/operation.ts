/**
 * One call of a user's function that can be limited in time, cancelled, and, when it does not stop, abandoned. `timeout`, `settle`,
 * the attempts of `retry`, and items with a limit of their own are each an operation.
 *
 *   running ──settles──────────────────────────────▶ settled
 *      └─deadline, or cancel─▶ stopping ──settles──▶ settled
 *                                 └─grace is over──▶ abandoned ──settles──▶ gone (its error: onLateError)
 *
 * Invariants
 * - OPERATION-1: the promise settles exactly once: with the function's outcome, or, at the latest, when its grace is over.
 * - OPERATION-2: if the function returned a value before it was abandoned, that value is the outcome, whatever was cancelled meanwhile.
 * - OPERATION-3: when the function has settled, the operation is in no list, and has no timer.
 */
import {
  ABANDONED,
  attach,
  cancel,
  coldOf,
  echoOf,
  kidsOf,
  outerReasonOf,
  retire,
  SAW_SIGNAL,
  Scope,
  SETTLED,
  STOPPING,
} from "./cancel.ts";
import { startTimer, stopTimer, type Timer, type TimerQueue } from "./clock.ts";
import { ContextScope, type Context } from "./context.ts";
import { TimeoutError, type TimeoutLayer } from "./errors.ts";
import { reportLateError } from "./late-error.ts";
import { probe } from "./probe.ts";
import { refillSpawnSites } from "./spawn-site.ts";
import { suppress, suppressedErrors } from "./suppressed.ts";

/** A value, or a promise of one: what an async function and a plain one return. */
export type Awaitable<T> = T | PromiseLike<T>;
/** A function of yours: it is given one context, and returns a value or a promise. */
export type Run<T> = (context: Context) => Awaitable<T>;

/** What work that looked at its signal gets to stop; what never looked can't stop, and gets none. */
const DEFAULT_GRACE = 1000;

/** What has a name, mostly a function: reading that is slow, so it is left until somebody asks. */
export interface Named {
  readonly name: string;
}

/** The name that options give, or else the function's own. */
export function nameOf(options: { readonly name?: string | undefined } | undefined, run: Named): Named {
  return options?.name === undefined ? run : { name: options.name };
}

export interface Limits {
  /** Milliseconds from now; Infinity for none. */
  readonly timeout: number;
  readonly layer: TimeoutLayer;
  /** Milliseconds from the cancellation until it is abandoned; undefined: 1,000, or 0 for work that never looked at its signal. */
  readonly grace: number | undefined;
  /** Whether the grace of a cancellation from above counts from that; else from the deadline, whatever came first. */
  readonly graceFromCancel: boolean;
}

export class Operation<T> extends ContextScope implements Timer {
  at: number;
  earlier: Timer | undefined;
  later: Timer | undefined;
  queue: TimerQueue | undefined;
  /** Its own deadline; `at` moves on to the end of the grace. */
  until: number;
  readonly named: Named;
  readonly limits: Limits;
  reject: (error: unknown) => void;
  /** The error that says so, once it has been made. */
  expired: TimeoutError | undefined;

  constructor(parent: Scope, named: Named, limits: Limits, site: string | undefined) {
    super(parent);
    this.at = 0;
    this.earlier = this.later = this.queue = undefined;
    this.until = Infinity;
    this.named = named;
    this.limits = limits;
    this.reject = ignore;
    this.expired = undefined;
    if (site !== undefined) coldOf(this).site = site;
  }

  override get name(): string {
    return this.named.name || "call";
  }

  override ownDeadline(): number {
    return this.until;
  }

  /** Calls `run` now. Call once, while nothing above is cancelled. */
  start(run: (context: Context) => Awaitable<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.reject = reject;
      attach(this);
      const { timeout } = this.limits;
      if (timeout !== Infinity) {
        startTimer(this, timeout);
        this.until = this.at;
        refillSpawnSites(this.at - timeout);
      }
      // A then with exactly these two: V8 follows it, so a stack from inside still shows who waits for us.
      this.run(run).then(resolve, reject);
    });
  }

  async run(run: (context: Context) => Awaitable<T>): Promise<T> {
    try {
      const value = await run(this);
      this.leave();
      return value;
    } catch (error) {
      this.leave();
      throw this.verdict(error);
    }
  }

  leave(): void {
    stopTimer(this);
    retire(this);
  }

  /** What the caller gets to see for a rejection. */
  verdict(error: unknown): unknown {
    if (echoOf(error, this) !== undefined) return this.cancellation(error);
    if ((this.bits & ABANDONED) !== 0) reportLateError(error, this.name, this.site);
    else if (this.cold?.kind === "deadline") suppress(error, [this.timedOut()], this.name);
    return error;
  }

  /** An outer abort goes before the own deadline. */
  cancellation(cause?: unknown): unknown {
    const outer = outerReasonOf(this);
    if (outer === undefined) return this.timedOut(cause);
    // What calls inside had failed with may be with a cancellation of their own.
    if (cause !== outer) suppress(outer, suppressedErrors(cause), this.name);
    return outer;
  }

  timedOut(cause?: unknown): TimeoutError {
    const { timeout, layer } = this.limits;
    const error = (this.expired = new TimeoutError(this.name, timeout, layer, cause, this.cold?.unresponsive));
    // What calls inside had failed with before they were cut short came with the cancellation, which only this error has.
    suppress(error, suppressedErrors(cause), this.name);
    return error;
  }

  /** The deadline, or the end of the grace. */
  expire(): void {
    if ((this.bits & STOPPING) === 0) {
      cancel(this, "deadline", `${this.name} reached its deadline of ${this.limits.timeout} ms`);
      if ((this.bits & STOPPING) === 0) this.stop();
      return;
    }
    this.bits |= ABANDONED;
    if (probe !== undefined) probe("abandon", this);
    const abandoned = { task: this.name, spawnedAt: this.site, sawSignal: sawSignal(this) };
    // An attempt that the limit of all attempts cut short belongs in that limit's error.
    for (let at: Scope = this; at instanceof Operation; at = at.parent)
      (coldOf(at).unresponsive ??= []).push(abandoned);
    this.reject(this.cancellation(this.ownReason()));
  }

  override deliver(reason: object): void {
    super.deliver(reason);
    if (this.limits.graceFromCancel && (this.bits & (STOPPING | SETTLED)) === 0) this.stop();
  }

  /** Starts the grace. */
  stop(): void {
    this.bits |= STOPPING;
    stopTimer(this);
    const grace = this.limits.grace ?? (sawSignal(this) ? DEFAULT_GRACE : 0);
    // Even for 0 by a timer: work that has just finished gets the turn to say so.
    if (grace !== Infinity) startTimer(this, grace);
  }
}

function ignore(): void {}

/** Whether the work has looked at its cancellation, itself or in an attempt or lane below. */
function sawSignal(scope: Scope): boolean {
  if ((scope.bits & SAW_SIGNAL) !== 0) return true;
  return kidsOf(scope).some((kid) => kid instanceof Scope && (kid.bits & SAW_SIGNAL) !== 0);
}
