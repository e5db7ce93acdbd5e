/**
 * Where items change hands: what a queue and a channel have in common. Items wait in a backlog of limited size; beyond it those who put wait, with their item in hand.
 *
 *   put ──▶ somebody waits for an item: into his hands
 *      ├──▶ there is room: into the backlog
 *      └──▶ in line
 *
 * Invariants
 * - EXCHANGE-1: while somebody waits to get, nothing waits to be got (unless it is paused); while somebody waits to put, the backlog is full.
 * - EXCHANGE-2: items are got in the order of the calls that put them, and whoever asked first gets first: neither overtakes, not by a `try` either.
 * - EXCHANGE-3: an item is in one place: with who puts it, in the backlog, or with who got it.
 */
import { markHandled, rejectedWith, type Scope } from "../core/lowlevel.ts";
import { Backlog } from "./backlog.ts";
import { type Place, Queued, type Refusable, WaitQueue } from "./wait-queue.ts";

/** Somebody who waits to put an item. */
export class Putter<T> extends Queued<void> {
  readonly item: T;

  constructor(scope: Scope, exchange: Exchange<T>, item: T, owner?: Set<Refusable>) {
    super(scope, "put", exchange.resource, exchange.putters, owner);
    this.item = item;
  }
}

/** Somebody who waits to get one. */
export interface Getter<T> extends Place {
  give(item: T): void;
  /** No more will come; `over` makes the error that says so. */
  end(over: () => unknown): void;
}

/** What a wait for an item has in common: no item is lost by a rejection, so one that nobody awaits is nobody's failure. */
export abstract class Getting<T, R> extends Queued<R> implements Getter<T> {
  constructor(scope: Scope, exchange: Exchange<T>, owner?: Set<Refusable>) {
    super(scope, "get", exchange.resource, exchange.getters, owner);
  }

  abstract give(item: T): void;
  abstract end(over: () => unknown): void;

  override refuse(error: unknown): void {
    super.refuse(error);
    markHandled(this.promise);
  }
}

class Get<T> extends Getting<T, T> {
  give(item: T): void {
    this.serve(item);
  }

  end(over: () => unknown): void {
    this.refuse(over());
  }
}

export class Exchange<T> {
  /** Whose it is, for tools. */
  readonly resource: object;
  readonly capacity: number;
  readonly backlog: Backlog<T> = new Backlog<T>();
  readonly putters: WaitQueue<Putter<T>> = new WaitQueue();
  readonly getters: WaitQueue<Getter<T>> = new WaitQueue();
  /** Nothing is handed out. */
  isPaused: boolean = false;
  /** Set when no more will be put; makes the error that says so. */
  over: (() => unknown) | undefined = undefined;
  /** Of items that have been taken and may come back, the place of the last one among those. */
  tickets: number = 0;

  constructor(capacity: number, resource?: object) {
    this.resource = resource ?? this;
    this.capacity = capacity;
  }

  /** Items that nobody has got yet. */
  get waiting(): number {
    return this.backlog.size + this.putters.size;
  }

  get isReady(): boolean {
    return !this.isPaused && this.waiting > 0;
  }

  get isOver(): boolean {
    return this.over !== undefined && this.waiting === 0;
  }

  /** Puts an item without waiting; false if there is no room. */
  offer(item: T): boolean {
    const getter = this.isPaused ? undefined : this.getters.first;
    if (getter !== undefined) getter.give(item);
    else if (this.backlog.size < this.capacity) this.backlog.push(item);
    else return false;
    return true;
  }

  put(scope: Scope, item: T, owner?: Set<Refusable>): Promise<void> {
    return this.offer(item) ? Promise.resolve() : new Putter(scope, this, item, owner).wait();
  }

  /** Call only when it is ready. */
  take(): T {
    const item = this.#next();
    this.settle();
    return item;
  }

  get(scope: Scope, owner?: Set<Refusable>): Promise<T> {
    if (this.isReady) return Promise.resolve(this.take());
    if (this.isOver) return rejectedWith(this.over?.());
    return new Get(scope, this, owner).wait();
  }

  #next(): T {
    const { backlog, putters } = this;
    if (backlog.size > 0) {
      const item = backlog.shift();
      for (let first = putters.first; first !== undefined && backlog.size < this.capacity; first = putters.first) {
        backlog.push(first.item);
        first.serve();
      }
      return item;
    }
    // Holds: it is ready, so without a backlog there is one who waits with an item.
    const putter = putters.first as Putter<T>;
    putter.serve();
    return putter.item;
  }

  /** Puts back what was taken, where it was: before all that was not, also beyond the capacity. */
  unread(item: T, ticket: number): void {
    this.backlog.giveBack(item, ticket);
    this.serve();
  }

  /** Hands out what can be: after a pause, or when something has come back. */
  serve(): void {
    while (this.isReady && this.getters.first !== undefined) this.getters.first.give(this.#next());
    this.settle();
  }

  /** Nothing may be left: then who waits for more hears of the end. */
  settle(): void {
    if (this.over === undefined || this.waiting > 0) return;
    let getter = this.getters.first;
    while (getter !== undefined) {
      // Holds: a line has nothing else in it.
      const behind = getter.behind as Getter<T> | undefined;
      getter.end(this.over);
      getter = behind;
    }
  }
}
