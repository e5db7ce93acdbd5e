/**
 * What is under way to one reporter. Whatever the reporter does, nobody else notices.
 *
 * Invariants
 * - OUTBOX-1: a reporter that throws, rejects or never returns delays nobody and keeps at most 100 records.
 * - OUTBOX-2: `flush` settles within its limit and never rejects.
 */
import process from "node:process";
import { abortable, timeout } from "../core/index.ts";
import { messageOf, now } from "../core/lowlevel.ts";
import { Latch } from "../sync/index.ts";
import type { ErrorFacts, ErrorRecord, Reporter, SuppressionSummary } from "./error-handler-record.ts";
import { oneLine } from "./format-error-facts.ts";

/** Reports of one reporter that have not settled. */
const MOST_PENDING = 100;
/** Milliseconds between two complaints of the same kind: they must not become a storm of their own. */
const QUIET = 60_000;

/** How a reporter has done. */
export interface ReporterStats {
  readonly name: string;
  /** Calls of `report` that settled well. */
  readonly delivered: number;
  /** Calls, of whatever, that threw or rejected. */
  readonly failed: number;
  /** Records that it was not given, because a hundred others had not settled. */
  readonly dropped: number;
  readonly pending: number;
}

/** Says what is wrong with the handler's own parts, on stderr: the reporters can't be asked to. */
export class Complaints {
  readonly #last: Map<string, number> = new Map();

  about(part: string, error: unknown): void {
    const time = now();
    if (time - (this.#last.get(part) ?? -Infinity) < QUIET) return;
    this.#last.set(part, time);
    try {
      process.stderr.write(
        `holdfast: error handler: ${oneLine(`${part} failed: ${messageOf(error)}`).slice(0, 600)}\n`,
      );
    } catch {
      // Nobody is left to be told.
    }
  }
}

export class Outbox {
  readonly #reporter: Reporter;
  readonly #complaints: Complaints;
  readonly #idle: Latch = new Latch();
  #pending: number = 0;
  #delivered: number = 0;
  #failed: number = 0;
  #dropped: number = 0;

  constructor(reporter: Reporter, complaints: Complaints) {
    this.#reporter = reporter;
    this.#complaints = complaints;
    this.#idle.open();
  }

  get stats(): ReporterStats {
    const { name } = this.#reporter;
    return { name, delivered: this.#delivered, failed: this.#failed, dropped: this.#dropped, pending: this.#pending };
  }

  count(facts: ErrorFacts): void {
    try {
      this.#reporter.count?.(facts);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Whether the reporter has taken it, as far as can be said at once. */
  send(record: ErrorRecord): boolean {
    return this.#deliver(() => this.#reporter.report(record));
  }

  /** Whether the reporter takes summaries, and has taken this one, as far as can be said at once. */
  summarize(summary: SuppressionSummary): boolean {
    return this.#reporter.summary !== undefined && this.#deliver(() => this.#reporter.summary?.(summary));
  }

  #deliver(call: () => unknown): boolean {
    if (this.#pending >= MOST_PENDING) {
      this.#dropped++;
      return false;
    }
    try {
      const returned = call();
      if (typeof returned !== "object" || returned === null) this.#delivered++;
      else {
        this.#pending++;
        this.#idle.close();
        // Once round a promise of the host's: a foreign thenable may throw, or call back twice.
        Promise.resolve(returned).then(
          () => this.#settled(true),
          (error: unknown) => {
            this.#fail(error);
            this.#settled(false);
          },
        );
      }
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #settled(isDelivered: boolean): void {
    if (isDelivered) this.#delivered++;
    if (--this.#pending === 0) this.#idle.open();
  }

  #fail(error: unknown): void {
    this.#failed++;
    this.#complaints.about(`reporter "${this.#reporter.name}"`, error);
  }

  /** Whether all has arrived within `limit` milliseconds. */
  async flush(limit: number): Promise<boolean> {
    if (this.#pending === 0 && this.#reporter.flush === undefined) return true;
    const until = now() + limit;
    try {
      return await timeout(
        limit,
        async ({ signal }) => {
          await this.#idle.wait({ signal });
          const flushing = Promise.resolve(this.#reporter.flush?.(until === Infinity ? Infinity : until - now()));
          await abortable(flushing, { signal, onLateError: (error) => this.#fail(error) });
          return true;
        },
        { name: `flush of ${this.#reporter.name}`, grace: 0, fallback: () => false },
      );
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }
}
