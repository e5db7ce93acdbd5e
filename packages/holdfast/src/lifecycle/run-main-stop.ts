/**
 * How a program is told to stop.
 *
 *   running ──stop()──▶ stopping ──drain is over, stop() again──▶ cancelled
 *      │                   └─────────cancel()─────────────────────────▲
 *      └──cancel(), or stop() while nobody looks at `stopping`────────┘
 *
 * Invariants
 * - STOPPING-1: `stopping` aborts before `cancelling` does, each once, with one reason object.
 * - STOPPING-2: no timer runs once it is cancelled or disposed of.
 */
import { setMaxListeners } from "node:events";
import { CancelledError, isCancellation } from "../core/index.ts";
import { after } from "./run-main-timer.ts";

export class StopControl {
  readonly #name: string;
  readonly #drain: number;
  readonly #stopping: AbortController = new AbortController();
  readonly #cancelling: AbortController = new AbortController();
  #isWatched: boolean;
  #isOver: boolean = false;
  #stopTimer: (() => void) | undefined = undefined;
  #reason: CancelledError | undefined = undefined;

  /** `drain`: milliseconds. `isWatched`: somebody acts on `stopping`, whether they look at it or not. */
  constructor(name: string, drain: number, isWatched: boolean) {
    this.#name = name;
    this.#drain = drain;
    this.#isWatched = isWatched;
    // Everything that is in flight may listen: a hundred listeners are no leak here.
    setMaxListeners(0, this.#stopping.signal);
  }

  /** For whoever will act on it: from now on there is somebody to wait for. */
  get stopping(): AbortSignal {
    this.#isWatched = true;
    return this.#stopping.signal;
  }

  get cancelling(): AbortSignal {
    return this.#cancelling.signal;
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Whether `error` only says that this was stopped. */
  isEcho(error: unknown): boolean {
    return isCancellation(error, this.#stopping.signal);
  }

  /** `by`: who asks, like "SIGTERM". */
  stop(by: string): void {
    if (this.isStopping || this.#isOver || !this.#isWatched) {
      this.cancel(by);
      return;
    }
    this.#stopTimer = after(this.#drain, () => this.cancel(by));
    this.#abort(this.#stopping, by);
  }

  /** Cancels now. `cause`: the error that it is for, if there is one. */
  cancel(by: string, cause?: unknown): void {
    this.dispose();
    this.#abort(this.#stopping, by, cause);
    this.#abort(this.#cancelling, by, cause);
  }

  #abort(controller: AbortController, by: string, cause?: unknown): void {
    this.#reason ??= new CancelledError(`${this.#name} was stopped by ${by}`, "cancel", this.#name, cause, by);
    if (!controller.signal.aborted) controller.abort(this.#reason);
  }

  /** Nothing is waited for any more. */
  dispose(): void {
    this.#isOver = true;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
