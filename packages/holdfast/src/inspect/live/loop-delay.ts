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
    const overdue = now() - this.#due;
    const [count, sum] = overdue > EVERY ? [this.#count + 1, this.#sum + overdue] : [this.#count, this.#sum];
    const max = Math.max(this.#max, overdue > EVERY ? overdue : 0);
    this.#count = this.#sum = this.#max = 0;
    return count === 0 ? undefined : { mean: sum / count, max };
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
    // Hosts count whole milliseconds.
    const late = Math.max(0, now() - this.#due);
    this.#count++;
    this.#sum += late;
    this.#max = Math.max(this.#max, late);
    this.#arm();
  };
}
