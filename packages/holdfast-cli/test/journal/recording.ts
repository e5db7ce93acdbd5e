/** Journals in tests: options, outcomes, a timer that fires when told, and the journal as another program reads it. */
import { join } from "node:path";
import type { InputFacts } from "../../src/input/index.ts";
import type { FailedAttempt, ItemOutcome, JournalOptions } from "../../src/journal/index.ts";
import type { Schedule } from "../../src/journal/group-commit.ts";
import { openDatabase } from "../../src/journal/sqlite.ts";

export const FACTS: InputFacts = { size: 100, sha256: "a".repeat(64), items: 10 };

export function journalOptions(folder: string, changes: Partial<JournalOptions> = {}): JournalOptions {
  return {
    path: join(folder, "run.db"),
    handler: "handler.ts",
    options: { concurrency: 100 },
    input: { name: "items.ndjson", format: "ndjson", facts: FACTS, key: undefined },
    resume: "auto",
    fresh: false,
    output: undefined,
    onCommit: () => undefined,
    ...changes,
  };
}

export function succeeded(index: number, key?: string): ItemOutcome {
  return {
    index,
    key,
    state: "succeeded",
    attempts: 1,
    startedAt: 1_700_000_000_000,
    duration: 1.5,
    output: `{"n":${index}}`,
    error: undefined,
    failedAttempts: [],
    sample: undefined,
  };
}

export function failedAttempt(attempt: number, changes: Partial<FailedAttempt> = {}): FailedAttempt {
  return {
    attempt,
    startedAt: 1_700_000_000_000 + attempt,
    duration: 0.5,
    errorName: "HttpError",
    errorCode: "E503",
    message: `busy ${attempt}`,
    stack: "HttpError: busy\n    at handler.ts:1:1",
    ...changes,
  };
}

export function dead(index: number, attempts: readonly FailedAttempt[], key?: string): ItemOutcome {
  return {
    ...succeeded(index, key),
    state: "dead",
    attempts: attempts.length,
    output: undefined,
    error: attempts.at(-1),
    failedAttempts: attempts,
    sample: `{"item":${index}}`,
  };
}

/** A host timer that fires when the test says so. */
export class ManualTimer {
  readonly log: string[] = [];
  #run: (() => void) | undefined;

  readonly schedule: Schedule = (run, ms) => {
    this.log.push(`set ${ms}`);
    this.#run = run;
    return () => {
      this.log.push("clear");
      this.#run = undefined;
    };
  };

  fire(): void {
    const run = this.#run;
    this.#run = undefined;
    run?.();
  }
}

/** Rows as another program sees them: a connection of its own, only what is committed. */
export function query(path: string, sql: string): unknown[] {
  const database = openDatabase(path, { readOnly: true });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...(row as object) }));
  } finally {
    database.close();
  }
}
