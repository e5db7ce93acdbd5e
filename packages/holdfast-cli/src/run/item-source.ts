/**
 * The items that a run takes: those of the input that the journal does not know, at the asked rate, up to the limit.
 *
 * SOURCE-1: items start one interval apart. What a timer is late by is made good up to a slack of a tenth of the interval,
 *   at least 2 ms, so that the rate is kept; what is beyond, and a pause of the run, is not: nothing is ever caught up
 *   in a burst.
 * SOURCE-2: after `stop()` no item is handed out, and a pending `next()` ends at once, also while the input waits for more.
 * SOURCE-3: calls of `next()` are answered one after the other; each item goes to exactly one.
 * SOURCE-4: a broken input ends the source like its end does, and is kept in `failure`: what it gave before is not cut short.
 */
import type { Clock } from "../clock.ts";
import type { Input, InputItem } from "../input/index.ts";

export interface ItemSourceOptions {
  readonly input: Input;
  readonly isDone: (index: number, key: string | undefined) => boolean;
  readonly limit: number | undefined;
  /** Milliseconds between two starts. */
  readonly interval: number | undefined;
  readonly clock: Clock;
}

/** Milliseconds: what timers are late by when nothing is wrong. */
const leastSlack = 2;

type Step = IteratorResult<InputItem, undefined>;
const end: Step = { done: true, value: undefined };

export class ItemSource implements AsyncIterableIterator<InputItem, undefined> {
  /** Handed out in this run. */
  taken = 0;
  /** Passed over: done before. */
  skipped = 0;
  /**
   * Handed out although an earlier run had started them: they lie before an item that it finished, and items start in
   * order. A lower bound: of what was started after the last finished item there is no trace.
   */
  rerun = 0;
  /** The limit was reached with items left. */
  limitReached = false;
  /** The input was read to its end. */
  exhausted = false;
  /** What the input threw: the items before it are handed out, and finish. */
  failure: unknown;

  readonly #options: ItemSourceOptions;
  readonly #items: AsyncIterator<InputItem>;
  #stopped = false;
  #wake: (() => void) | undefined;
  #notDoneSinceDone = 0;
  #nextStart = -Infinity;
  #last: Promise<unknown> | undefined;

  constructor(options: ItemSourceOptions) {
    this.#options = options;
    this.#items = options.input.items();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    const step = this.#last === undefined ? this.#take() : this.#last.then(() => this.#take());
    this.#last = step;
    return step;
  }

  async return(): Promise<Step> {
    this.stop();
    await this.#items.return?.();
    return end;
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async #take(): Promise<Step> {
    for (;;) {
      if (this.#stopped || this.exhausted || this.limitReached) return end;
      let step: IteratorResult<InputItem> | undefined;
      try {
        step = await this.#read();
      } catch (error) {
        this.failure = error;
        this.#stopped = true;
        return end;
      }
      if (step === undefined || this.#stopped) return end;
      if (step.done === true) {
        this.exhausted = true;
        return end;
      }
      const entry = step.value;
      if (this.#options.isDone(entry.index, entry.key)) {
        this.skipped += 1;
        this.rerun += this.#notDoneSinceDone;
        this.#notDoneSinceDone = 0;
        continue;
      }
      if (this.taken === this.#options.limit) {
        this.limitReached = true;
        return end;
      }
      if (this.#options.interval !== undefined && !(await this.#turn(this.#options.interval))) return end;
      this.taken += 1;
      this.#notDoneSinceDone += 1;
      return step;
    }
  }

  /** The input's next step; undefined when the run was stopped while it waited for one. */
  #read(): Promise<IteratorResult<InputItem> | undefined> {
    const reading = this.#items.next();
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      reading.then(resolve, reject);
    });
  }

  /** Waits for the next start; false when the run was stopped meanwhile. */
  async #turn(interval: number): Promise<boolean> {
    const { clock } = this.#options;
    const slack = Math.max(interval / 10, leastSlack);
    const now = clock.now();
    const due = this.#nextStart >= now - slack ? this.#nextStart : now;
    if (due > now) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(due - now, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#nextStart = Math.max(due, clock.now() - slack) + interval;
    return !this.#stopped;
  }
}
