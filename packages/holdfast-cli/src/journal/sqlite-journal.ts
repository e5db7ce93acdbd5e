/** The journal over an open database: see `journal.ts` for what it promises. */
import { CliError } from "../cli-error.ts";
import { OutputClosedError } from "../output/index.ts";
import type { OutputFile } from "../output/index.ts";
import type { LoadedItems } from "./done-set.ts";
import { GroupCommit } from "./group-commit.ts";
import type { Schedule } from "./group-commit.ts";
import { ItemWriter } from "./item-writer.ts";
import { journalError } from "./journal-error.ts";
import type { JournalLock } from "./journal-lock.ts";
import type { JournalReport } from "./journal-report.ts";
import type { Journal, JournalCounts, JournalOptions } from "./journal.ts";
import type { KillPoint } from "./kill-point.ts";
import type { ItemOutcome } from "./outcome.ts";
import { outputLine } from "./output-restore.ts";
import { journalReport } from "./report-queries.ts";
import { endRun } from "./run-record.ts";
import { closeTidily } from "./sqlite.ts";
import type { Database, Statement } from "./sqlite.ts";

export interface OpenedJournal {
  readonly options: JournalOptions;
  readonly database: Database;
  readonly lock: JournalLock;
  readonly runId: number;
  readonly resumed: boolean;
  readonly loaded: LoadedItems;
  /** Where the output's next line goes; undefined when no file is kept in step. */
  readonly offset: number | undefined;
  readonly schedule: Schedule | undefined;
  readonly kill: ((point: KillPoint) => void) | undefined;
}

export class SqliteJournal implements Journal {
  readonly resumed: boolean;
  readonly runId: number;
  readonly before: JournalCounts;
  readonly #opened: OpenedJournal;
  readonly #database: Database;
  readonly #output: OutputFile | undefined;
  readonly #kill: ((point: KillPoint) => void) | undefined;
  readonly #writer: ItemWriter;
  readonly #group: GroupCommit<ItemOutcome>;
  readonly #begin: Statement;
  readonly #commitSql: Statement;
  readonly #setOffset: Statement;
  #offset: number | undefined;
  #succeeded: number;
  #dead: number;
  #failure: CliError | undefined;
  /** The reader of stdout left: what it did not take stays undone. */
  #isAbandoned = false;
  #isFinished = false;
  #isClosed = false;

  constructor(opened: OpenedJournal) {
    const { database, loaded } = opened;
    this.#opened = opened;
    this.#database = database;
    this.#output = opened.options.output;
    this.#kill = opened.kill;
    this.#offset = opened.offset;
    this.resumed = opened.resumed;
    this.runId = opened.runId;
    this.before = { succeeded: loaded.succeeded, dead: loaded.dead };
    this.#succeeded = loaded.succeeded;
    this.#dead = loaded.dead;
    this.#writer = new ItemWriter(database, {
      runId: opened.runId,
      isKeyed: opened.options.input.key !== undefined,
      nextId: loaded.lastId + 1,
    });
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commitSql = database.prepare("COMMIT");
    this.#setOffset = database.prepare("UPDATE output SET offset = ? WHERE id = 1");
    this.#group = new GroupCommit({
      commit: (batch) => this.#commit(batch),
      onTimerFailure: (error) => this.#reportTimerFailure(error),
      schedule: opened.schedule,
    });
  }

  get totals(): JournalCounts {
    return { succeeded: this.#succeeded, dead: this.#dead };
  }

  isDone(index: number, key: string | undefined): boolean {
    return this.#opened.loaded.done.has(index, key);
  }

  record(outcome: ItemOutcome): void {
    this.#requireOpen();
    if (this.#isAbandoned) return;
    const { index, key } = outcome;
    if ((this.#opened.options.input.key === undefined) !== (key === undefined)) {
      throw new CliError(
        70,
        `item ${index} was recorded ${key === undefined ? "without its key" : `with the key ${key}`}, unlike the input`,
      );
    }
    if (!this.#opened.loaded.done.add(index, key)) {
      throw new CliError(70, `item ${key ?? index} was recorded twice`);
    }
    this.#group.add(outcome);
  }

  flush(): void {
    this.#requireOpen();
    this.#group.flush();
  }

  report(): JournalReport {
    try {
      return journalReport(this.#database, this.totals);
    } catch (error) {
      throw journalError(this.#opened.options.path, error);
    }
  }

  finish(state: "finished" | "stopped" | "failed"): void {
    this.flush();
    try {
      this.#output?.sync?.();
      endRun(this.#database, this.runId, state, Date.now());
    } catch (error) {
      throw this.#fail(error);
    }
    this.#isFinished = true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#group.drop();
    closeTidily(this.#database);
    this.#opened.lock.release();
  }

  #commit(batch: readonly ItemOutcome[]): void {
    if (this.#isAbandoned) return;
    this.#kill?.("before-begin");
    try {
      this.#begin.run();
      this.#writer.write(batch);
      this.#writeOutput(batch);
      this.#kill?.("before-commit");
      this.#commitSql.run();
    } catch (error) {
      this.#undo();
      if (error instanceof OutputClosedError) {
        this.#isAbandoned = true;
        return;
      }
      throw this.#fail(error);
    }
    this.#kill?.("after-commit");
    for (const { state } of batch) {
      if (state === "succeeded") this.#succeeded++;
      else this.#dead++;
    }
    this.#opened.options.onCommit(batch);
  }

  #writeOutput(batch: readonly ItemOutcome[]): void {
    if (this.#output === undefined) return;
    let lines = "";
    for (const outcome of batch) {
      if (outcome.state === "succeeded") lines += outputLine(outcome.output);
    }
    if (lines !== "") {
      const offset = this.#output.write(lines);
      if (this.#offset !== undefined) this.#setOffset.run(offset);
    }
    this.#kill?.("after-output");
  }

  /** Leaves neither a row nor a line of the commit that failed. */
  #undo(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    } catch {
      // Some failures roll back by themselves, and a dead disk takes no ROLLBACK: the next opening does it.
    }
    try {
      const known = this.#committedOffset();
      if (known !== undefined) this.#output?.truncate(known);
    } catch {
      // The next run cuts what is behind the recorded offset.
    }
  }

  #committedOffset(): number | undefined {
    if (this.#offset === undefined) return undefined;
    // The column named; the row is there as long as a file is kept in step.
    const row = this.#database.prepare("SELECT offset FROM output").get() as { readonly offset: number } | undefined;
    return row?.offset;
  }

  #fail(error: unknown): CliError {
    this.#failure = journalError(this.#opened.options.path, error);
    return this.#failure;
  }

  #reportTimerFailure(error: unknown): void {
    // What onCommit threw is its owner's bug and must not look like a journal's.
    if (error !== this.#failure || this.#failure === undefined) throw error;
    this.#opened.options.onFailure?.(this.#failure);
  }

  #requireOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosed || this.#isFinished) {
      throw new CliError(70, `journal ${this.#opened.options.path} is ${this.#isClosed ? "closed" : "finished"}`);
    }
  }
}
