import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "../../src/journal/index.ts";
import type { JournalInput, JournalOptions } from "../../src/journal/index.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { refusal, temporaryFolder } from "../input/reading.ts";
import { dead, FACTS, failedAttempt, journalOptions, query, succeeded } from "./recording.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.clean());

const KEYED: JournalInput = { name: "items.ndjson", format: "ndjson", facts: FACTS, key: "id" };
const HINT = "--fresh starts over in this journal; --journal FILE keeps it and uses another";

/** A first run with items 0 (succeeded) and 1 (dead). */
function firstRun(changes: Partial<JournalOptions> = {}): JournalOptions {
  const options = journalOptions(folder.path, changes);
  const journal = openJournal(options);
  const isKeyed = options.input.key !== undefined;
  journal.record(succeeded(0, isKeyed ? "a" : undefined));
  journal.record(dead(1, [failedAttempt(1)], isKeyed ? "b" : undefined));
  journal.finish("stopped");
  journal.close();
  return options;
}

test("resume: a journal is continued: done items are known, succeeded and dead ones, and counted", () => {
  const options = firstRun();
  const journal = openJournal(options);
  expect([journal.resumed, journal.runId, journal.before, journal.totals]).toEqual([
    true,
    2,
    { succeeded: 1, dead: 1 },
    { succeeded: 1, dead: 1 },
  ]);
  expect([0, 1, 2].map((index) => journal.isDone(index, undefined))).toEqual([true, true, false]);
  journal.record(succeeded(2));
  journal.finish("finished");
  expect(journal.totals).toEqual({ succeeded: 2, dead: 1 });
  journal.close();
  expect(query(options.path, "SELECT id, run_id FROM item")).toEqual([
    { id: 0, run_id: 1 },
    { id: 1, run_id: 1 },
    { id: 2, run_id: 2 },
  ]);
});

test("resume: a new journal is not resumed", () => {
  const journal = openJournal(journalOptions(folder.path));
  expect([journal.resumed, journal.runId, journal.before]).toEqual([false, 1, { succeeded: 0, dead: 0 }]);
  journal.close();
});

test("resume: many items, in any order of their ends, are all known", () => {
  const options = journalOptions(folder.path);
  const first = openJournal(options);
  for (let n = 0; n < 45_000; n++) first.record(succeeded((n * 7919) % 45_000));
  first.finish("stopped");
  first.close();
  const again = openJournal(options);
  const unknown = Array.from({ length: 45_000 }, (_, index) => index).filter(
    (index) => !again.isDone(index, undefined),
  );
  expect([unknown, again.isDone(45_000, undefined), again.before.succeeded]).toEqual([[], false, 45_000]);
  again.close();
});

test("resume: a run that never said how it ended is marked killed", () => {
  const options = journalOptions(folder.path);
  const journal = openJournal(options);
  journal.record(succeeded(0));
  journal.flush();
  journal.close();
  openJournal(options).close();
  expect(query(options.path, "SELECT id, state FROM run")).toEqual([
    { id: 1, state: "killed" },
    { id: 2, state: "running" },
  ]);
});

test("resume: with keys a changed input is fine, and done keys are skipped wherever they stand now", () => {
  const options = firstRun({ input: KEYED });
  const journal = openJournal({
    ...options,
    input: { ...KEYED, name: "other.csv", format: "csv", facts: { size: 5, sha256: "b", items: undefined } },
  });
  expect([journal.resumed, journal.before]).toEqual([true, { succeeded: 1, dead: 1 }]);
  expect([journal.isDone(0, "new"), journal.isDone(5, "a"), journal.isDone(6, "b")]).toEqual([false, true, true]);
  journal.record(succeeded(0, "new"));
  journal.finish("finished");
  journal.close();
  expect(query(options.path, "SELECT item_index, key FROM item ORDER BY id")).toEqual([
    { item_index: 0, key: "a" },
    { item_index: 1, key: "b" },
    { item_index: 0, key: "new" },
  ]);
});

test("resume: keys of any characters come back as they were", () => {
  const keys = ["a", "\u0001", " ", "ü", "日本", "😀", '"quoted"', "new\nline", "1", "1.0", "x".repeat(10_000)];
  const options = journalOptions(folder.path, { input: KEYED });
  const first = openJournal(options);
  for (const [index, key] of keys.entries()) first.record(succeeded(index, key));
  first.finish("stopped");
  first.close();
  const again = openJournal(options);
  expect(keys.filter((key) => !again.isDone(0, key))).toEqual([]);
  expect([again.isDone(0, "b"), again.isDone(0, "1.00")]).toEqual([false, false]);
  again.close();
});

test("resume: stdin with keys is continued", () => {
  const input: JournalInput = { name: "-", format: "ndjson", facts: undefined, key: "id" };
  const options = firstRun({ input });
  const journal = openJournal(options);
  expect(journal.isDone(9, "a")).toBe(true);
  journal.close();
});

