/**
 * Reading item after item: what `for await` over a queue or a channel does. Several loops share the items; each item goes to one of them.
 *
 * Invariants
 * - ITERATION-1: leaving a loop (`return()`) takes nothing, and ends a `next()` that still waits: it can swallow no item.
 * - ITERATION-2: withdrawing the last `next()` leaves the items as if it had not been called, but for those that others have been given since.
 */
import type { Scope, Withdrawable } from "../core/lowlevel.ts";
import { ChannelEndedError, QueueClosedError } from "./errors.ts";
import { type Exchange, Getting } from "./exchange.ts";
import { type Refusable, waitUnder } from "./wait-queue.ts";

const DONE: IteratorReturnResult<void> = { done: true, value: undefined };

/** Whether it says that all has been read, and nothing more. */
function isEnd(error: unknown): boolean {
  return error instanceof QueueClosedError || error instanceof ChannelEndedError;
}

class Next<T> extends Getting<T, IteratorResult<T, void>> {
  readonly iteration: Iteration<T>;

  constructor(scope: Scope, exchange: Exchange<T>, owner: Set<Refusable>, iteration: Iteration<T>) {
    super(scope, exchange, owner);
    this.iteration = iteration;
  }

  give(value: T): void {
    this.serve(this.iteration.handed(value));
  }

  end(over: () => unknown): void {
    const error = over();
    if (isEnd(error)) this.serve(DONE);
    else this.refuse(error);
  }
}

export class Iteration<T> implements AsyncIterator<T, void, void>, Withdrawable {
  readonly #exchange: Exchange<T>;
  readonly #owner: Set<Refusable>;
  readonly #check: () => void;
  #hasReturned: boolean = false;
  /** What the last `next()` gave, once it has. */
  #last: IteratorYieldResult<T> | undefined = undefined;
  #ticket: number = 0;

  /** @param owner all that wait by the same handle @param check throws when it may not be read any more */
  constructor(exchange: Exchange<T>, owner: Set<Refusable>, check: () => void) {
    this.#exchange = exchange;
    this.#owner = owner;
    this.#check = check;
  }

  next(): Promise<IteratorResult<T, void>> {
    return waitUnder(undefined, (scope) => {
      if (this.#hasReturned) return Promise.resolve(DONE);
      this.#check();
      this.#last = undefined;
      const exchange = this.#exchange;
      if (exchange.isReady) return Promise.resolve(this.handed(exchange.take()));
      const waiter = new Next(scope, exchange, this.#owner, this);
      const result = waiter.wait();
      exchange.settle();
      return result;
    });
  }

  return(): Promise<IteratorResult<T, void>> {
    this.#hasReturned = true;
    this.#stopWaiting(true);
    return Promise.resolve(DONE);
  }

  /** `value` is the next one of this loop. */
  handed(value: T): IteratorYieldResult<T> {
    this.#ticket = ++this.#exchange.tickets;
    return (this.#last = { done: false, value });
  }

  "holdfast.withdraw/1"(): void {
    const last = this.#last;
    this.#last = undefined;
    if (last === undefined) this.#stopWaiting(false);
    else this.#exchange.unread(last.value, this.#ticket);
  }

  #stopWaiting(done: boolean): void {
    // Holds: nobody looks at it unless it is the end.
    const result = { done, value: undefined } as IteratorReturnResult<void>;
    for (const waiter of this.#owner) if (waiter instanceof Next && waiter.iteration === this) waiter.serve(result);
  }
}
