/** SQLite's results as errors that end the program with a reason and a way out. */
import { CliError } from "../cli-error.ts";

const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** SQLite's primary result code; undefined for an error that is not SQLite's. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}

/** @returns A CliError; one that is one already, as it is. */
export function journalError(path: string, error: unknown): CliError {
  if (error instanceof CliError) return error;
  const cause = { cause: error };
  const again = "what is acknowledged is safe; run the same command again when that is put right";
  switch (sqliteCode(error)) {
    case BUSY:
    case LOCKED:
      return new CliError(75, `journal ${path} is locked by another program that has it open`, {
        ...cause,
        hint: "close that program and run the same command again",
      });
    case READONLY:
      return new CliError(74, `journal ${path} can't be written: it is read-only`, { ...cause, hint: again });
    case FULL:
      return new CliError(74, `journal ${path} can't be written: the disk is full`, { ...cause, hint: again });
    case IOERR:
      return new CliError(74, `journal ${path} can't be written: ${reason(error)}; the disk may be full or failing`, {
        ...cause,
        hint: again,
      });
    case CANTOPEN:
      return new CliError(73, `journal ${path} can't be created: ${reason(error)}`, {
        ...cause,
        hint: "name a place where you may write with --journal FILE",
      });
    case CORRUPT:
    case NOTADB:
      return corrupted(path, reason(error), error);
    default:
      return new CliError(70, `journal ${path} failed: ${reason(error)}`, cause);
  }
}

export function corrupted(path: string, why: string, cause?: unknown): CliError {
  return new CliError(65, `journal ${path} is corrupted: ${why}`, {
    hint: "restore it from a copy, or start over with --fresh, which runs every item again",
    ...(cause === undefined ? {} : { cause }),
  });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