for (const [title, changes, message] of [
  ["another handler", { handler: "other.ts" }, "belongs to handler handler.ts, and this run uses other.ts"],
  [
    "a key that the first run did not have",
    { input: KEYED },
    "belongs to a run without --key, and this one is with --key id",
  ],
  [
    "an input with other bytes",
    { input: { name: "items.ndjson", format: "ndjson", facts: { size: 101, sha256: "b", items: 10 }, key: undefined } },
    "belongs to another input: items.ndjson had 100 bytes then, items.ndjson has 101 now, and their contents differ",
  ],
  [
    "the same input in another format",
    { input: { name: "items.ndjson", format: "lines", facts: FACTS, key: undefined } },
    "belongs to input read as ndjson, and this run reads it as lines",
  ],
  [
    "stdin without keys",
    { input: { name: "-", format: "ndjson", facts: undefined, key: undefined } },
    "can't be continued: what comes from stdin may not be the same items again",
  ],
] as const satisfies readonly (readonly [string, Partial<JournalOptions>, string])[]) {
  test(`resume: ${title} is refused, and the journal stays as it is`, async () => {
    const options = firstRun();
    const before = query(options.path, "SELECT * FROM run");
    expect(await refusal(() => openJournal({ ...options, ...changes }))).toEqual([
      65,
      `journal ${options.path} ${message}`,
    ]);
    expect(query(options.path, "SELECT * FROM run")).toEqual(before);
    expect(readdirSync(folder.path).toSorted()).toEqual(["run.db", "run.db.lock"]);
    const again = openJournal(options);
    expect(again.before).toEqual({ succeeded: 1, dead: 1 });
    again.close();
  });
}

test("resume: what stdin gave without keys can't be continued from a file either", async () => {
  const options = firstRun({ input: { name: "-", format: "ndjson", facts: undefined, key: undefined } });
  expect(await refusal(() => openJournal(journalOptions(folder.path)))).toEqual([
    65,
    `journal ${options.path} can't be continued: what comes from stdin may not be the same items again`,
  ]);
});

test("resume: a key field that differs is refused, and the way out is told", async () => {
  const options = firstRun({ input: KEYED });
  expect(await refusal(() => openJournal({ ...options, input: { ...KEYED, key: "name" } }))).toEqual([
    65,
    `journal ${options.path} belongs to a run with --key id, and this one is with --key name`,
  ]);
  try {
    openJournal({ ...options, input: { ...KEYED, key: undefined } });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ exitCode: 65, hint: HINT });
  }
});

test("resume: the same bytes under another name are the same input", () => {
  const options = firstRun();
  const journal = openJournal({ ...options, input: { ...options.input, name: "moved.ndjson" } });
  expect(journal.before).toEqual({ succeeded: 1, dead: 1 });
  journal.close();
});

test("resume: a journal without items protects none and is taken over", () => {
  const options = journalOptions(folder.path);
  openJournal(options).close();
  const journal = openJournal({ ...options, handler: "other.ts", input: KEYED });
  expect([journal.resumed, journal.runId]).toEqual([false, 2]);
  journal.close();
});

test("resume: never refuses a journal that is there, require one that is not", async () => {
  const { path } = firstRun();
  expect(await refusal(() => openJournal(journalOptions(folder.path, { resume: "never" })))).toEqual([
    73,
    `journal ${path} exists, and --resume never continues none`,
  ]);
  const missing = join(folder.path, "missing.db");
  expect(await refusal(() => openJournal(journalOptions(folder.path, { path: missing, resume: "require" })))).toEqual([
    66,
    `journal ${missing} does not exist, and --resume require continues only one that does`,
  ]);
  expect(existsSync(missing)).toBe(false);
  expect((await refusal(() => openJournal(journalOptions(folder.path, { resume: "require", fresh: true }))))[0]).toBe(
    64,
  );
});

test("resume: require continues and never creates", () => {
  const options = firstRun({ resume: "never" });
  const journal = openJournal({ ...options, resume: "require" });
  expect(journal.resumed).toBe(true);
  journal.close();
});

test("fresh: starts over in the same file, whatever it belonged to", () => {
  const options = firstRun();
  for (const resume of ["auto", "never"] as const) {
    const journal = openJournal({ ...options, handler: "other.ts", fresh: true, resume });
    expect([journal.resumed, journal.runId, journal.before, journal.isDone(0, undefined)]).toEqual([
      false,
      1,
      { succeeded: 0, dead: 0 },
      false,
    ]);
    journal.record(succeeded(3));
    journal.finish("finished");
    journal.close();
  }
  expect(query(options.path, "SELECT id FROM item")).toEqual([{ id: 3 }]);
});

test("fresh: what a killed run left in the write-ahead log does not come back", () => {
  const options = firstRun();
  const running = openJournal(options);
  running.record(succeeded(2));
  running.flush();
  // What kill -9 leaves: the log beside a journal that was never closed.
  const log = readFileSync(`${options.path}-wal`);
  running.close();
  rmSync(options.path);
  writeFileSync(`${options.path}-wal`, log);
  const journal = openJournal(options);
  expect([journal.before, journal.isDone(2, undefined)]).toEqual([{ succeeded: 0, dead: 0 }, false]);
  journal.close();
  expect(query(options.path, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
});
