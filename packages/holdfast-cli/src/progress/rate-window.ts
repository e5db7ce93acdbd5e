/**
 * Items per second over the last ten seconds, in constant memory: one bucket a second.
 */

const windowSeconds = 10;

export class RateWindow {
  readonly #buckets: number[] = Array.from({ length: windowSeconds + 1 }, () => 0);
  readonly #startedAt: number;
  #second: number;

  /** `now` in milliseconds, as for the other members. */
  constructor(now: number) {
    this.#startedAt = now;
    this.#second = Math.floor(now / 1_000);
  }

  add(count: number, now: number): void {
    this.#advance(now);
    const slot = this.#second % this.#buckets.length;
    this.#buckets[slot] = (this.#buckets[slot] ?? 0) + count;
  }

  /** Items per second; 0 until a tenth of a second has passed, from which nothing could be told. */
  rate(now: number): number {
    this.#advance(now);
    const from = Math.max(this.#startedAt, (this.#second - windowSeconds) * 1_000);
    const span = now - from;
    return span < 100 ? 0 : (this.#buckets.reduce((sum, count) => sum + count, 0) * 1_000) / span;
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1_000);
    const steps = Math.min(second - this.#second, this.#buckets.length);
    for (let step = 1; step <= steps; step += 1) this.#buckets[(this.#second + step) % this.#buckets.length] = 0;
    // After a pause longer than the window every bucket is empty, whichever numbers they had.
    this.#second = Math.max(second, this.#second);
  }
}
