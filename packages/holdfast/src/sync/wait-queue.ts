/**
 * Waiting in line. Who waits is in the tree, below what was given a signal, and in one line; leaving either costs the same wherever one stands.
 *
 * Invariants
 * - LINE-1: a line is in the order of arrival; who was cancelled is in it no more when `abort()` returns, and was not served.
 * - LINE-2: serving is one synchronous step: who has been served resolves, whatever is cancelled a moment later. So nothing is handed to one who is gone.
 */
import { reasonOf, rejectedWith, rejecting, type Scope, scopeOfCall, Waiter } from "../core/lowlevel.ts";

/** What everything that waits in this folder takes. */
export interface WaitOptions {
  /** Ends the wait: it rejects with the signal's reason at once, and had no effect. */
  readonly signal?: AbortSignal | undefined;
}

/** A place in a line. */
export interface Place {
  ahead: Place | undefined;
  behind: Place | undefined;
}

/** First come, first served. */
export class WaitQueue<W extends Place> {
  first: W | undefined = undefined;
  last: W | undefined = undefined;
  size: number = 0;

  add(waiter: W): void {
    waiter.ahead = this.last;
    if (this.last === undefined) this.first = waiter;
    else this.last.behind = waiter;
    this.last = waiter;
    this.size++;
  }

  remove(waiter: W): void {
    const { ahead, behind } = waiter;
    // It has left: it was served while the cancellation that is delivered to it was under way.
    if (ahead === undefined && this.first !== waiter) return;
    // Hold, both: nothing but W has ever been added.
    if (ahead === undefined) this.first = behind as W | undefined;
    else ahead.behind = behind;
    if (behind === undefined) this.last = ahead as W | undefined;
    else behind.ahead = ahead;
    waiter.ahead = waiter.behind = undefined;
    this.size--;
  }
}

/** One whom somebody can send away. */
export interface Refusable {
  refuse(error: unknown): void;
}

/** One who stands in a line from the moment it is made until it is served, refused or cancelled. */
export class Queued<T> extends Waiter<T> implements Place, Refusable {
  /** What it waits for, in a word: "latch", "permit", "put", "get". */
  readonly kind: string;
  /** The thing itself, for tools. */
  readonly resource: object;
  readonly line: WaitQueue<Place>;
  /** All that wait by one handle or loop, where there are such. */
  readonly owner: Set<Refusable> | undefined;
  ahead: Place | undefined;
  behind: Place | undefined;

  constructor(scope: Scope, kind: string, resource: object, line: WaitQueue<Place>, owner?: Set<Refusable>) {
    super(scope);
    this.kind = kind;
    this.resource = resource;
    this.line = line;
    this.owner = owner;
    this.ahead = this.behind = undefined;
    line.add(this);
    owner?.add(this);
  }

  override leave(): void {
    this.line.remove(this);
    this.owner?.delete(this);
    super.leave();
  }

  /** Its turn has come. */
  serve(value: T): void {
    this.leave();
    this.resolve(value);
  }

  /** Its turn will not come. */
  refuse(error: unknown): void {
    this.leave();
    this.reject(error);
  }
}

/** Calls `wait` with the scope of these options, unless that is cancelled. What can't be is a rejection. */
export function waitUnder<T>(options: WaitOptions | undefined, wait: (scope: Scope) => Promise<T>): Promise<T> {
  return rejecting(() => {
    const scope = scopeOfCall(options);
    const reason = reasonOf(scope);
    return reason === undefined ? wait(scope) : rejectedWith(reason);
  });
}
