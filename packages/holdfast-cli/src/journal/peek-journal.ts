/** Looks into a journal without a lock, a run or a write: what a dry run wants to know. */
import { resolve } from "node:path";
import { loadDoneItems } from "./done-set.ts";
import { journalError } from "./journal-error.ts";
import { journalFileKind } from "./journal-file.ts";
import type { Journal, JournalCounts, JournalOptions } from "./journal.ts";
import { lastRun, requireSameJob } from "./run-record.ts";
import { openDatabase } from "./sqlite.ts";

export interface JournalPeek extends JournalCounts {
  readonly isDone: Journal["isDone"];
}

/**
 * What a run with these options would find done; undefined where there is no journal of ours.
 *
 * @throws {CliError} 65 when it belongs to another input or handler, or is corrupted.
 */
export function peekJournal(options: Pick<JournalOptions, "path" | "handler" | "input">): JournalPeek | undefined {
  const path = resolve(options.path);
  if (journalFileKind(path) !== "journal") return undefined;
  try {
    const database = openDatabase(path, { readOnly: true });
    try {
      const { done, succeeded, dead } = loadDoneItems(database, options.input.key !== undefined);
      const last = lastRun(database);
      if (last !== undefined && succeeded + dead > 0) requireSameJob(last, options);
      return { succeeded, dead, isDone: (index, key) => done.has(index, key) };
    } finally {
      database.close();
    }
  } catch (error) {
    throw journalError(options.path, error);
  }
}
