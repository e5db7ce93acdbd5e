/**
 * So many calls at a time and so many that wait, so that one slow thing can't take everything down with it.
 *
 * Invariants
 * - BULKHEAD-1: of one key at most `concurrency` functions run, and at most `maxQueue` calls wait; they start in the order in which they came.
 * - BULKHEAD-2: a place is freed when the function has settled, not when it was cancelled.
 */
import type { Run } from "../core/index.ts";
import { checkCount, checkFunction, reasonOf, rejecting, scopeOfCall } from "../core/lowlevel.ts";
import { Semaphore } from "../sync/index.ts";
import type { PolicyCallOptions } from "./policy.ts";
import {
  type KeyedPolicy,
  KeyedState,
  type PolicyEvent,
  type PolicyOptions,
  PolicyStates,
  StatePolicy,
} from "./policy-states.ts";

/** What {@link bulkhead} is told. `concurrency` has no default. */
export interface BulkheadOptions extends PolicyOptions<BulkheadEvent> {
  /** So many functions run at a time, for each key. 1 to Infinity. */
  readonly concurrency: number;
  /** So many calls may wait for a place, for each key; further ones are refused. Default 0. */
  readonly maxQueue?: number | undefined;
}

/** What happened to a call. "queue": it has to wait. "reject": it was refused. */
export type BulkheadEvent = PolicyEvent &
  ({ readonly type: "queue" } | { readonly type: "reject"; readonly error: BulkheadFullError });

/** Calls functions, so many at a time, and refuses with a {@link BulkheadFullError}. */
export interface Bulkhead extends KeyedPolicy {
  /** Functions that have been called and have not settled, of all keys together. */
  readonly running: number;
  /** Calls that wait for a place, of all keys together. */
  readonly waiting: number;
  /** The same of one key. */
  statsOf(key: string): { readonly running: number; readonly waiting: number };
}

/** All places are taken, and all of the queue: the function was not called. */
export class BulkheadFullError extends Error {
  override get name(): "BulkheadFullError" {
    return "BulkheadFullError";
  }
  readonly code = "ERR_BULKHEAD_FULL" as const;
  /** The name of the bulkhead. */
  readonly bulkhead: string;
  readonly key: string | undefined;
  readonly concurrency: number;
  readonly maxQueue: number;

  /** @param title the bulkhead, in a sentence */
  constructor(title: string, name: string, key: string | undefined, concurrency: number, maxQueue: number) {
    super(
      `${title} is full: ${concurrency} running, the most that concurrency allows, and ${maxQueue} waiting, the most that maxQueue allows; try again later, or call elsewhere`,
    );
    this.bulkhead = name;
    this.key = key;
    this.concurrency = concurrency;
    this.maxQueue = maxQueue;
  }
}

class Hold extends KeyedState {
  readonly semaphore: Semaphore;

  constructor(key: string | undefined, concurrency: number) {
    super(key);
    this.semaphore = new Semaphore(concurrency);
  }
}

class BulkheadPolicy extends StatePolicy<Hold, BulkheadEvent> implements Bulkhead {
  readonly #concurrency: number;
  readonly #maxQueue: number;

  constructor(options: BulkheadOptions) {
    const { concurrency, maxQueue = 0 } = options;
    checkCount("concurrency", concurrency, 1, "bulkhead");
    checkCount("maxQueue", maxQueue, 0, "bulkhead");
    super(new PolicyStates("bulkhead", "bulkhead", options, (key) => new Hold(key, concurrency)));
    this.#concurrency = concurrency;
    this.#maxQueue = maxQueue;
  }

  run<T>(fn: Run<T>, options?: PolicyCallOptions): Promise<T> {
    return rejecting(() => {
      checkFunction("bulkhead: run", fn);
      const reason = reasonOf(scopeOfCall(options));
      if (reason !== undefined) throw reason;
      const hold = this.states.enter(options?.key);
      const { available, waiting } = hold.semaphore;
      if (available > 0) return this.#call(hold, fn, options);
      const stamp = this.states.stamp(hold);
      if (waiting < this.#maxQueue) {
        this.states.emit({ type: "queue", ...stamp });
        return this.#call(hold, fn, options);
      }
      this.states.leave(hold);
      const { key, policy } = stamp;
      const error = new BulkheadFullError(this.states.titleOf(key), policy, key, this.#concurrency, this.#maxQueue);
      this.states.emit({ type: "reject", error, ...stamp });
      throw error;
    });
  }

  async #call<T>(hold: Hold, fn: Run<T>, options: PolicyCallOptions | undefined): Promise<T> {
    try {
      return await hold.semaphore.run(fn, options);
    } finally {
      this.states.leave(hold);
    }
  }

  get running(): number {
    return this.states.all().reduce((sum, hold) => sum + statsOf(hold).running, 0);
  }

  get waiting(): number {
    return this.states.all().reduce((sum, hold) => sum + statsOf(hold).waiting, 0);
  }

  statsOf(key: string): { readonly running: number; readonly waiting: number } {
    return statsOf(this.states.find(key));
  }
}

function statsOf(hold: Hold | undefined): { running: number; waiting: number } {
  if (hold === undefined) return { running: 0, waiting: 0 };
  const { permits, available, waiting } = hold.semaphore;
  // Without a limit nobody waits, and nothing is to be counted of what is free.
  return { running: permits === Infinity ? hold.inFlight : permits - available, waiting };
}

/**
 * A bulkhead: `concurrency` calls at a time, `maxQueue` that wait, in order; further ones are refused with a {@link BulkheadFullError}. A call that is cancelled while it waits rejects at once
 * with its signal's reason and leaves the queue; one that runs keeps its place until its function has settled.
 *
 * A call inside a call of the same bulkhead can wait for itself; where its signal tells that it would, it rejects with an AcquireDeadlockError.
 *
 * @throws {RangeError | TypeError} naming the option, the value and what it must be
 */
export function bulkhead(options: BulkheadOptions): Bulkhead {
  return new BulkheadPolicy(options);
}
