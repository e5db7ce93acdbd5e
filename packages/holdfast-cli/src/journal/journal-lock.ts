/**
 * One writer to a journal: an exclusive SQLite lock on `<journal>.lock`, a file of its own because readers must stay
 * free to open the journal.
 *
 * It is a lock of the operating system, so a process killed with -9 holds none; a file with a process id in it would lie.
 * The file stays: deleting it would let a second process lock a file that a third one no longer finds.
 */
import { isBusy } from "./journal-error.ts";
import { openDatabase } from "./sqlite.ts";

export interface JournalLock {
  release(): void;
}

/** undefined when another process, or another journal in this one, holds it. @throws {Error} As SQLite throws it. */
export function lockJournal(path: string): JournalLock | undefined {
  const database = openDatabase(`${path}.lock`);
  try {
    // On a file that may only be read, BEGIN EXCLUSIVE succeeds and locks nothing; the write that is never committed finds
    // that out. Its rollback journal is in memory: a kill leaves no third file.
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 1");
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  let isHeld = true;
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      database.close();
    },
  };
}
