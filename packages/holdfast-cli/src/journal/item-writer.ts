/** Turns outcomes into rows, inside a transaction that the journal holds. */
import type { FailedAttempt, ItemOutcome } from "./outcome.ts";
import { RowWriter } from "./row-writer.ts";
import type { Database } from "./sqlite.ts";

/** Characters. A server's whole error page as a message, a hundred thousand times, would be the journal. */
const LONGEST_MESSAGE = 16_384;
const LONGEST_STACK = 32_768;

export interface ItemWriterOptions {
  readonly runId: number;
  /** Items get numbers of the journal's own, from `nextId`; else an item's id is its index. */
  readonly isKeyed: boolean;
  readonly nextId: number;
}

export class ItemWriter {
  readonly #items: RowWriter;
  readonly #attempts: RowWriter;
  readonly #runId: number;
  readonly #isKeyed: boolean;
  #nextId: number;

  constructor(database: Database, options: ItemWriterOptions) {
    this.#items = new RowWriter(database, "item", [
      "id",
      "run_id",
      "item_index",
      "key",
      "state",
      "attempts",
      "started_at",
      "duration",
      "output",
      "error_name",
      "error_code",
      "message",
      "sample",
    ]);
    this.#attempts = new RowWriter(database, "attempt", [
      "item_id",
      "run_id",
      "attempt",
      "started_at",
      "duration",
      "error_name",
      "error_code",
      "message",
      "stack",
    ]);
    this.#runId = options.runId;
    this.#isKeyed = options.isKeyed;
    this.#nextId = options.nextId;
  }

  write(outcomes: readonly ItemOutcome[]): void {
    for (const outcome of outcomes) {
      const id = this.#isKeyed ? this.#nextId++ : outcome.index;
      const { error } = outcome;
      this.#items.add(
        id,
        this.#runId,
        outcome.index,
        outcome.key ?? null,
        outcome.state,
        outcome.attempts,
        outcome.startedAt,
        outcome.duration,
        outcome.output ?? null,
        cleanOrNull(error?.errorName),
        cleanOrNull(error?.errorCode),
        error === undefined ? null : cut(error.message, LONGEST_MESSAGE),
        cleanOrNull(outcome.sample),
      );
      for (const attempt of outcome.failedAttempts) this.#writeAttempt(id, attempt);
    }
    this.#items.flush();
    this.#attempts.flush();
  }

  #writeAttempt(id: number, attempt: FailedAttempt): void {
    this.#attempts.add(
      id,
      this.#runId,
      attempt.attempt,
      attempt.startedAt,
      attempt.duration,
      clean(attempt.errorName),
      cleanOrNull(attempt.errorCode),
      cut(attempt.message, LONGEST_MESSAGE),
      attempt.stack === undefined ? null : cut(attempt.stack, LONGEST_STACK),
    );
  }
}

/** SQLite's text would end at a NUL, and with it the message. */
function clean(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\u2400") : text;
}

function cut(text: string, longest: number): string {
  return clean(text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length - longest} more characters)`);
}

function cleanOrNull(text: string | undefined): string | null {
  return text === undefined ? null : clean(text);
}
