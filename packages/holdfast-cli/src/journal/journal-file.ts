/**
 * The journal as a file: told from other files before anything touches it, and created whole or not at all.
 *
 * A new one is built beside its place and renamed into it, so a kill leaves no half-made journal; what an older one left
 * in `-wal` is deleted first, or SQLite would play it into the new one.
 */
import { closeSync, openSync, readSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { CliError } from "../cli-error.ts";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { openDatabase } from "./sqlite.ts";

/** `newer`: written by a later version of this tool; `other`: no journal. An empty file is `absent`. */
export type JournalFileKind = "absent" | "journal" | "newer" | "other";

const HEADER = 100;
const MAGIC = "SQLite format 3\0";
const USER_VERSION_AT = 60;
const APPLICATION_ID_AT = 68;

export function journalFileKind(path: string): JournalFileKind {
  const header = readHeader(path);
  if (header === undefined || header.length === 0) return "absent";
  if (header.length < HEADER || header.toString("latin1", 0, MAGIC.length) !== MAGIC) return "other";
  if (header.readUInt32BE(APPLICATION_ID_AT) !== APPLICATION_ID) return "other";
  return header.readUInt32BE(USER_VERSION_AT) > SCHEMA_VERSION ? "newer" : "journal";
}

/** Puts an empty journal at `path`, in place of what is there. The caller holds the lock. @throws {Error} As SQLite or the file system throws it. */
export function createJournalFile(path: string): void {
  const draft = `${path}.new`;
  for (const leftover of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`]) rmSync(leftover, { force: true });
  const database = openDatabase(draft);
  try {
    database.exec(
      `BEGIN; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; ${SCHEMA} COMMIT; PRAGMA journal_mode = WAL`,
    );
  } catch (error) {
    database.close();
    rmSync(draft, { force: true });
    throw error;
  }
  database.close();
  for (const old of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) rmSync(old, { force: true });
  renameSync(draft, path);
}

/** @throws {CliError} 73 when a journal can't live in the folder of `path`. */
export function requireJournalFolder(path: string): void {
  const folder = dirname(path);
  let isDirectory: boolean;
  try {
    isDirectory = statSync(folder).isDirectory();
  } catch (error) {
    throw new CliError(73, `journal ${path} can't be created: the folder ${folder} does not exist`, { cause: error });
  }
  if (!isDirectory) throw new CliError(73, `journal ${path} can't be created: ${folder} is not a folder`);
  const network = networkFileSystem(statfsSync(folder).type);
  if (network !== undefined) {
    throw new CliError(
      73,
      `journal ${path} would be on a network file system (${network}), where SQLite's write-ahead log is not safe`,
      {
        hint: "name a file on a local disk with --journal FILE",
      },
    );
  }
}

/** The name of a network file system by its number from statfs(2) on Linux. */
export function networkFileSystem(type: number): string | undefined {
  switch (type >>> 0) {
    case 0x6969:
      return "nfs";
    case 0xff534d42:
      return "cifs";
    case 0xfe534d42:
      return "smb";
    case 0x517b:
      return "smb";
    case 0x5346414f:
      return "afs";
    default:
      return undefined;
  }
}

function readHeader(path: string): Buffer | undefined {
  let fd: number;
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    // A folder or a pipe is no journal, and reading it would fail or wait.
    if (!found.isFile()) return Buffer.alloc(1);
    fd = openSync(path, "r");
  } catch (error) {
    throw new CliError(74, `journal ${path} can't be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  try {
    const header = Buffer.alloc(HEADER);
    return header.subarray(0, readSync(fd, header, 0, HEADER, 0));
  } finally {
    closeSync(fd);
  }
}
