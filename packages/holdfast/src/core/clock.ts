/**
 * The one seam to time and chance. Everything else in the library asks here, so a test replaces one object and owns both.
 *
 * Timers of the same duration share one host timer: they are a list in order of expiry, because they were started in that order. Starting and
 * stopping one is then a few field writes, which is what makes `timeout` cheaper than setTimeout plus clearTimeout by hand
 * (Node's own timers keep the same lists, but pay for a Timeout object and async hooks each time).
 *
 * Invariants
 * - CLOCK-1: a timer that was stopped never expires, one that was started expires at most once.
 * - CLOCK-2: a timer expires when its time has come, not earlier by a millisecond or more, however far away that is.
 */

/** What a host has to give: a monotonic clock, timers, and random numbers. Replace it with {@link setClock}. */
export interface Clock {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Milliseconds since 1970, as people and servers count them; may jump. */
  wallTime(): number;
  /** From 0 up to but not including 1. */
  random(): number;
  /** Calls back once, after at least `delay` ms (0 to 2^31 - 1), from a macrotask. A pending one keeps the process alive. */
  setTimer(callback: () => void, delay: number): unknown;
  clearTimer(handle: unknown): void;
}

/** A record that something expires. Its owner is the record: no object is made for a timer. */
export interface Timer {
  at: number;
  earlier: Timer | undefined;
  later: Timer | undefined;
  queue: TimerQueue | undefined;
  expire(): void;
}

/** Hosts fire a longer delay after one millisecond. */
const LONGEST_DELAY = 2 ** 31 - 1;

const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  random: () => Math.random(),
  setTimer: (callback, delay) => setTimeout(callback, delay),
  clearTimer: (handle) => clearTimeout(handle),
};

let clock: Clock = systemClock;
let queues: Map<number, TimerQueue> = new Map();

/** Milliseconds on the monotonic clock that all deadlines are points of. */
export function now(): number {
  return clock.now();
}

/** Milliseconds until a date that somebody else's clock has written; negative for the past, NaN for what is no date. */
export function timeUntil(date: string): number {
  return Date.parse(date) - clock.wallTime();
}

/** From 0 up to but not including 1. */
export function random(): number {
  return clock.random();
}

/** Replaces the clock for all that starts from now on and returns the one before; timers that already run stay with theirs. */
export function setClock(next: Clock | undefined): Clock {
  const before = clock;
  clock = next ?? systemClock;
  queues = new Map();
  return before;
}

/** Node can let a handle stop holding the process, Bun and Deno too; a browser has numbers. */
interface Referable {
  ref(): void;
  unref(): void;
}

class TimerQueue {
  readonly #clock: Clock = clock;
  readonly #home: Map<number, TimerQueue> = queues;
  readonly #delay: number;
  #first: Timer | undefined;
  #last: Timer | undefined;
  #handle: unknown;

  constructor(delay: number) {
    this.#delay = delay;
  }

  add(timer: Timer, delay: number): void {
    timer.at = this.#clock.now() + delay;
    timer.queue = this;
    timer.later = undefined;
    timer.earlier = this.#last;
    if (this.#last !== undefined) this.#last.later = timer;
    else {
      this.#first = timer;
      if (this.#handle === undefined) this.#arm(delay);
      // A handle that was kept has been unref'd, so it has this method (see remove).
      else (this.#handle as Referable).ref();
    }
    this.#last = timer;
  }

  remove(timer: Timer): void {
    if (timer.earlier === undefined) this.#first = timer.later;
    else timer.earlier.later = timer.later;
    if (timer.later === undefined) this.#last = timer.earlier;
    else timer.later.earlier = timer.earlier;
    timer.queue = timer.earlier = timer.later = undefined;
    if (this.#first !== undefined || this.#handle === undefined) return;
    // The host timer stays for the next one of this duration, but must not hold the process meanwhile.
    if (typeof (this.#handle as Partial<Referable>).unref === "function") (this.#handle as Referable).unref();
    else {
      this.#clock.clearTimer(this.#handle);
      this.#handle = undefined;
      this.#home.delete(this.#delay);
    }
  }

  #arm(delay: number): void {
    this.#handle = this.#clock.setTimer(this.#fire, Math.min(Math.max(Math.ceil(delay), 0), LONGEST_DELAY));
  }

  readonly #fire = (): void => {
    this.#handle = undefined;
    const time = this.#clock.now();
    // Hosts count whole milliseconds and may fire a fraction early.
    const isDue = (timer: Timer | undefined): timer is Timer => timer !== undefined && timer.at - time < 1;
    let due = 0;
    for (let timer = this.#first; isDue(timer); timer = timer.later) due++;
    let timer = this.#first;
    // So many and no more: one that is started anew for 0 ms has its turn later, when what it waits for has had one.
    for (; due > 0 && isDue(timer); due--) {
      this.remove(timer);
      timer.expire();
      timer = this.#first;
    }
    if (this.#handle !== undefined) return;
    if (timer === undefined) this.#home.delete(this.#delay);
    else this.#arm(timer.at - time);
  };
}

export type { TimerQueue };

/** Starts `timer`, which must not be running: `expire()` is called once after `delay` ms (0 to Infinity), unless it is stopped before. */
export function startTimer(timer: Timer, delay: number): void {
  // Node counts whole milliseconds too; the ceiling keeps jittered delays from making a queue each.
  const key = Math.ceil(delay);
  let queue = queues.get(key);
  if (queue === undefined) queues.set(key, (queue = new TimerQueue(key)));
  queue.add(timer, delay);
}

/** Stops `timer` if it runs. */
export function stopTimer(timer: Timer): void {
  timer.queue?.remove(timer);
}

/**
 * Calls back once after `delay` ms (0 to 2^31 - 1, what is longer is that) if the process is still there by then: on a host whose timers can be unref'd, this one
 * does not keep it alive. For saying what should have ended and has not.
 */
export function startWatchdog(callback: () => void, delay: number): void {
  const handle = clock.setTimer(callback, Math.min(Math.ceil(delay), LONGEST_DELAY));
  // Holds: a host's handle is an object with these methods, or a number, which has none.
  (handle as Partial<Referable>).unref?.();
}
