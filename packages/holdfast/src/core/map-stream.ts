/**
 * A function over many items, whose results are asked for one by one. Nobody asks: nothing runs beyond what fits in the lanes, since a lane holds its result until somebody takes it.
 *
 *   idle ──first next()──▶ running ──input read, results taken──▶ ended
 *                             └─failure, return(), abort─────────▶ ended
 *
 * Invariants
 * - STREAM-1: at most `concurrency` items are in work or have results that nobody has taken.
 * - STREAM-2: results that were ready come before the error that ended the stream; the error comes once; then it is done.
 * - STREAM-3: `return()` resolves when everything has settled.
 */
import { reasonOf, type Scope } from "./cancel.ts";
import type { ItemRun, Items, LaneGroup, Step } from "./lanes.ts";
import { lanesFor, type MapOptions } from "./map.ts";
import { Waiter } from "./sleep.ts";
import { callSite } from "./spawn-site.ts";

/** As for {@link map}, and the order of the results. */
export interface MapStreamOptions extends MapOptions {
  /** Whether results come in the order of the items (default) or as they are ready. */
  readonly ordered?: boolean | undefined;
}

/** A result, and the lane that holds it. */
class Offer<R> extends Waiter<void> {
  readonly value: R;

  constructor(scope: Scope, value: R) {
    super(scope);
    this.value = value;
  }

  get kind(): "stream" {
    return "stream";
  }

  take(): R {
    this.leave();
    this.resolve();
    return this.value;
  }
}

interface Asker<R> {
  readonly resolve: (result: IteratorResult<R, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

class MapStream<T, R> implements AsyncIterableIterator<R, undefined> {
  readonly #items: Items<T>;
  readonly #group: LaneGroup<T>;
  readonly #isOrdered: boolean;
  readonly #stopsOnError: boolean;
  /** In the order of delivery. */
  readonly #ready: Offer<R>[] = [];
  /** By index, before their turn; undefined for an item that has no result. */
  readonly #early: Map<number, Offer<R> | undefined> = new Map();
  #nextIndex: number = 0;
  readonly #askers: Asker<R>[] = [];
  #running: Promise<void> | undefined = undefined;
  #hasEnded: boolean = false;
  #failure: { readonly error: unknown } | undefined = undefined;

  constructor(items: Items<T>, run: ItemRun<T, R>, options: MapStreamOptions, site: string | undefined) {
    this.#items = items;
    this.#isOrdered = options?.ordered ?? true;
    this.#stopsOnError = options?.stopOnError ?? true;
    this.#group = lanesFor("mapStream", items, run, options, site, undefined, (step) => this.#offering(step));
  }

  #offering(step: Step<T>): Step<T> {
    return async (item, index, context) => {
      // Holds, twice: a lane's context is its task; and the step is the user's function, which returns results.
      const lane = context as unknown as Scope;
      let value: R;
      try {
        value = (await step(item, index, context)) as R;
      } catch (error) {
        // After a failure that stops all, what comes later in order is not delivered.
        if (!this.#stopsOnError) this.#place(index, undefined);
        throw error;
      }
      const reason = reasonOf(lane);
      if (reason !== undefined) throw reason;
      const offer = new Offer<R>(lane, value);
      const held = offer.wait();
      this.#place(index, offer);
      await held;
    };
  }

  /** Puts a result, or the lack of one, where its turn is. */
  #place(index: number, offer: Offer<R> | undefined): void {
    if (!this.#isOrdered) {
      if (offer !== undefined) this.#ready.push(offer);
    } else {
      this.#early.set(index, offer);
      while (this.#early.has(this.#nextIndex)) {
        const next = this.#early.get(this.#nextIndex);
        this.#early.delete(this.#nextIndex++);
        if (next !== undefined) this.#ready.push(next);
      }
    }
    this.#serve();
  }

  #serve(): void {
    for (;;) {
      const asker = this.#askers[0];
      if (asker === undefined) return;
      const offer = this.#ready.shift();
      if (offer !== undefined) asker.resolve({ done: false, value: offer.take() });
      else if (!this.#hasEnded) return;
      else if (this.#failure === undefined) asker.resolve({ done: true, value: undefined });
      else {
        asker.reject(this.#failure.error);
        this.#failure = undefined;
      }
      this.#askers.shift();
    }
  }

  #run(): Promise<void> {
    this.#running ??= this.#group.consume(this.#items).then(
      () => this.#end(undefined),
      (error: unknown) => this.#end({ error }),
    );
    return this.#running;
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.#hasEnded = true;
    this.#failure = failure;
    this.#serve();
  }

  next(): Promise<IteratorResult<R, undefined>> {
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      if (!this.#hasEnded) void this.#run();
      this.#serve();
    });
  }

  async return(): Promise<IteratorResult<R, undefined>> {
    this.#ready.length = 0;
    if (this.#running === undefined) {
      this.#hasEnded = true;
      this.#serve();
      return { done: true, value: undefined };
    }
    this.#group.cancel();
    await this.#running;
    const failure = this.#failure;
    this.#failure = undefined;
    // A real error that the consumer has not seen: leaving the loop does not lose it.
    if (failure !== undefined && failure.error !== this.#group.ownReason()) throw failure.error;
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<R, undefined>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/**
 * The results of `run` over `items`, at most `concurrency` at a time, as an async iterator. Work starts with the first `next()`, and never runs ahead: an item in work or with a
 * result that nobody has taken keeps its place. The first failure cancels the rest and is thrown, after the results that were ready before it. Leaving the loop (`break`, `return()`) cancels
 * what runs, waits for it, and closes the input; an iterator that is neither read to its end nor closed keeps its tasks.
 *
 * @throws as {@link map} does, from `next()`
 * @throws {TypeError | RangeError} for a caller's mistake, at once
 */
export function mapStream<T, R>(
  items: Items<T>,
  run: ItemRun<T, R>,
  options: MapStreamOptions,
): AsyncIterableIterator<R> {
  return new MapStream<T, R>(items, run, options, callSite(mapStream));
}
