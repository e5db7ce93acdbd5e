/**
 * How often something has happened in the last minute, without a list of when.
 */

const WINDOW = 60_000;

/** Counts of this minute and of the one before: what is older has slid out. Right to the event for an even flow; never off by more than the minute before it had. */
export class MinuteRate {
  #begin: number;
  #current: number = 0;
  #before: number = 0;

  constructor(time: number) {
    this.#begin = time;
  }

  add(time: number): void {
    this.#slide(time);
    this.#current++;
  }

  /** About how many in the minute before `time`. */
  at(time: number): number {
    this.#slide(time);
    return this.#current + Math.round(this.#before * (1 - (time - this.#begin) / WINDOW));
  }

  #slide(time: number): void {
    const windows = Math.floor((time - this.#begin) / WINDOW);
    if (windows < 1) return;
    this.#before = windows === 1 ? this.#current : 0;
    this.#current = 0;
    this.#begin += windows * WINDOW;
  }
}
