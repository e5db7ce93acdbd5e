/**
 * So much in a time, and no more.
 *
 * Invariants
 * - RATE-3: calls of one key are let through in the order in which they came, however much each of them uses; nobody overtakes one who waits.
 * - RATE-4: who was cancelled, or refused, has used nothing; who stands behind it moves up at once.
 * - RATE-5: a timer runs only while somebody waits: one for each key.
 */
import type { Awaitable, Run } from "../core/index.ts";
import {
  checkCount,
  checkFunction,
  checkOneOf,
  markHandled,
  nameOf,
  now,
  reasonOf,
  rejectedWith,
  rejecting,
  type Scope,
  scopeOf,
  sleepUnder,
} from "../core/lowlevel.ts";
import { Semaphore } from "../sync/index.ts";
import { type Policy, PolicyCall, type PolicyCallOptions, type Given, type WrapOptions, wrapWith } from "./policy.ts";
import { checkInteger, checkPeriod } from "./policy-argument.ts";
import { KeyedState, PolicyStates } from "./policy-states.ts";
import { RateLimitedError, type RateLimitEvent, type RateLimitOptions } from "./rate-limit-options.ts";
import { type Meter, SlidingWindow, TokenBucket } from "./rate-limit-meter.ts";

/** Calls functions as often as the limit allows, and refuses with a {@link RateLimitedError}. What is said without a key is about calls without a key. */
export interface RateLimit extends Policy {
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
  /** What those who wait will use. */
  wanted: number = 0;

  constructor(key: string | undefined, meter: Meter) {
    super(key);
    this.meter = meter;
  }
}

/** One who waits, and the promise that it was given. */
interface Turn {
  readonly scope: Scope;
  readonly signal: AbortSignal | undefined;
  readonly usage: Usage;
  readonly weight: number;
  promise: Promise<void> | undefined;
}

class Limiter implements RateLimit {
  readonly #options: RateLimitOptions;
  readonly #maxQueue: number;
  readonly #states: PolicyStates<Usage, RateLimitEvent>;

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
    this.#options = options;
    this.#maxQueue = maxQueue;
    const makeMeter = (): Meter =>
      algorithm === "sliding-window"
        ? new SlidingWindow(limit, interval)
        : new TokenBucket(limit, interval, burst ?? limit);
    this.#states = new PolicyStates("rateLimit", "rate limit", options, (key) => new Usage(key, makeMeter()));
  }

  run<T>(fn: Run<T>, options?: PolicyCallOptions): Promise<T> {
    return rejecting(() => {
      checkFunction("rateLimit: run", fn);
      const scope = scopeOf(options?.signal);
      const reason = reasonOf(scope);
      if (reason !== undefined) throw reason;
      const call = new PolicyCall(scope, nameOf(options, fn));
      if (this.tryAcquire(options?.weight, options?.key)) return call.run(fn);
      return this.#wait(this.#queue(scope, options), () => call.run(fn));
    });
  }

  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => Awaitable<T>,
    options?: WrapOptions<Given<A>>,
  ): (this: This, ...args: A) => Promise<T> {
    return wrapWith(this, fn, options);
  }

  tryAcquire(weight: number = 1, key?: string): boolean {
    this.#checkWeight(weight);
    const usage = this.#states.enter(key);
    const time = now();
    const fits = usage.line.available > 0 && usage.meter.waitFor(weight, time) === 0;
    if (fits) usage.meter.take(weight, time);
    this.#states.leave(usage);
    return fits;
  }

  acquire(options?: PolicyCallOptions): Promise<void> {
    return rejecting(() => {
      const scope = scopeOf(options?.signal);
      const reason = reasonOf(scope);
      if (reason !== undefined) return rejectedWith(reason);
      if (this.tryAcquire(options?.weight, options?.key)) return Promise.resolve();
      const turn = this.#queue(scope, options);
      return (turn.promise = this.#wait(turn, () => {}));
    });
  }

  /** A place in the line. @throws {RateLimitedError} when there is none, or its turn would come too late */
  #queue(scope: Scope, options: PolicyCallOptions | undefined): Turn {
    const { weight = 1, key } = options ?? {};
    const usage = this.#states.enter(key);
    const wait = usage.meter.waitFor(usage.wanted + weight, now());
    const stamp = this.#states.stamp(usage);
    let why: string | undefined;
    if (waitingIn(usage) >= this.#maxQueue)
      why = this.#maxQueue > 0 ? `, and its queue of ${this.#maxQueue} is full` : "";
    // A scope of its own is how one asks for the deadline.
    else if (stamp.at + wait > new PolicyCall(scope, RateLimitedError).deadline)
      why = ", and the caller has no time to wait";
    if (why === undefined) {
      usage.wanted += weight;
      this.#states.emit({ type: "queue", wait, ...stamp });
      return { scope, signal: options?.signal, usage, weight, promise: undefined };
    }
    this.#states.leave(usage);
    const error = new RateLimitedError(this.#states.titleOf(key), why, stamp.policy, key, this.#options, wait);
    this.#states.emit({ type: "reject", error, ...stamp });
    throw error;
  }

  /** Waits for its turn, uses what it wants, and goes on in the same step: so nothing is used for one who has been cancelled. */
  async #wait<T>(turn: Turn, goOn: () => Awaitable<T>): Promise<T> {
    const { scope, usage, weight } = turn;
    try {
      const place = await usage.line.acquire(turn);
      try {
        for (let wait = Infinity; wait > 0;) {
          const reason = reasonOf(scope);
          if (reason !== undefined) throw reason;
          const time = now();
          wait = usage.meter.waitFor(weight, time);
          if (wait > 0) await sleepUnder(scope, wait);
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
      usage.wanted -= weight;
      this.#states.leave(usage);
    }
    return await goOn();
  }

  #checkWeight(weight: number): void {
    const { capacity } = this.#states.unkeyed.meter;
    checkInteger("rateLimit", "weight", weight);
    if (weight > capacity)
      throw new RangeError(
        `rateLimit: weight must be at most ${capacity}, the ${capacity === this.#options.limit ? "limit" : "burst"}, got ${weight}; it would wait for ever`,
      );
  }

  get available(): number {
    return this.#states.unkeyed.meter.availableAt(now());
  }

  availableOf(key: string): number {
    return this.#states.find(key)?.meter.availableAt(now()) ?? this.#states.unkeyed.meter.capacity;
  }

  get waiting(): number {
    return this.#states.all().reduce((sum, usage) => sum + waitingIn(usage), 0);
  }
}

function waitingIn({ line }: Usage): number {
  return line.waiting + (line.available === 0 ? 1 : 0);
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
