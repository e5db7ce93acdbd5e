/** Opens, creates or continues a journal. */
import { realpathSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { CliError } from "../cli-error.ts";
import { loadDoneItems } from "./done-set.ts";
import type { Schedule } from "./group-commit.ts";
import { corrupted, journalError } from "./journal-error.ts";
import { createJournalFile, journalFileKind, requireJournalFolder } from "./journal-file.ts";
import { lockJournal } from "./journal-lock.ts";
import type { JournalLock } from "./journal-lock.ts";
import type { Journal, JournalOptions } from "./journal.ts";
import { killSwitch } from "./kill-point.ts";
import { restoreOutput } from "./output-restore.ts";
import { lastRun, requireSameJob, startRun } from "./run-record.ts";
import { closeTidily, openDatabase } from "./sqlite.ts";
import type { Database } from "./sqlite.ts";
import { SqliteJournal } from "./sqlite-journal.ts";

/** What tests put in place of the host. */
export interface JournalHost {
  readonly schedule?: Schedule | undefined;
  /** Called with the connection before its first write. */
  readonly onOpen?: ((database: Database) => void) | undefined;
}

/**
 * A journal that is there is continued, if it belongs to the same handler and input; else one is created. Nothing is
 * changed in a journal that is refused.
 *
 * @throws {CliError} 75 held by a live run; 65 another input, handler or key field, not a journal, or corrupted; 73 can't
 * be created, or is there with `resume: "never"`; 74 can't be written; 66 is not there with `resume: "require"`; 64 the
 * same file is journal, input or output at once, or `fresh` and `resume: "require"` contradict each other.
 */
export function openJournal(options: JournalOptions, host: JournalHost = {}): Journal {
  const kill = killSwitch(process.env["HOLDFAST_TEST_KILL"]);
  if (options.fresh && options.resume === "require") {
    throw new CliError(64, "--fresh starts over and --resume require does not; name one of them");
  }
  const path = realPath(options.path);
  requireJournalFolder(path);
  requireDifferentFiles(options);
  requireUsable(path, options);
  const lock = acquireLock(path, options.path);
  let database: Database | undefined;
  try {
    // Again: another run may have made it while this one was not yet the only one.
    const kind = requireUsable(path, options);
    if (kind === "absent" || options.fresh) createJournalFile(path);
    database = openDatabase(path);
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    host.onOpen?.(database);
    requireSound(database, options.path);
    const loaded = loadDoneItems(database, options.input.key !== undefined);
    const last = lastRun(database);
    const isEmpty = loaded.succeeded + loaded.dead === 0;
    // A journal without items protects none: a first try with a wrong name must not need --fresh.
    if (last !== undefined && !isEmpty) requireSameJob(last, options);
    const offset = restoreOutput(database, options.output);
    const runId = startRun(database, options, Date.now());
    return new SqliteJournal({
      options,
      database,
      lock,
      runId,
      resumed: !isEmpty,
      loaded,
      offset,
      schedule: host.schedule,
      kill,
    });
  } catch (error) {
    if (database !== undefined) closeTidily(database);
    lock.release();
    throw journalError(options.path, error);
  }
}

function requireUsable(path: string, options: JournalOptions): "absent" | "journal" {
  const kind = journalFileKind(path);
  const name = options.path;
  switch (kind) {
    case "absent":
      if (options.resume === "require")
        throw new CliError(66, `journal ${name} does not exist, and --resume require continues only one that does`);
      return kind;
    case "journal":
      if (options.resume === "never" && !options.fresh) {
        throw new CliError(73, `journal ${name} exists, and --resume never continues none`, {
          hint: "--fresh starts over in it; --journal FILE names another",
        });
      }
      return kind;
    case "newer":
      throw new CliError(
        65,
        `journal ${name} was written by a newer version of holdfast; continue it with that one, or name another with --journal FILE`,
      );
    case "other":
      throw new CliError(
        65,
        `${name} is not a journal of holdfast, or damaged beyond recognition; it is left as it is`,
        {
          hint: "restore it from a copy, move it away, or name another with --journal FILE",
        },
      );
  }
}

function acquireLock(path: string, name: string): JournalLock {
  let lock: JournalLock | undefined;
  try {
    lock = lockJournal(path);
  } catch (error) {
    const failure = journalError(`${name}.lock`, error);
    if (failure.exitCode !== 73) throw failure;
    // A journal that is there was written once: its disk is what changed.
    const isThere = journalFileKind(path) === "journal";
    throw new CliError(
      isThere ? 74 : 73,
      `journal ${name} can't be ${isThere ? "written" : "created"}: its folder takes no lock file`,
      {
        hint: "the disk or the folder may be read-only; name a place where you may write with --journal FILE",
        cause: error,
      },
    );
  }
  if (lock !== undefined) return lock;
  throw new CliError(75, `journal ${name} is in use by a live run${holder(path)}`, {
    hint: "wait for it or stop it; --journal FILE names another journal",
  });
}

/** Who holds it, as far as the journal tells: reading needs no lock. */
function holder(path: string): string {
  let database: Database | undefined;
  try {
    database = openDatabase(path, { readOnly: true });
    const run = lastRun(database);
    return run === undefined
      ? ""
      : ` (process ${run.process} on ${run.host}, since ${new Date(run.started_at).toISOString()})`;
  } catch {
    // The refusal stands without it.
    return "";
  } finally {
    database?.close();
  }
}

function requireSound(database: Database, name: string): void {
  // The pragma has one text column; with 1 it stops at the first problem.
  const row = database.prepare("PRAGMA quick_check(1)").get() as { readonly quick_check: string };
  if (row.quick_check !== "ok") throw corrupted(name, row.quick_check);
}

/** Absolute: ":memory:" is a file here. SQLite keeps its side files beside the file that a link points to; so does the lock. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function requireDifferentFiles({ path, input, output }: JournalOptions): void {
  const files = [
    { option: "--journal", file: path },
    { option: "--input", file: input.name },
    { option: "--output", file: output?.path ?? "-" },
  ];
  const seen = new Map<string, string>();
  for (const { option, file } of files) {
    const found = file === "-" ? undefined : fileAt(file);
    if (found === undefined) continue;
    const identity = `${found.dev}:${found.ino}`;
    const other = seen.get(identity);
    if (other !== undefined)
      throw new CliError(64, `${other} and ${option} name the same file, ${file}; one of them would destroy the other`);
    seen.set(identity, option);
  }
}

/** undefined for what is no file, or can't be looked at: opening it says more than this could. */
function fileAt(path: string): Stats | undefined {
  try {
    const found = statSync(path);
    return found.isFile() ? found : undefined;
  } catch {
    return undefined;
  }
}
