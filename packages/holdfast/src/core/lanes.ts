/**
 * A function over many items, so many at a time. Each of the `concurrency` lanes is one task that takes item after item; items share the signal of their lane, and a
 * million of them cost no more memory than one. An array is walked by index; an iterator is asked for the next item by one lane at a time.
 *
 * Invariants
 * - LANES-1: after a cancellation no further item is started: what has not started owns nothing.
 * - LANES-2: never more than `concurrency` items run, and they start in order.
 * - LANES-3: an input that was not read to its end is closed, once; one that is stuck in `next()` is not waited for when all is cancelled.
 * - LANES-4: an item of an input that can take it back is started, or back when the cancellation that keeps it from that has been delivered.
 */
import { abortableUnder } from "./abortable.ts";
import { rejecting } from "./argument.ts";
import { CANCELLED, reasonOf, type Scope } from "./cancel.ts";
import { now, startTimer, stopTimer, type Timer, type TimerQueue } from "./clock.ts";
import type { Context } from "./context.ts";
import { callHook, reportLateError } from "./late-error.ts";
import type { Awaitable } from "./operation.ts";
import { suppress } from "./suppressed.ts";
import type { Task, TaskContext } from "./task.ts";
import { Group } from "./group.ts";
import type { Withdrawable } from "./withdraw.ts";

/** What can be walked: an array, a set, a generator, a stream. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;
/** A function for one item, its index, and the context that it runs under. */
export type ItemRun<T, R> = (item: T, index: number, context: Context) => Awaitable<R>;

/** What a lane is busy with. It is the options object of its task, where a tool finds it. */
export interface Lane {
  readonly name: string;
  index: number;
  /** When that item was started, on the monotonic clock; shared by up to 64 items that were started within about a millisecond. */
  reading: { readonly at: number };
}

/** Reading a clock costs as much as a short item: so many items that follow each other within a millisecond may share a reading. */
const SHARED_READINGS = 64;

/** Ends the sharing after a millisecond: the next items may come after a long wait. */
class SharedReading implements Timer {
  at: number = 0;
  earlier: Timer | undefined = undefined;
  later: Timer | undefined = undefined;
  queue: TimerQueue | undefined = undefined;
  /** Items that may still take it. */
  left: number = 0;

  expire(): void {
    this.left = 0;
  }
}

export interface LaneOptions {
  readonly name: string;
  readonly concurrency: number;
  /** Whether the first failure cancels the rest and is thrown itself; else all are thrown in a group. */
  readonly stopOnError: boolean;
  /** Whose cancellation cancels all. */
  readonly parent: Scope;
  readonly site: string | undefined;
}

type LaneRun = (lane: Lane, context: TaskContext) => Promise<void>;

/** Lanes opened before it is known how many items there are; more come as they are needed. */
const LANES_AT_ONCE = 64;

export type Step<T> = (item: T, index: number, context: TaskContext) => Awaitable<unknown>;

/** A group whose tasks are lanes. */
export class LaneGroup<T> extends Group {
  readonly #options: LaneOptions;
  readonly #step: Step<T>;
  /** Where the results go, where somebody wants them. */
  readonly #results: unknown[] | undefined;
  /** The input has been read to its end. */
  #ended: boolean = false;
  /** The iterator, while a lane reads it: from the call of `next()` until it has taken the result. */
  #reading: Partial<Withdrawable> | undefined = undefined;

  constructor(options: LaneOptions, step: Step<T>, results?: unknown[]) {
    super(options.parent, options.name, options.site, { stopOnError: options.stopOnError });
    this.#options = options;
    this.#step = step;
    this.#results = results;
  }

  /** Takes all items. Call once. */
  consume(items: Items<T>): Promise<void> {
    const reason = reasonOf(this.parent);
    if (reason !== undefined) return Promise.reject(reason);
    return Array.isArray(items) ? this.#consumeArray(items) : this.#consumeIterator(items);
  }

