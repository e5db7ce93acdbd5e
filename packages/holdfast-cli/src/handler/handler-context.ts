/**
 * What a handler is given beside its item. One small object per attempt; everything costly is behind a getter and
 * made on first use, the signal above all: work that never looks at it can't be stopped, and the library can tell.
 */
import type { ItemContext } from "holdfast";
import type { InputItem } from "../input/index.ts";

/** Prints a line above the progress display, formatted as `console.log` does. */
export type Log = (...values: readonly unknown[]) => void;

/** What every attempt of one run shares. */
export interface RunShared {
  readonly log: Log;
  readonly stopping: AbortSignal;
  /** What `setup` returned; undefined without one. */
  readonly shared: unknown;
}

export interface SetupContext {
  readonly log: Log;
  /** Aborts when the run is cut short: stop at once. */
  readonly signal: AbortSignal;
  /** Aborts with the first SIGINT or SIGTERM. */
  readonly stopping: AbortSignal;
}

/** Members may be destructured; none needs `this`. */
export class HandlerContext {
  readonly #attempt: ItemContext;
  readonly #entry: InputItem;
  readonly #run: RunShared;

  constructor(attempt: ItemContext, entry: InputItem, run: RunShared) {
    this.#attempt = attempt;
    this.#entry = entry;
    this.#run = run;
  }

  /** Aborts at the attempt's timeout, and when the run is cut short. */
  get signal(): AbortSignal {
    return this.#attempt.signal;
  }
  get cancelled(): boolean {
    return this.#attempt.cancelled;
  }
  /** A point on the clock of `performance.now()`; Infinity when there is none. */
  get deadline(): number {
    return this.#attempt.deadline;
  }
  /** Milliseconds until `deadline`. */
  get timeLeft(): number {
    return this.#attempt.timeLeft;
  }
  get sleep(): (ms: number) => Promise<void> {
    return this.#attempt.sleep;
  }
  get throwIfCancelled(): () => void {
    return this.#attempt.throwIfCancelled;
  }
  /** 1 for the first call with this item in this run. */
  get attempt(): number {
    return this.#attempt.attempt;
  }
  get retriesLeft(): number {
    return this.#attempt.retriesLeft;
  }
  get previousError(): unknown {
    return this.#attempt.previousError;
  }
  /** The item's position in the input, from 0. */
  get index(): number {
    return this.#entry.index;
  }
  /** The value of --key; without it the position as a string. The same in every run: an idempotency key. */
  get key(): string {
    return this.#entry.key ?? String(this.#entry.index);
  }
  get log(): Log {
    return this.#run.log;
  }
  /** Aborts with the first SIGINT or SIGTERM, --drain before `signal` does: finish soon. */
  get stopping(): AbortSignal {
    return this.#run.stopping;
  }
  get shared(): unknown {
    return this.#run.shared;
  }
}
