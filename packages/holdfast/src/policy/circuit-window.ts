/**
 * What a circuit remembers of its calls: the last so many, or those of the last so many milliseconds.
 *
 * Invariants
 * - CIRCUIT-WINDOW-1: the counts are those of the calls in the window, and of no other.
 */

/** Calls in the window. */
export interface CircuitStats {
  readonly calls: number;
  readonly failures: number;
  /** Calls that took at least `slowCall.ms`, failed or not. */
  readonly slow: number;
}

/** Of a window of calls: one digit for each, the oldest first (1 failed, 2 was slow, 3 both). Of a window of time: its parts, with their age in milliseconds. */
export type CircuitHistory =
  | string
  | readonly (readonly [age: number, calls: number, failures: number, slow: number])[];

/** What became of a call, in bits. */
export const FAILED = 1;
export const SLOW = 2;

export abstract class CircuitWindow {
  /** Whether it has to be told the time. */
  abstract readonly isTimed: boolean;
  calls: number = 0;
  failures: number = 0;
  slow: number = 0;

  /** Counts calls, or, for a negative number, forgets them. */
  protected count(calls: number, failures: number, slow: number): void {
    this.calls += calls;
    this.failures += failures;
    this.slow += slow;
  }

  clear(): void {
    this.count(-this.calls, -this.failures, -this.slow);
  }

  /** Forgets what has left the window by `time`. */
  abstract advance(time: number): void;
  abstract add(outcome: number, time: number): void;
  abstract save(time: number): CircuitHistory;
  /** Whether {@link load} can make anything of it. */
  abstract accepts(history: unknown): boolean;
  /** Into a window that is empty. */
  abstract load(history: CircuitHistory, time: number): void;
}

/** The last `size` calls. */
export class CallWindow extends CircuitWindow {
  readonly isTimed: boolean = false;
  readonly #outcomes: Uint8Array;
  /** Where the next is put; when all places are taken, the oldest is there. */
  #next: number = 0;

  constructor(size: number) {
    super();
    this.#outcomes = new Uint8Array(size);
  }

  advance(): void {}

  add(outcome: number): void {
    const { length } = this.#outcomes;
    if (this.calls === length) {
      const oldest = this.#outcomes[this.#next] ?? 0;
      this.count(-1, -(oldest & FAILED), -(oldest >> 1));
    }
    this.#outcomes[this.#next] = outcome;
    this.#next = (this.#next + 1) % length;
    this.count(1, outcome & FAILED, outcome >> 1);
  }

  save(): string {
    const { length } = this.#outcomes;
    let history = "";
    for (let index = length - this.calls; index < length; index++)
      history += String(this.#outcomes[(this.#next + index) % length]);
    return history;
  }

  accepts(history: unknown): boolean {
    return typeof history === "string" && /^[0-3]*$/.test(history);
  }

  load(history: CircuitHistory): void {
    for (const digit of history) this.add(Number(digit));
  }
}

/** A window of time moves on in so many steps: a call counts for nine to ten tenths of it. */
const PARTS = 10;

/** Calls of the last `ms` milliseconds. */
export class TimeWindow extends CircuitWindow {
  readonly isTimed: boolean = true;
  readonly #step: number;
  /** The number of the part that is filled now. Counted from so long before the beginning of time that the parts before it have numbers too. */
  #current: number = 0;
  /** Calls, failures and slow calls of each part; part n is at n % PARTS. */
  readonly #parts: ([calls: number, failures: number, slow: number] | undefined)[] = [];

  constructor(ms: number) {
    super();
    this.#step = ms / PARTS;
  }

  override clear(): void {
    super.clear();
    this.#parts.length = 0;
  }

  advance(time: number): void {
    const current = this.#partOf(time);
    for (let part = Math.max(this.#current, current - PARTS) + 1; part <= current; part++) this.#drop(part % PARTS);
    this.#current = current;
  }

  #partOf(time: number): number {
    return Math.floor(time / this.#step) + PARTS;
  }

  #drop(place: number): void {
    const [calls, failures, slow] = this.#parts[place] ?? [0, 0, 0];
    this.count(-calls, -failures, -slow);
    this.#parts[place] = undefined;
  }

  add(outcome: number, time: number): void {
    this.advance(time);
    this.#addTo(this.#current, 1, outcome & FAILED, outcome >> 1);
  }

  #addTo(part: number, calls: number, failures: number, slow: number): void {
    const counts = (this.#parts[part % PARTS] ??= [0, 0, 0]);
    counts[0] += calls;
    counts[1] += failures;
    counts[2] += slow;
    this.count(calls, failures, slow);
  }

  save(time: number): CircuitHistory {
    this.advance(time);
    const history: [number, number, number, number][] = [];
    for (let part = this.#current - PARTS + 1; part <= this.#current; part++) {
      const counts = this.#parts[part % PARTS];
      // From the middle of the part: another process's parts begin at other times.
      if (counts !== undefined) history.push([Math.max(0, time - (part - PARTS + 0.5) * this.#step), ...counts]);
    }
    return history;
  }

  accepts(history: unknown): boolean {
    const isCount = (value: unknown): boolean => typeof value === "number" && value >= 0;
    return (
      Array.isArray(history) &&
      history.every((part: unknown) => Array.isArray(part) && part.length === 4 && part.every(isCount))
    );
  }

  load(history: CircuitHistory, time: number): void {
    this.advance(time);
    // Holds: it was accepted.
    for (const [age, calls, failures, slow] of history as Exclude<CircuitHistory, string>) {
      const part = this.#partOf(time - age);
      if (part > this.#current - PARTS) this.#addTo(part, calls, failures, slow);
    }
  }
}
