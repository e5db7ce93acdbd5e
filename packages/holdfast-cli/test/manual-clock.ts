/** A clock that a test turns: timers fire in order, at exactly their time. */
import type { Clock } from "../src/clock.ts";

interface Timer {
  at: number;
  readonly every: number | undefined;
  readonly fire: () => void;
}

export class ManualClock implements Clock {
  #now = 0;
  readonly #timers: Set<Timer> = new Set();

  now(): number {
    return this.#now;
  }

  every(ms: number, tick: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: ms, fire: tick });
  }

  after(ms: number, fire: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: undefined, fire });
  }

  /** Timers that would still fire. */
  get pending(): number {
    return this.#timers.size;
  }

  /** To the next timer, which fires. */
  advanceToNext(): void {
    this.advance(Math.max(0, Math.min(...[...this.#timers].map(({ at }) => at)) - this.#now));
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      if (next.every === undefined) this.#timers.delete(next);
      else next.at += next.every;
      next.fire();
    }
    this.#now = end;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
}

/** Lets everything run that waits only for promises. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
