/**
 * Time that a test owns. Nothing passes by itself: either the test turns the clock, or, inside `run`, the clock jumps to the next timer
 * as soon as nothing is ready any more. Portable: Node, Bun, Deno, a page.
 *
 *   const clock = useFakeClock();                  // at the top of a file or of a `describe`: a fresh clock for each test
 *
 *   test("a sleep takes its time", async () => {
 *     await clock.run(() => sleep(60_000));        // jumps
 *     expect(clock.now()).toBe(60_000);
 *   });
 *
 *   test("a sleep of ten seconds is not over after nine", async () => {
 *     const sleeping = sleep(10_000);
 *     await clock.advanceBy(9_000);                // or turned by hand
 *     …
 *
 * "Nothing is ready" is exact for promises: one macrotask turn runs the microtask queue dry, however long the chains are. It is not
 * decidable while real I/O is in flight (a file, a socket, another process), so don't mix those with `run`.
 *
 * After each test the clock before is put back, and a timer that still holds the process fails the test.
 */
import { type Clock, setClock } from "holdfast/lowlevel";
import { afterEach, beforeEach } from "../harness.ts";

/** What hosts can wait for; a longer delay fires at once there, so here it is refused. */
const LONGEST_DELAY = 2 ** 31 - 1;
/** 2026-01-01T00:00:00Z. */
const WALL_START = Date.UTC(2026, 0, 1);

/** What `setTimer` returns: with the methods that Node, Bun and Deno have. */
class FakeTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  holdsProcess: boolean = true;

  constructor(at: number, order: number, callback: () => void) {
    this.at = at;
    this.order = order;
    this.callback = callback;
  }

  ref(): void {
    this.holdsProcess = true;
  }

  unref(): void {
    this.holdsProcess = false;
  }
}

export interface FakeClockOptions {
  /** Of `random()`. The same seed gives the same numbers. Default 1. */
  readonly seed?: number | undefined;
  /** What `setTimer` returns: an object with `ref` and `unref` as on Node, Bun and Deno (the default), or a number as in a page. */
  readonly handles?: "objects" | "numbers" | undefined;
}

export class FakeClock implements Clock {
  readonly #handles: "objects" | "numbers";
  #now = 0;
  #made = 0;
  #random: number;
  #timers: FakeTimer[] = [];

  constructor(options?: FakeClockOptions) {
    this.#handles = options?.handles ?? "objects";
    this.#random = options?.seed ?? 1;
  }

  /** Milliseconds since the test began. */
  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return WALL_START + this.#now;
  }

  /** mulberry32: from 0 up to but not including 1. */
  random(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let bits = this.#random;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  setTimer(callback: () => void, delay: number): unknown {
    if (!Number.isInteger(delay) || delay < 0 || delay > LONGEST_DELAY)
      throw new RangeError(`a host timer takes 0 to 2^31 - 1 whole milliseconds, got ${delay}`);
    const timer = new FakeTimer(this.#now + delay, ++this.#made, callback);
    this.#timers.push(timer);
    return this.#handles === "objects" ? timer : timer.order;
  }

  clearTimer(handle: unknown): void {
    this.#timers = this.#timers.filter((timer) => timer !== handle && timer.order !== handle);
  }

  /** Host timers that would keep the process alive. */
  get pending(): number {
    return this.#timers.filter((timer) => timer.holdsProcess).length;
  }

  /** Host timers that were ever made. */
  get made(): number {
    return this.#made;
  }

  /** Time passes in one go, as while a program computes: nothing runs meanwhile, and timers that are due fire in the next turn. */
  block(ms: number): void {
    this.#now += ms;
  }

  /** Runs all that is ready and all timers that are due, without moving the time. */
  async runCurrent(): Promise<void> {
    await this.advanceBy(0);
  }

  /** Moves the time by `ms`, stopping at each timer on the way, and each time runs what is ready. */
  async advanceBy(ms: number): Promise<void> {
    const end = this.#now + ms;
    await quiet();
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      this.#fire(next);
      await quiet();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Jumps from timer to timer until nothing is ready and no timer holds the process. */
  async advanceUntilIdle(): Promise<void> {
    await quiet();
    while (this.pending > 0) {
      this.#fireNext();
      await quiet();
    }
  }

  /**
   * Calls `body` and settles as it does. Whenever nothing is ready, the clock jumps to the next timer.
   *
   * @throws {Error} when nothing is ready and no timer runs: `body` would wait for ever
   */
  async run<T>(body: () => T | PromiseLike<T>): Promise<T> {
    const state = { isSettled: false };
    const result = (async () => await body())();
    const note = (): void => void (state.isSettled = true);
    result.then(note, note);
    await quiet();
    while (!state.isSettled) {
      if (this.#next() === undefined)
        throw new Error(`nothing is ready and no timer runs at ${this.#now} ms: the body would wait for ever`);
      this.#fireNext();
      await quiet();
    }
    return await result;
  }

  #next(): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of this.#timers)
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    return next;
  }

  #fireNext(): void {
    const next = this.#next();
    if (next !== undefined) this.#fire(next);
  }

  #fire(timer: FakeTimer): void {
    this.clearTimer(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.callback();
  }
}

/** The clock of the test that runs; see the head of this file. Its members are those of {@link FakeClock}. */
export function useFakeClock(options?: FakeClockOptions): FakeClock {
  let current = new FakeClock(options);
  let before: Clock | undefined;
  beforeEach(() => {
    current = new FakeClock(options);
    before = setClock(current);
  });
  afterEach(() => {
    setClock(before);
    before = undefined;
    const left = current.pending;
    if (left > 0) throw new Error(`${left} ${left === 1 ? "timer was" : "timers were"} left running by the test`);
  });
  // Each test has a clock of its own behind this one object: a file may take the members of it only while a test runs.
  return new Proxy(current, {
    get: (_, name) => {
      const value: unknown = Reflect.get(current, name, current);
      return typeof value === "function" ? value.bind(current) : value;
    },
  });
}

let channel: InstanceType<typeof MessageChannel> | undefined;

function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    channel ??= new MessageChannel();
    channel.port1.addEventListener("message", () => resolve(), { once: true });
    channel.port1.start();
    channel.port2.postMessage(undefined);
  });
}

/** Turns that somebody waits for: as long as there is one, something is ready. */
const turns = { waiting: 0 };

/** One macrotask turn: everything that waits only for promises has run when it is over. A clock that runs does not jump meanwhile. */
export async function turn(): Promise<void> {
  turns.waiting++;
  await macrotask();
  turns.waiting--;
}

/** Until nothing is ready. */
async function quiet(): Promise<void> {
  do await macrotask();
  while (turns.waiting > 0);
}
