/**
 * The journal's public shape: what is done, durable, and what is not.
 *
 *   record ──> pending ──(5 ms, 500 rows, flush)──> BEGIN · rows · output · COMMIT ──> onCommit
 *
 * - JOURNAL-1: `onCommit` gets each recorded outcome once, after the commit that holds it.
 * - JOURNAL-2: a commit that fails acknowledges nothing, leaves no row and no output line of it, and ends the journal:
 *   every later call throws the same error.
 * - JOURNAL-3: one live process writes a journal.
 * - JOURNAL-4: the output file holds one line for each succeeded item of the journal, up to the offset in the journal.
 */
import type { InputFacts, InputFormat } from "../input/index.ts";
import type { OutputFile } from "../output/index.ts";
import type { JournalReport } from "./journal-report.ts";
import type { ItemOutcome } from "./outcome.ts";

export type ResumeMode = "auto" | "never" | "require";

export interface JournalInput {
  readonly name: string;
  readonly format: InputFormat;
  /** undefined for stdin. */
  readonly facts: InputFacts | undefined;
  /** The key field; undefined: items are known by their index, so the input must be the same bytes. */
  readonly key: string | undefined;
}

export interface JournalOptions {
  readonly path: string;
  /** The handler's name. A journal is continued only by the same one. */
  readonly handler: string;
  /** Kept with the run, as JSON, for people who read the journal. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly input: JournalInput;
  readonly resume: ResumeMode;
  /** Replaces the journal that is there. Nothing that isn't a journal of ours is ever replaced. */
  readonly fresh: boolean;
  /** Written inside the commit; the journal truncates it to what it knows when it is opened, and syncs it in `finish`. Its owner closes it. */
  readonly output: OutputFile | undefined;
  /** After COMMIT: now, and only now, they are acknowledged. Called synchronously from `record`, `flush`, `finish` or a timer. */
  readonly onCommit: (outcomes: readonly ItemOutcome[]) => void;
  /**
   * The commit that the 5 ms timer made has failed; there is no caller to throw at. Called at most once; the next
   * `record`, `flush` or `finish` throws the same error. Default: only that throw.
   */
  readonly onFailure?: ((error: Error) => void) | undefined;
}

export interface JournalCounts {
  readonly succeeded: number;
  readonly dead: number;
}

export interface Journal {
  /** Whether an earlier run of this journal is continued. */
  readonly resumed: boolean;
  readonly runId: number;
  /** From earlier runs of this journal. */
  readonly before: JournalCounts;
  /** Committed, in all runs together: `before` included. */
  readonly totals: JournalCounts;
  /** Whether the item was recorded, succeeded or dead, in this run or in an earlier one. By key where there is one, else by index. */
  isDone(index: number, key: string | undefined): boolean;
  /**
   * Takes the outcome for the next commit: within 5 ms, or now when it is the 500th that waits.
   *
   * @throws {CliError} 74 when the commit could not be written, 70 for an item that is recorded already.
   */
  record(outcome: ItemOutcome): void;
  /** Commits what waits. @throws {CliError} As `record`. */
  flush(): void;
  /** Of what is committed. Cost: O(failures). */
  report(): JournalReport;
  /** Commits what waits, syncs the output, closes the run's row. Afterwards only `report` and `close` are of use. @throws {CliError} As `record`. */
  finish(state: "finished" | "stopped" | "failed"): void;
  /** Frees file and lock; idempotent. What was recorded and not committed is dropped: `finish` first. */
  close(): void;
}