  override deliver(reason: object): void {
    callHook(() => this.#reading?.["holdfast.withdraw/1"]?.(), this.name);
    super.deliver(reason);
  }

  override combine(errors: readonly unknown[]): unknown {
    if (!this.#options.stopOnError) return super.combine(errors);
    suppress(errors[0], errors.slice(1), this.name);
    return errors[0];
  }

  #open(run: LaneRun): Task<void> {
    const lane: Lane = { name: `${this.name} lane ${this.size + 1}`, index: 0, reading: { at: 0 } };
    return this.add((context) => run(lane, context), lane, undefined);
  }

  /**
   * Opens lanes and waits for them. The group would do that as well, but then a stack from inside would not lead to the caller; nor
   * would it if there were more async functions in between, since engines keep ten frames.
   */
  #work(count: number, run: LaneRun, shared?: SharedReading): Promise<void> {
    return this.run(async () => {
      const joins = Array.from({ length: count }, () => this.#open(run).join());
      // What a lane throws, the group has; and after it no item is started.
      await Promise.all(joins).catch(ignore);
      if (shared !== undefined) stopTimer(shared);
    });
  }

  /** What happens for every item is kept short here: fields are read once, the clock rarely, and there is nothing else around the call. */
  #consumeArray(items: readonly T[]): Promise<void> {
    const results = this.#results;
    const step = this.#step;
    const { concurrency } = this.#options;
    let next = 0;
    let { length } = items;
    const shared = new SharedReading();
    let reading = { at: 0 };
    const run = async (lane: Lane, context: TaskContext): Promise<void> => {
      for (;;) {
        // It may grow and shrink while it is mapped.
        const count = items.length;
        if (next >= count) return;
        if (count > length) {
          length = count;
          // There may be work for more lanes than there were items at first.
          for (let room = Math.min(concurrency - this.size, count - next - 1); room > 0; room--) this.#open(run);
        }
        if ((this.bits & CANCELLED) !== 0) throw reasonOf(this);
        const index = next++;
        lane.index = index;
        if (--shared.left < 0) {
          const at = now();
          shared.left = at - reading.at < 1 ? SHARED_READINGS : 0;
          if (shared.left > 0 && shared.queue === undefined) startTimer(shared, 1);
          reading = { at };
        }
        lane.reading = reading;
        // Holds: the index is within the array.
        const value = await step(items[index] as T, index, context);
        if (results !== undefined) results[index] = value;
      }
    };
    return this.#work(Math.min(concurrency, length), run, shared);
  }

  async #consumeIterator(items: Items<T>): Promise<void> {
    const iterator: AsyncIterator<T> | Iterator<T> = isAsync(items)
      ? items[Symbol.asyncIterator]()
      : items[Symbol.iterator]();
    // Holds: who has a method of this name means this by it.
    const source = iterator as Partial<Withdrawable>;
    const results = this.#results;
    let next = 0;
    /** Lanes that wait for their turn at the iterator, while one is in `next()`. */
    const queue: (() => void)[] = [];
    let stuck = false;
    const passOn = (): void => {
      this.#reading = undefined;
      const wake = queue.shift();
      if (wake !== undefined) wake();
      else if (!this.#ended && (this.bits & CANCELLED) === 0 && this.size < this.#options.concurrency) this.#open(run);
    };
    const read = async (): Promise<IteratorResult<T>> => {
      this.#reading = source;
      try {
        const step = iterator.next();
        if (!isPromise(step)) return step;
        // It ends when it is withdrawn.
        if (source["holdfast.withdraw/1"] !== undefined) return await step;
        stuck = true;
        const result = await abortableUnder(this, step, undefined, (error) => reportLateError(error, this.name));
        stuck = false;
        return result;
      } catch (error) {
        if ((this.bits & CANCELLED) === 0) {
          stuck = false;
          this.#ended = true;
        }
        passOn();
        throw error;
      }
    };
    const run = async (lane: Lane, context: TaskContext): Promise<void> => {
      for (;;) {
        // Again after each turn: a lane that has just finished its item may have been quicker than the one that was woken.
        while (this.#reading !== undefined) await new Promise<void>((resolve) => queue.push(resolve));
        if (this.#ended) return passOn();
        if ((this.bits & CANCELLED) !== 0) {
          passOn();
          throw reasonOf(this);
        }
        const { done, value } = await read();
        if (done === true) {
          this.#ended = true;
          return passOn();
        }
        if ((this.bits & CANCELLED) !== 0) {
          passOn();
          throw reasonOf(this);
        }
        const index = next++;
        lane.index = index;
        lane.reading = { at: now() };
        passOn();
        const result = await this.#step(value, index, context);
        if (results !== undefined) results[index] = result;
      }
    };
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#work(Math.min(this.#options.concurrency, LANES_AT_ONCE), run);
    } catch (error) {
      failure = { error };
    }
    if (!this.#ended && iterator.return !== undefined) {
      // Behind a next() that is stuck, return() is stuck too: it is asked for, and not waited for.
      const closing = rejecting(async () => await iterator.return?.());
      if (stuck) closing.catch((error: unknown) => reportLateError(error, this.name));
      else
        await closing.catch((error: unknown) => {
          // Holds: an input that was not read to its end was stopped by a failure or a cancellation.
          suppress(failure?.error, [error], this.name);
        });
    }
    if (failure !== undefined) throw failure.error;
  }
}

function ignore(): void {}

function isAsync<T>(items: Items<T>): items is AsyncIterable<T> {
  return typeof (items as Partial<AsyncIterable<T>>)[Symbol.asyncIterator] === "function";
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>>).then === "function";
}

/** @throws {TypeError} for what can't be iterated */
export function checkItems(name: string, items: unknown): void {
  if (
    typeof items === "string" ||
    (typeof items === "object" && items !== null && (Symbol.iterator in items || Symbol.asyncIterator in items))
  )
    return;
  throw new TypeError(
    `${name} takes an iterable or async iterable of items, got ${items === null ? "null" : typeof items}`,
  );
}
