/**
 * `--max-failures`: how many items of this run may fail before it stops.
 *
 * Not the library's own `maxFailures`: a stop of this program is bounded in time, also for handlers that ignore their
 * signal, and there is one machine for that (see `stop-control.ts`).
 */
import type { RunSettings } from "../options/run-settings.ts";

/** From how many finished items on a percentage of an unknown number is taken. */
const sampleSize = 100;

export class FailureLimit {
  readonly #limit: number;
  readonly #share: number;
  #failed = 0;
  #finished = 0;

  /** `total`: items of the input, where that is known. */
  constructor(maxFailures: RunSettings["maxFailures"], total: number | undefined) {
    const share = typeof maxFailures === "string" ? Number(maxFailures.slice(0, -1)) / 100 : Infinity;
    this.#limit = typeof maxFailures === "number" ? maxFailures : total === undefined ? Infinity : share * total;
    this.#share = total === undefined ? share : Infinity;
  }

  /** Counts one finished item; true when more have failed than allowed. */
  passedBy(item: { readonly ok: boolean }): boolean {
    this.#finished += 1;
    if (item.ok) return false;
    this.#failed += 1;
    return this.#failed > this.#limit || (this.#finished >= sampleSize && this.#failed > this.#share * this.#finished);
  }
}

/** What the run's stop has as its cause. */
export class TooManyFailures extends Error {
  override readonly name = "TooManyFailures" as const;
  readonly code = "ERR_TOO_MANY_FAILURES" as const;

  constructor(maxFailures: RunSettings["maxFailures"]) {
    super(`more than ${maxFailures} failures`);
  }
}
