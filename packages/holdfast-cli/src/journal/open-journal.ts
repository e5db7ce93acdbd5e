/** Opens, creates or continues a journal. */
import type { Journal, JournalOptions } from "./journal.ts";

/**
 * @throws {CliError} 75 held by a live run; 65 another input, handler or key field, not a journal, or corrupted; 73 can't
 * be created, or is there with `resume: "never"`; 74 can't be written; 66 is not there with `resume: "require"`.
 */
export function openJournal(options: JournalOptions): Journal {
  throw new Error(`not there yet: ${options.path}`);
}
