/**
 * Waiting that a signal can end. A waiter is one object: a link in the tree, the resolver of its promise and, for a sleep, the timer;
 * what a task waits for is read from its list, and costs nothing until somebody reads it.
 *
 * Invariants
 * - WAIT-1: a waiter settles once; then it is in no list, and its timer does not run.
 * - WAIT-2: a wait that rejects by cancellation had no effect.
 * - WAIT-3: a wait that was cancelled and that nobody awaits is no unhandled rejection: `const pause = sleep(…)` may be behind when another await throws.
 */
import { checkDuration, rejecting } from "./argument.ts";
import { attach, detach, Link, reasonOf, scopeOf, type Scope } from "./cancel.ts";
import { startTimer, stopTimer, type Timer, type TimerQueue } from "./clock.ts";

/** One promise that waits under a scope. */
export abstract class Waiter<T> extends Link {
  /** What it waits for, in a word. */
  abstract readonly kind: string;
  promise: Promise<T> | undefined;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;

  constructor(scope: Scope) {
    super(scope);
    this.promise = undefined;
    this.resolve = this.reject = ignore;
  }

  /** Joins its scope's list and gives the promise. Call once, while nothing above is cancelled. */
  wait(): Promise<T> {
    attach(this);
    return (this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    }));
  }

  /** Out of the list. Before the promise settles: whoever it wakes finds the tree as it is. */
  leave(): void {
    detach(this);
  }

  deliver(reason: object): void {
    this.leave();
    this.reject(reason);
    markHandled(this.promise);
  }
}

function ignore(): void {}

/**
 * For a rejection that is nobody's failure, or that somebody else reports: one that nobody awaits must not crash the process. In the turn in which
 * it rejects, never before: a second reaction on a pending promise cuts V8's async stacks.
 */
export function markHandled(promise: Promise<unknown> | undefined): void {
  promise?.then(undefined, ignore);
}

/** What a wait is that was cancelled before it began. */
export function rejectedWith(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  markHandled(promise);
  return promise;
}

class Sleeper extends Waiter<void> implements Timer {
  at: number;
  earlier: Timer | undefined;
  later: Timer | undefined;
  queue: TimerQueue | undefined;

  constructor(scope: Scope) {
    super(scope);
    this.at = 0;
    this.earlier = this.later = this.queue = undefined;
  }

  get kind(): "sleep" {
    return "sleep";
  }

  override leave(): void {
    stopTimer(this);
    detach(this);
  }

  expire(): void {
    detach(this);
    this.resolve();
  }
}

/** {@link sleep} under a scope. */
export function sleepUnder(scope: Scope, ms: number): Promise<void> {
  return rejecting(() => {
    checkDuration("sleep: ms", ms);
    const reason = reasonOf(scope);
    if (reason !== undefined) return rejectedWith(reason);
    const sleeper = new Sleeper(scope);
    startTimer(sleeper, ms);
    return sleeper.wait();
  });
}

/**
 * Resolves after `ms` milliseconds (0 to Infinity; beyond 2^31 - 1 too) or later, by the host's timers, which count whole milliseconds: less than one early at most. From a
 * macrotask. Keeps the process alive meanwhile.
 * When `signal` aborts, rejects with its reason at once; the timer is gone.
 *
 * @throws {RangeError} for a negative number or NaN (as a rejection).
 */
export function sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
  return rejecting(() => sleepUnder(scopeOf(options?.signal), ms));
}
