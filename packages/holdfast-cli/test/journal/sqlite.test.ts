import { isRecentEnough, openDatabase, withoutSqliteWarning } from "../../src/journal/sqlite.ts";
import { expect, test } from "../harness.ts";

test("sqlite: versions without the fix of the WAL-reset bug are not good enough", () => {
  expect(["3.45.1", "3.51.2", "2.99.9", "3.51"].map(isRecentEnough)).toEqual([false, false, false, false]);
  expect(["3.51.3", "3.53.0", "3.60", "4.0.0"].map(isRecentEnough)).toEqual([true, true, true, true]);
});

test("sqlite: the one that is used has the fix", () => {
  const database = openDatabase(":memory:");
  const row = database.prepare("SELECT sqlite_version() AS version").get() as { version: string };
  database.close();
  expect(isRecentEnough(row.version)).toBe(true);
});

test("sqlite: only its own warning is hidden, and only while it is loaded", () => {
  const original = Object.getOwnPropertyDescriptor(process, "emitWarning");
  const warnings: unknown[][] = [];
  const record = (...args: unknown[]): void => {
    warnings.push(args);
  };
  process.emitWarning = record;
  try {
    const loaded = withoutSqliteWarning(() => {
      process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning");
      process.emitWarning("SQLite is an experimental feature", { type: "ExperimentalWarning" });
      process.emitWarning("another feature", "ExperimentalWarning");
      process.emitWarning("SQLite is old", "DeprecationWarning");
      return "module";
    });
    expect([loaded, process.emitWarning === record]).toEqual(["module", true]);
    expect(() =>
      withoutSqliteWarning(() => {
        throw new Error("no module");
      }),
    ).toThrow("no module");
    process.emitWarning("SQLite is an experimental feature", "ExperimentalWarning");
  } finally {
    if (original !== undefined) Object.defineProperty(process, "emitWarning", original);
  }
  expect(warnings).toEqual([
    ["another feature", "ExperimentalWarning"],
    ["SQLite is old", "DeprecationWarning"],
    ["SQLite is an experimental feature", "ExperimentalWarning"],
  ]);
});
