/** Reads the runner's journal from outside, while it is written or after its writer was killed: it is a SQLite file. */
import { existsSync } from "node:fs";
import { DatabaseSync } from "@photostructure/sqlite";

/** An item whose end is on the disk. What is in flight has no row. */
export interface JournalItem {
  /** The line of the input, from 0. */
  readonly index: number;
  readonly state: "succeeded" | "dead";
}

/** Items that ended, as a result or a dead letter; 0 while there is no journal yet. */
export function countAcknowledged(file: string): number {
  if (!existsSync(file)) return 0;
  const journal = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    // The file is there before its tables are.
    const isReady = journal.prepare("SELECT 1 FROM sqlite_master WHERE name = 'item'").get() !== undefined;
    return isReady ? Number(journal.prepare("SELECT count(*) AS acknowledged FROM item").get()?.["acknowledged"]) : 0;
  } finally {
    journal.close();
  }
}

/** @throws {TypeError} when a row is not what the journal documents. */
export function readJournal(file: string): JournalItem[] {
  const journal = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    return journal.prepare('SELECT item_index AS "index", state FROM item ORDER BY item_index').all().map(toItem);
  } finally {
    journal.close();
  }
}

function toItem(row: unknown): JournalItem {
  if (typeof row === "object" && row !== null && "index" in row && "state" in row) {
    const { index, state } = row;
    if (typeof index === "number" && (state === "succeeded" || state === "dead")) return { index, state };
  }
  throw new TypeError(`a row of the journal must have an index and a state, got ${JSON.stringify(row)}`);
}
