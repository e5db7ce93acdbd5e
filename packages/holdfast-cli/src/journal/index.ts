/** What was done, in a SQLite file that outlives the process. */
export { openJournal } from "./open-journal.ts";
export { peekJournal } from "./peek-journal.ts";
export type { JournalPeek } from "./peek-journal.ts";
export type { Journal, JournalCounts, JournalInput, JournalOptions, ResumeMode } from "./journal.ts";
export type { AttemptsTally, ErrorTally, JournalReport } from "./journal-report.ts";
export type { FailedAttempt, ItemOutcome } from "./outcome.ts";
