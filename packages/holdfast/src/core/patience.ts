/**
 * How long a group waits for those who were told to stop: after five seconds it says once for whom, after its grace it abandons them.
 */
import { startTimer, stopTimer, type Timer, type TimerQueue } from "./clock.ts";

/** Milliseconds. */
const PATIENCE = 5000;

/** What it needs of its group. */
export interface Waiting {
  /** Says for whom it waits after `ms` milliseconds; false if there is nobody. */
  report(ms: number): boolean;
  /** Gives up those who were told to stop. */
  abandonAll(): void;
  /** Gives up its body. */
  leaveBody(): void;
}

/** Made by the first cancellation: most groups have none. */
export class Patience implements Timer {
  at: number = 0;
  earlier: Timer | undefined = undefined;
  later: Timer | undefined = undefined;
  queue: TimerQueue | undefined = undefined;
  readonly #group: Waiting;
  readonly #grace: number;
  #hasReported: boolean = false;
  /** The rest of a grace that is longer than the time until the report. */
  #isLast: boolean = false;
  #isForBody: boolean = false;

  constructor(group: Waiting, grace: number) {
    this.#group = group;
    this.#grace = grace;
  }

  /** From now on somebody is to stop. `again`: somebody who was told only now. */
  begin(again: boolean): void {
    if (this.queue !== undefined && !again) return;
    stopTimer(this);
    this.#isLast = this.#isForBody = false;
    if (this.#grace !== Infinity || !this.#hasReported) startTimer(this, Math.min(PATIENCE, this.#grace));
  }

  /** The tasks are given up: a body that only waited for them gets a turn to go on. */
  beginWithBody(): void {
    this.#isForBody = true;
    startTimer(this, 0);
  }

  expire(): void {
    if (this.#isForBody) {
      this.#isForBody = false;
      this.#group.leaveBody();
      return;
    }
    if (this.#isLast || this.#grace <= PATIENCE) {
      this.#group.abandonAll();
      return;
    }
    if (!this.#hasReported) this.#hasReported = this.#group.report(PATIENCE);
    if (this.#grace === Infinity) return;
    this.#isLast = true;
    startTimer(this, this.#grace - PATIENCE);
  }
}
