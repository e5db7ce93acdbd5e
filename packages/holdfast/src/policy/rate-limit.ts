/**
 * So much in a time, and no more.
 *
 * Invariants
 * - RATE-3: calls of one key are let through in the order in which they came, however much each of them uses; nobody overtakes one who waits.
 * - RATE-4: who was cancelled, or refused, has used nothing; who stands behind it moves up at once.
 * - RATE-5: a timer runs only while somebody waits: one for each key.
 */
import type { Awaitable, CallOptions, Run } from "../core/index.ts";
import {
  attach,
  checkCount,
  checkFunction,
  checkOneOf,
  markHandled,
  type Named,
  nameOf,
  now,
  reasonOf,
  rejectedWith,
  rejecting,
  retire,
  type Scope,
  scopeOfCall,
  SETTLED,
  sleepUnder,
} from "../core/lowlevel.ts";
import { Semaphore } from "../sync/index.ts";
import { PolicyCall, type PolicyCallOptions } from "./policy.ts";
import { checkInteger, checkPeriod } from "./policy-argument.ts";
import { type KeyedPolicy, KeyedState, PolicyStates, StatePolicy } from "./policy-states.ts";
import { RateLimitedError, type RateLimitEvent, type RateLimitOptions } from "./rate-limit-options.ts";
import { type Meter, SlidingWindow, TokenBucket } from "./rate-limit-meter.ts";

/** Calls functions as often as the limit allows, and refuses with a {@link RateLimitedError}. What is said without a key is about calls without a key. */
export interface RateLimit extends KeyedPolicy {
  /** What could be used now, if nobody waited. */
  readonly available: number;
  /** Calls that wait for their turn, of all keys together. */
  readonly waiting: number;
  /** As `available`. */
  availableOf(key: string): number;
  /** Uses `weight`, by default 1, if it is there now and nobody waits for it. @throws {RangeError} for a weight that never fits */
  tryAcquire(weight?: number, key?: string): boolean;
  /** Resolves when `weight` has been used. Waits, is refused and is cancelled as `run` is. */
  acquire(options?: PolicyCallOptions): Promise<void>;
}

class Usage extends KeyedState {
  readonly meter: Meter;
  /** Who has its permit is the first of those who wait. */
  readonly line: Semaphore = new Semaphore(1);
  waiting: number = 0;
  /** What those who wait will use. */
  wanted: number = 0;

  constructor(key: string | undefined, meter: Meter) {
    super(key);
    this.meter = meter;
  }
}

/** One who waits: it is in the tree, so that its place is free in the turn in which it is cancelled. */
class Turn extends PolicyCall {
  readonly usage: Usage;
  readonly weight: number;
  /** What was given for it, if that is a promise of nothing but the wait. */
  promise: Promise<void> | undefined;

  constructor(parent: Scope, named: Named, usage: Usage, weight: number) {
    super(parent, named);
    this.usage = usage;
    this.weight = weight;
    this.promise = undefined;
  }

  join(): void {
    attach(this);
    this.usage.waiting++;
    this.usage.wanted += this.weight;
  }

  leave(): void {
    if ((this.bits & SETTLED) !== 0) return;
    retire(this);
    this.usage.waiting--;
    this.usage.wanted -= this.weight;
  }

  override deliver(reason: object): void {
    super.deliver(reason);
    this.leave();
  }
}

class Limiter extends StatePolicy<Usage, RateLimitEvent> implements RateLimit {
  readonly #options: RateLimitOptions;
  readonly #maxQueue: number;

  constructor(options: RateLimitOptions) {
    const { limit, interval, algorithm, burst, maxQueue = 0 } = options;
    checkInteger("rateLimit", "limit", limit);
    checkPeriod("rateLimit", "interval", interval);
    checkOneOf("algorithm", algorithm, ["token-bucket", "sliding-window"], "rateLimit");
    if (burst !== undefined) {
      checkInteger("rateLimit", "burst", burst);
      if (algorithm === "sliding-window")
        throw new TypeError("rateLimit: burst belongs to the token bucket; a sliding window allows limit at once");
    }
    checkCount("maxQueue", maxQueue, 0, "rateLimit");
    const makeMeter = (): Meter =>
      algorithm === "sliding-window"
        ? new SlidingWindow(limit, interval)
        : new TokenBucket(limit, interval, burst ?? limit);
    super(new PolicyStates("rateLimit", "rate limit", options, (key) => new Usage(key, makeMeter())));
    this.#options = options;
    this.#maxQueue = maxQueue;
  }

