import { isRecentEnough, openDatabase } from "../../src/journal/sqlite.ts";
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
