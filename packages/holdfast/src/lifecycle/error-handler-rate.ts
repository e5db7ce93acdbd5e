/**
 * How often something may happen: a bucket of tokens that fills up at a steady rate.
 *
 * @see Jonathan Turner, "New directions in communications (or which way to the information age?)" (1986)
 */

/** So many at once, and so many a second after that. */
export interface ReportRate {
  readonly perSecond: number;
  readonly burst: number;
}

export class TokenBucket {
  readonly #rate: ReportRate;
  #tokens: number;
  #filledAt: number;

  constructor(rate: ReportRate, time: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = time;
  }

  /** Whether there is a token at `time`, on the monotonic clock. */
  has(time: number): boolean {
    const { perSecond, burst } = this.#rate;
    // Infinity times no time at all is no number.
    const filled = perSecond === Infinity ? burst : ((time - this.#filledAt) * perSecond) / 1000;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, filled));
    this.#filledAt = time;
    return this.#tokens >= 1;
  }

  /** After {@link TokenBucket.has} has said yes. */
  take(): void {
    this.#tokens--;
  }
}
