/**
 * By how much timers come too late. Not by `monitorEventLoopDelay`: that loses the first delay after each reset (seen on Node 20 to 26), which may be the long one.
 */
import { now, startWatchdog } from "../../core/lowlevel.ts";

/** Milliseconds from timer to timer. They do not keep the process alive. */
const EVERY = 20;

export class LoopDelay {
  #isOn = true;
  #due = 0;
  #count = 0;
  #sum = 0;
  #max = 0;

  constructor() {
    this.#arm();
  }

  /** Milliseconds, of the timers since the call before, and of one that should have come by now; undefined without any. */
  sinceLast(): { readonly mean: number; readonly max: number } | undefined {
    const time = now();
    if (time - this.#due > EVERY) {
      this.#count++;
      this.#note(time);
      // When it comes, what it is later than now is new.
      this.#due = time;
    }
    const found = this.#count === 0 ? undefined : { mean: this.#sum / this.#count, max: this.#max };
    this.#count = this.#sum = this.#max = 0;
    return found;
  }

  stop(): void {
    this.#isOn = false;
  }

  #arm(): void {
    this.#due = now() + EVERY;
    startWatchdog(this.#beat, EVERY);
  }

  readonly #beat = (): void => {
    if (!this.#isOn) return;
    this.#count++;
    this.#note(now());
    this.#arm();
  };

  #note(time: number): void {
    // Hosts count whole milliseconds, and may come a fraction early.
    const late = Math.max(0, time - this.#due);
    this.#sum += late;
    this.#max = Math.max(this.#max, late);
  }
}
