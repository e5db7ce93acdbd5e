/**
 * What a rate limit has given away.
 *
 * Invariants
 * - RATE-1: sliding window: no stretch of time shorter than `interval` sees more than `limit`.
 * - RATE-2: token bucket: no stretch of `t` milliseconds sees more than `burst + limit * t / interval`.
 */

export interface Meter {
  /** The most that fits at once. */
  readonly capacity: number;
  /** Milliseconds from `time` until `weight` more fits; 0: now. More than the capacity, for many together: until the last of them fits, at the earliest. */
  waitFor(weight: number, time: number): number;
  /** Only what fits. */
  take(weight: number, time: number): void;
  availableAt(time: number): number;
}

/**
 * Holds at most `burst` tokens, and gets `limit` each `interval`, evenly. One number is enough: the time when it will be full again.
 *
 * @see ITU-T I.371, the generic cell rate algorithm: the same in telephony
 */
export class TokenBucket implements Meter {
  readonly capacity: number;
  readonly #limit: number;
  readonly #interval: number;
  /** When it will be full, in milliseconds times `limit`: then a token is `interval`, and whole milliseconds have no rounding errors. */
  #fullAt: number = 0;

  constructor(limit: number, interval: number, burst: number) {
    this.capacity = burst;
    this.#limit = limit;
    this.#interval = interval;
  }

  /** Tokens that are missing, times `interval`. */
  #missingAt(time: number): number {
    return Math.max(0, this.#fullAt - time * this.#limit);
  }

  waitFor(weight: number, time: number): number {
    const excess = this.#missingAt(time) + (weight - this.capacity) * this.#interval;
    return Math.max(0, excess / this.#limit);
  }

  take(weight: number, time: number): void {
    this.#fullAt = Math.max(this.#fullAt, time * this.#limit) + weight * this.#interval;
  }

  availableAt(time: number): number {
    return Math.floor(this.capacity - this.#missingAt(time) / this.#interval);
  }
}

/** Remembers what was taken when, for the length of the interval: exact, at the price of one entry for each call in it, so at most `limit`. */
export class SlidingWindow implements Meter {
  readonly capacity: number;
  readonly #interval: number;
  /** The oldest first. */
  readonly #taken: { readonly at: number; readonly weight: number }[] = [];
  #used: number = 0;

  constructor(limit: number, interval: number) {
    this.capacity = limit;
    this.#interval = interval;
  }

  #forget(time: number): void {
    let oldest = this.#taken[0];
    while (oldest !== undefined && time - oldest.at >= this.#interval) {
      this.#used -= oldest.weight;
      this.#taken.shift();
      oldest = this.#taken[0];
    }
  }

  waitFor(weight: number, time: number): number {
    this.#forget(time);
    const excess = this.#used + weight - this.capacity;
    if (excess <= 0) return 0;
    // After that long all that fits has been taken anew, and so on.
    const rounds = Math.ceil(excess / this.capacity);
    let rest = excess - (rounds - 1) * this.capacity;
    for (const entry of this.#taken) {
      rest -= entry.weight;
      if (rest <= 0) return entry.at + rounds * this.#interval - time;
    }
    return rounds * this.#interval;
  }

  take(weight: number, time: number): void {
    this.#taken.push({ at: time, weight });
    this.#used += weight;
  }

  availableAt(time: number): number {
    this.#forget(time);
    return this.capacity - this.#used;
  }
}
