/**
 * Asks a process again and again: for its numbers at each interval, for its tasks as often as that takes no more than a twentieth of its time.
 *
 *   connected ──▶ numbers ──▶ tasks, when they are due ──▶ wait ──▶ numbers ──▶ …
 *                    └── no answer for 1 s: "not answering"; for 3 s: what its main thread runs is asked, once
 *
 * WATCH-1: the process is asked for its tasks so seldom that answering takes 5% of its time at most. The first answer does not count: it takes what is needed once.
 */
import type { LiveCancellation, LiveGauges, LiveSnapshot, ProcessDump } from "holdfast/inspect";
import type { Clock } from "../clock.ts";
import type { LiveConnection } from "./live-connection.ts";
import type { Watched } from "./view.ts";

export interface WatchOptions {
  readonly pid: number;
  readonly connection: LiveConnection;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly interval: number;
  /** Snapshots, then it ends. */
  readonly count: number;
  /** Whether the tasks are left as they are. */
  readonly isPaused: () => boolean;
  /** Something new is known: new tasks, other numbers, or that nothing comes. */
  readonly onChange: (watched: Watched, isSnapshot: boolean) => void;
  /** What a process that does not answer runs, or why that is not known. */
  readonly findBlock: () => Promise<readonly string[] | string>;
}

/** Share of the process's time. */
const SHARE = 0.05;
/** Milliseconds after which a question counts as not answered, and after which it is asked why. */
const SILENT = 1_000;
const BLOCKED = 3_000;
const TICK = 250;
/** What the first numbers are about. */
const FIRST_SPAN = 250;
/** A timer may come a little early. */
const TOLERANCE = 2;

export class ProcessWatch {
  readonly #options: WatchOptions;
  #gauges: LiveGauges | undefined;
  #snapshot: LiveSnapshot | undefined;
  #before: ProcessDump | undefined;
  #interval: number;
  #due = 0;
  /** When the question was asked that has no answer yet. */
  #asked: number | undefined;
  #isBlockSought = false;
  #blockedBy: readonly string[] | string | undefined;
  #isOver = false;
  #wake: (() => void) | undefined;
  #cancellations: { readonly id: number; readonly onAnswer: (answer: LiveCancellation) => void }[] = [];

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#interval = options.interval;
  }

  get watched(): Watched {
    const { pid, clock } = this.#options;
    const silence = this.#asked === undefined ? 0 : clock.now() - this.#asked;
    return {
      pid,
      gauges: this.#gauges,
      snapshot: this.#snapshot,
      before: this.#before,
      interval: this.#interval,
      silence: silence < SILENT ? undefined : silence,
      blockedBy: this.#blockedBy,
    };
  }

  /** Settles after the last snapshot, or when it was told to stop. @throws {CliError} (69) when the process hangs up */
  async run(): Promise<void> {
    const { clock, connection, interval, count, isPaused, onChange } = this.#options;
    const stopTicking = clock.every(TICK, () => this.#tick());
    try {
      // Numbers are about the time since the question before.
      await this.#ask(() => connection.sinceLast());
      await this.#sleep(Math.min(interval, FIRST_SPAN));
      for (let taken = 0; !this.#isOver;) {
        await this.#cancelAll();
        this.#gauges = await this.#ask(() => connection.sinceLast());
        const isDue = !isPaused() && clock.now() + TOLERANCE >= this.#due;
        if (isDue) {
          await this.#takeSnapshot();
          taken += 1;
        }
        onChange(this.watched, isDue);
        if (taken >= count) return;
        await this.#sleep(Math.max(interval, this.#gauges.pause / SHARE));
      }
    } catch (error) {
      if (!this.#isOver) throw error;
    } finally {
      stopTicking();
      connection.close();
    }
  }

  stop(): void {
    this.#isOver = true;
    this.#options.connection.close();
    this.#wake?.();
  }

  /** Asks for the tasks now, if that is not asked too often. */
  refresh(): void {
    this.#wake?.();
  }

  cancel(id: number, onAnswer: (answer: LiveCancellation) => void): void {
    this.#cancellations.push({ id, onAnswer });
    this.#wake?.();
  }

  async #takeSnapshot(): Promise<void> {
    const { connection, interval, clock } = this.#options;
    const snapshot = await this.#ask(() => connection.snapshot());
    if (this.#snapshot !== undefined) this.#interval = Math.max(interval, snapshot.pause / SHARE);
    this.#before = this.#snapshot?.dump;
    this.#snapshot = snapshot;
    // Not from the question on: a process that was blocked would be asked again at once.
    this.#due = clock.now() + this.#interval;
  }

  async #cancelAll(): Promise<void> {
    for (let next = this.#cancellations.shift(); next !== undefined; next = this.#cancellations.shift()) {
      const { id, onAnswer } = next;
      onAnswer(await this.#ask(() => this.#options.connection.cancel(id)));
    }
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    this.#asked = this.#options.clock.now();
    try {
      return await question();
    } finally {
      this.#asked = undefined;
      this.#isBlockSought = false;
      this.#blockedBy = undefined;
    }
  }

  #sleep(ms: number): Promise<void> {
    // What came while it was asked is not to wait.
    if (this.#isOver || this.#cancellations.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.#options.clock.after(ms, () => this.#wake?.());
      this.#wake = () => {
        this.#wake = undefined;
        stop();
        resolve();
      };
    });
  }

  #tick(): void {
    const { onChange } = this.#options;
    const { silence } = this.watched;
    if (silence === undefined) return;
    if (silence >= BLOCKED && !this.#isBlockSought) {
      this.#isBlockSought = true;
      void this.#seekBlock();
    }
    onChange(this.watched, false);
  }

  async #seekBlock(): Promise<void> {
    const asked = this.#asked;
    const found = await this.#options.findBlock();
    // It may have answered meanwhile, and be silent again.
    if (asked === undefined || asked !== this.#asked) return;
    this.#blockedBy = found;
    this.#options.onChange(this.watched, false);
  }
}
