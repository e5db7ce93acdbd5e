/**
 * A clock that decides, by a seed, what happens first: of the timers that are due at the same time any may fire next, alone or together with others before what
 * they have woken runs. The same seed gives the same order.
 */
import type { Clock } from "holdfast/lowlevel";
import { turn } from "../clock/fake-clock.ts";

class Entry {
  readonly at: number;
  readonly callback: () => void;
  holdsProcess: boolean = true;

  constructor(at: number, callback: () => void) {
    this.at = at;
    this.callback = callback;
  }

  ref(): void {
    this.holdsProcess = true;
  }

  unref(): void {
    this.holdsProcess = false;
  }
}

/** How many of those that are due may fire before what they have woken runs. */
const TOGETHER = 3;

/** No program takes so many. */
const MOST_TURNS = 20_000;

export class ShuffledClock implements Clock {
  /** Of the macrotask that runs. */
  turns: number = 0;
  /** Host timers that were ever made. */
  made: number = 0;
  #now: number = 0;
  #state: number;
  #entries: Entry[] = [];

  constructor(seed: number) {
    this.#state = seed;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#now;
  }

  /** mulberry32. */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  setTimer(callback: () => void, delay: number): unknown {
    this.made++;
    const entry = new Entry(this.#now + delay, callback);
    this.#entries.push(entry);
    return entry;
  }

  clearTimer(handle: unknown): void {
    this.#entries = this.#entries.filter((entry) => entry !== handle);
  }

  /** Timers that would keep a process alive. */
  get pending(): number {
    return this.#entries.filter(({ holdsProcess }) => holdsProcess).length;
  }

  /** Lets time pass until no timer holds the process any more. `afterTurn` is called when everything that was ready has run. */
  async drive(afterTurn: () => void): Promise<void> {
    await turn();
    afterTurn();
    while (this.pending > 0) {
      if (++this.turns > MOST_TURNS) throw new Error(`${MOST_TURNS} turns, and it is not over`);
      const at = Math.min(...this.#entries.map((entry) => entry.at));
      this.#now = Math.max(this.#now, at);
      const together = 1 + Math.floor(this.random() * TOGETHER);
      for (let count = 0; count < together; count++) {
        const due = this.#entries.filter((entry) => entry.at <= this.#now);
        const next = due[Math.floor(this.random() * due.length)];
        if (next === undefined) break;
        this.clearTimer(next);
        next.callback();
      }
      await turn();
      afterTurn();
    }
  }
}
