/**
 * How a run is stopped: one state machine for signals, a broken pipe and failures that end everything.
 *
 *   running ──stop()──> stopping ──drain elapsed, stop() again──> aborting ──grace──> given up
 *      └───────────────────────────abort()──────────────────────────┘
 *
 * STOP-1: `stopping` aborts first, once; `signal` aborts after the drain, or at once with `abort`; never the other way.
 * STOP-2: what ignores its signal holds nothing up for longer than the grace: `gaveUp` resolves.
 */
import { setMaxListeners } from "node:events";
import type { Clock } from "../clock.ts";

/** Milliseconds that aborted work may take to end. */
export const abortGrace = 1_000;

export class StopControl {
  readonly #stopping: AbortController = new AbortController();
  readonly #aborting: AbortController = new AbortController();
  readonly #clock: Clock;
  readonly #drain: number;
  readonly #giveUp: () => void;
  #cancelTimer: (() => void) | undefined;
  /** Resolves when aborted work has had its grace. Pending for ever in a run that ends by itself. */
  readonly gaveUp: Promise<void>;
  /** What asked first. */
  cause: unknown;

  /** `drain`: milliseconds. */
  constructor(clock: Clock, drain: number) {
    this.#clock = clock;
    this.#drain = drain;
    // Every item in flight may listen: a hundred listeners are no leak here.
    setMaxListeners(0, this.#stopping.signal, this.#aborting.signal);
    let resolve: () => void = () => {};
    this.gaveUp = new Promise((settle) => (resolve = settle));
    this.#giveUp = resolve;
  }

  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  get signal(): AbortSignal {
    return this.#aborting.signal;
  }

  get phase(): "running" | "stopping" | "aborting" {
    if (this.#aborting.signal.aborted) return "aborting";
    return this.#stopping.signal.aborted ? "stopping" : "running";
  }

  /** Takes no more items; those in flight have `drain` milliseconds. Called while stopping, it aborts. */
  stop(cause: unknown): void {
    if (this.phase !== "running") {
      this.abort(cause);
      return;
    }
    this.cause = cause;
    this.#cancelTimer = this.#clock.after(this.#drain, () => this.abort(cause));
    this.#stopping.abort(cause);
  }

  /** Aborts what is in flight, now. */
  abort(cause: unknown): void {
    if (this.phase === "aborting") return;
    this.#cancelTimer?.();
    this.cause ??= cause;
    this.#cancelTimer = this.#clock.after(abortGrace, this.#giveUp);
    // State before listeners: one of them may ask for the phase.
    if (!this.#stopping.signal.aborted) this.#stopping.abort(this.cause);
    this.#aborting.abort(this.cause);
  }

  /** The run is over: nothing is waited for any more. */
  dispose(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
