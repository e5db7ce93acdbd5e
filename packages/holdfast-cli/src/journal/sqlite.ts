/**
 * The SQLite that is used: Node's own where it has one without the WAL-reset bug (fixed in 3.51.3), else the package
 * that has the same interface.
 *
 * @see https://sqlite.org/wal.html#walresetbug
 */
import { createRequire } from "node:module";
import process from "node:process";

export type SqlValue = string | number | null;

export interface Statement {
  run(...values: SqlValue[]): unknown;
  /** The first row, or undefined. */
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
  iterate(...values: SqlValue[]): IterableIterator<unknown>;
}

export interface Database {
  readonly isTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

interface Driver {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly?: boolean }) => Database;
}

const OLDEST = [3, 51, 3] as const;
let driver: Driver | undefined;

/** @throws {Error} As SQLite throws it: see `journal-error.ts`. */
export function openDatabase(path: string, options: { readonly readOnly?: boolean } = {}): Database {
  driver ??= nodeDriver() ?? packageDriver();
  return new driver.DatabaseSync(path, options);
}

/**
 * Closes a journal so that it is one file again: the log is played into it and both side files go.
 *
 * Closing alone would do it only when every prepared statement is finalized, and the package finalizes them at garbage
 * collection. Where another program reads the journal, or the disk refuses, the log stays: nothing is lost by that.
 */
export function closeTidily(database: Database): void {
  try {
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE");
  } catch {
    // As said above.
  }
  database.close();
}

/** Whether `version` ("3.51.3") has the fix. */
export function isRecentEnough(version: string): boolean {
  const parts = version.split(".").map(Number);
  for (const [place, wanted] of OLDEST.entries()) {
    const part = parts[place] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function nodeDriver(): Driver | undefined {
  const module = withoutSqliteWarning(() => process.getBuiltinModule("node:sqlite"));
  if (module === undefined) return undefined;
  // Node documents the class; the type definitions of the oldest Node supported here do not know the module.
  const found = module as Driver;
  const memory = new found.DatabaseSync(":memory:");
  try {
    // The one column asked for is text.
    const row = memory.prepare("SELECT sqlite_version() AS version").get() as { readonly version: string };
    return isRecentEnough(row.version) ? found : undefined;
  } finally {
    memory.close();
  }
}

function packageDriver(): Driver {
  // Not imported: loading it costs a native library that newer Nodes have built in. It is the same class.
  return createRequire(import.meta.url)("@photostructure/sqlite") as Driver;
}

/** Node 22 warns at every load that the module is experimental: of no use to people who run a tool. Others stay. */
export function withoutSqliteWarning<T>(load: () => T): T {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its process below, and put back as it was
  const emitWarning = process.emitWarning;
  const filtered = (...args: unknown[]): void => {
    const [warning, kind] = args;
    const type = typeof kind === "object" && kind !== null && "type" in kind ? kind.type : kind;
    if (type === "ExperimentalWarning" && /sqlite/i.test(String(warning))) return;
    Reflect.apply(emitWarning, process, args);
  };
  process.emitWarning = filtered;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