  run<T>(fn: Run<T>, options?: PolicyCallOptions): Promise<T> {
    return rejecting(() => {
      checkFunction("rateLimit: run", fn);
      const scope = scopeOfCall(options);
      const reason = reasonOf(scope);
      if (reason !== undefined) throw reason;
      const call = new PolicyCall(scope, nameOf(options, fn));
      if (this.tryAcquire(options?.weight, options?.key)) return call.run(fn);
      return this.#wait(this.#queue(call, options), options, () => call.run(fn));
    });
  }

  tryAcquire(weight: number = 1, key?: string): boolean {
    this.#checkWeight(weight);
    const usage = this.states.enter(key);
    const time = now();
    const fits = usage.line.available > 0 && usage.meter.waitFor(weight, time) === 0;
    if (fits) usage.meter.take(weight, time);
    this.states.leave(usage);
    return fits;
  }

  acquire(options?: PolicyCallOptions): Promise<void> {
    return rejecting(() => {
      const scope = scopeOfCall(options);
      const reason = reasonOf(scope);
      if (reason !== undefined) return rejectedWith(reason);
      if (this.tryAcquire(options?.weight, options?.key)) return Promise.resolve();
      const turn = this.#queue(new PolicyCall(scope, { name: options?.name ?? "acquire" }), options);
      return (turn.promise = this.#wait(turn, options, () => {}));
    });
  }

  /** A place in the line for a call. @throws {RateLimitedError} when there is none, or its turn would come too late */
  #queue({ parent, named, deadline }: PolicyCall, options: PolicyCallOptions | undefined): Turn {
    const { weight = 1, key } = options ?? {};
    const usage = this.states.enter(key);
    const wait = usage.meter.waitFor(usage.wanted + weight, now());
    const stamp = this.states.stamp(usage);
    const isFull = usage.waiting >= this.#maxQueue;
    if (!isFull && stamp.at + wait <= deadline) {
      const turn = new Turn(parent, named, usage, weight);
      turn.join();
      this.states.emit({ type: "queue", wait, ...stamp });
      return turn;
    }
    this.states.leave(usage);
    let why = "";
    if (!isFull) why = ", and the caller has no time to wait";
    else if (this.#maxQueue > 0) why = `, and its queue of ${this.#maxQueue} is full`;
    const error = new RateLimitedError(this.states.titleOf(key), why, stamp.policy, key, this.#options, wait);
    this.states.emit({ type: "reject", error, ...stamp });
    throw error;
  }

  /** Waits for its turn, uses what it wants, and goes on in the same step: so nothing is used for one who has been cancelled. */
  async #wait<T>(turn: Turn, options: CallOptions | undefined, goOn: () => Awaitable<T>): Promise<T> {
    const { parent, usage, weight } = turn;
    try {
      const place = await usage.line.acquire(options);
      try {
        for (let wait = Infinity; wait > 0;) {
          const reason = reasonOf(parent);
          if (reason !== undefined) throw reason;
          const time = now();
          wait = usage.meter.waitFor(weight, time);
          if (wait > 0) await sleepUnder(parent, wait);
          else usage.meter.take(weight, time);
        }
      } finally {
        place.release();
      }
    } catch (error) {
      // Only a cancellation comes here. Nobody may be awaiting a wait when it does.
      markHandled(turn.promise);
      throw error;
    } finally {
      turn.leave();
      this.states.leave(usage);
    }
    return await goOn();
  }

  #checkWeight(weight: number): void {
    const { capacity } = this.states.unkeyed.meter;
    checkInteger("rateLimit", "weight", weight);
    if (weight > capacity)
      throw new RangeError(
        `rateLimit: weight must be at most ${capacity}, the ${capacity === this.#options.limit ? "limit" : "burst"}, got ${weight}; it would wait for ever`,
      );
  }

  get available(): number {
    return this.states.unkeyed.meter.availableAt(now());
  }

  availableOf(key: string): number {
    return this.states.find(key)?.meter.availableAt(now()) ?? this.states.unkeyed.meter.capacity;
  }

  get waiting(): number {
    return this.states.all().reduce((sum, usage) => sum + usage.waiting, 0);
  }
}

/**
 * A rate limit: calls use it up, by their `weight`, and go on at once while it lasts; then up to `maxQueue` wait for their turn, and further ones are refused with a {@link RateLimitedError}; so is one whose
 * deadline comes before its turn. A call that is cancelled while it waits rejects at once with its signal's reason, and has used nothing. What has been used stays used, whatever becomes of the call.
 *
 * @throws {RangeError | TypeError} naming the option, the value and what it must be
 */
export function rateLimit(options: RateLimitOptions): RateLimit {
  return new Limiter(options);
}
