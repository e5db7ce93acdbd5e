/**
 * Work that waits to be done, of bounded size.
 *
 *   open ──close()──▶ closed: no more puts, gets drain ──empty──▶ over: gets reject, loops end
 *      └───abort()──▶ over; what nobody took is handed back
 *
 * Invariants
 * - SYNC-QUEUE-2: an item that was put is got once, or handed back by `abort`, or still there, whoever is cancelled when.
 * - SYNC-QUEUE-3: after `close()` and `abort()` no put is pending, and a get only while a pause holds items back.
 */
import type { Awaitable, Result } from "../core/index.ts";
import { type AttemptContext, callSite, checkCount, checkFunction, rejecting, scopeOf } from "../core/lowlevel.ts";
import { QueueClosedError } from "./errors.ts";
import { Iteration } from "./iteration.ts";
import { checkProcess, type ProcessOptions, processQueue } from "./queue-process.ts";
import { QueueState } from "./queue-state.ts";
import { Queued, type WaitOptions, waitUnder } from "./wait-queue.ts";

/** What a queue is made with. */
export interface QueueOptions {
  /** Items that may wait in it before `put` waits: an integer from 1 up; no default on purpose. Infinity must be written. */
  readonly capacity: number;
  /** In errors. Default "queue". */
  readonly name?: string | undefined;
}

/**
 * Items in the order in which they were put, each for one taker. A full queue makes `put` wait; an empty one makes `get` wait; both first come, first served, so a `try` overtakes nobody.
 * `for await` takes items until the queue is closed and empty; several loops share them, and leaving one leaves the queue open. A loop has no signal: where one is needed, call `get({ signal })`, or {@link Queue.process}, or give the queue to `forEach`.
 *
 * An item that is a promise is awaited by `get`, as by every async function; by `tryGet` and loops it is not.
 */
export class Queue<T> implements AsyncIterable<T> {
  readonly #state: QueueState<T>;

  /** @throws {RangeError | TypeError} unless `capacity` is an integer from 1 up, or Infinity */
  constructor(options: QueueOptions) {
    const { capacity, name = "queue" } = options ?? {};
    if (capacity === 0)
      throw new RangeError(
        "queue: capacity must be an integer >= 1 or Infinity, got 0 (number); for a hand-over without a buffer use channel({ capacity: 0 })",
      );
    checkCount("capacity", capacity, 1, "queue");
    this.#state = new QueueState<T>(name, capacity, this);
  }

  get name(): string {
    return this.#state.name;
  }

  get capacity(): number {
    return this.#state.capacity;
  }

  /** Items in the buffer. More than `capacity` only while items that have come back are among them: those that `process`, `map` or `forEach` had taken and could not start or end. */
  get size(): number {
    return this.#state.backlog.size;
  }

  /** Items that nobody has taken: those in the buffer, and those of puts that wait. */
  get waiting(): number {
    return this.#state.waiting;
  }

  /** Items that are being processed by {@link Queue.process}. */
  get running(): number {
    return this.#state.running;
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    return this.#state.isIdle;
  }

  /** Whether it takes no more. Items may be left. */
  get isClosed(): boolean {
    return this.#state.over !== undefined;
  }

  get isPaused(): boolean {
    return this.#state.isPaused;
  }

  /**
   * Resolves when the item is in the queue, or with whoever waited for one. When `signal` aborts before, rejects with its reason at once, and the item was not put.
   *
   * @throws {QueueClosedError} when the queue is closed, also when that happens while it waits; the item stays with the caller
   */
  put(item: T, options?: WaitOptions): Promise<void> {
    return waitUnder(options, (scope) => {
      this.#checkOpen();
      return this.#state.put(scope, item);
    });
  }

  /** Puts an item without waiting; false if there is no room. @throws {QueueClosedError} when the queue is closed */
  tryPut(item: T): boolean {
    this.#checkOpen();
    return this.#state.offer(item);
  }

  #checkOpen(): void {
    const { over } = this.#state;
    if (over !== undefined) throw over();
  }

  /**
   * Resolves with the next item. When `signal` aborts before, rejects with its reason at once, and took nothing.
   *
   * @throws {QueueClosedError} when the queue is closed and empty
   */
  get(options?: WaitOptions): Promise<T> {
    return waitUnder(options, (scope) => this.#state.get(scope));
  }

  /** An item if one is there for the taking, else `{ ok: false }`: also when the queue is closed or paused. */
  tryGet(): Result<T, undefined> {
    return this.#state.isReady ? { ok: true, value: this.#state.take() } : { ok: false, error: undefined };
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void, void> {
    return new Iteration(this.#state, new Set(), () => {});
  }

  /** No more puts: those that wait reject with a QueueClosedError, their items stay with their callers. What is in the queue can be got; then gets reject and loops end. Idempotent. */
  close(): void {
    this.#end(() => new QueueClosedError(this.name));
  }

  /**
   * Closes the queue and hands back what nobody took, in order: what waits in it, not the items of puts that wait, which reject and keep theirs. Running items are left to end;
   * {@link Queue.waitForIdle} waits for them. A second call hands back what came back since.
   *
   * @param reason what puts, gets, loops and `process` reject with, the thing itself, from now on. Default: as after `close()`
   */
  abort(reason?: unknown): T[] {
    const state = this.#state;
    const items = state.backlog.drain();
    if (reason !== undefined && state.aborted === undefined) {
      state.aborted = { reason };
      state.over = undefined;
      this.#end(() => reason);
    } else this.close();
    return items;
  }

  #end(over: () => unknown): void {
    const state = this.#state;
    state.over ??= over;
    while (state.putters.first !== undefined) state.putters.first.refuse(state.over());
    state.settle();
  }

  /** Hands nothing out until `resume()`: gets, loops and `process` wait; what runs goes on. Puts are taken as there is room. */
  pause(): void {
    this.#state.isPaused = true;
  }

  resume(): void {
    this.#state.isPaused = false;
    this.#state.serve();
  }

  /** Resolves when nothing waits and nothing runs, at once if that is so; closed or not. When `signal` aborts before, rejects with its reason at once. */
  waitForIdle(options?: WaitOptions): Promise<void> {
    const state = this.#state;
    return waitUnder(options, (scope) =>
      state.isIdle ? Promise.resolve() : new Queued<void>(scope, "idle", this, state.idlers).wait(),
    );
  }

  /**
   * Takes items and calls `run` for each, at most `concurrency` at a time, until the queue is closed, empty, and nothing runs. Without `onDeadLetter` the first item that fails for good ends it: the others that run
   * are cancelled and waited for, and that error is thrown, itself. An item that was cut short by a cancellation, of a sibling's failure or by `signal`, goes back to where it was, at the front,
   * even if that makes the queue longer than its capacity. Memory does not grow with the number of items. It may be called more than once.
   *
   * @throws the first error of `run`, where there is no `onDeadLetter`; what `onDeadLetter` throws, with the item's error in `suppressedErrors`
   * @throws the reason of `signal`, when that cut something short; the reason of `abort(reason)`, when what ran has ended
   * @throws {RangeError | TypeError} for options that can't be
   */
  process(run: (item: T, context: AttemptContext) => Awaitable<unknown>, options: ProcessOptions<T>): Promise<void> {
    // Above the property, whoever calls it.
    const site = callSite(Reflect.get(Queue.prototype, "process"));
    return rejecting(() => {
      checkFunction("process", run);
      checkProcess(options);
      return processQueue(this.#state, run, options, scopeOf(options.signal), site);
    });
  }
}
