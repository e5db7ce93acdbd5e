import { readdirSync } from "node:fs";
import { openJournal } from "../../src/journal/index.ts";
import type { ItemOutcome, Journal, JournalOptions } from "../../src/journal/index.ts";
import { openDatabase } from "../../src/journal/sqlite.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { refusal, temporaryFolder } from "../input/reading.ts";
import { dead, failedAttempt, journalOptions, ManualTimer, query, succeeded } from "./recording.ts";

let folder: ReturnType<typeof temporaryFolder>;
let timer: ManualTimer;
let journal: Journal;
let acknowledged: number[][];

beforeEach(() => {
  folder = temporaryFolder();
  timer = new ManualTimer();
  acknowledged = [];
});
afterEach(() => {
  journal.close();
  folder.clean();
});

function open(changes: Partial<JournalOptions> = {}): JournalOptions {
  const onCommit = (outcomes: readonly ItemOutcome[]): void => {
    acknowledged.push(outcomes.map(({ index }) => index));
  };
  const options = journalOptions(folder.path, { onCommit, ...changes });
  journal = openJournal(options, { schedule: timer.schedule });
  return options;
}

test("JOURNAL-1: outcomes are acknowledged once each, after the commit that holds them", () => {
  const { path } = open({
    onCommit: (outcomes) => {
      acknowledged.push(outcomes.map(({ index }) => index));
      expect(query(path, "SELECT count(*) AS items FROM item")).toEqual([{ items: acknowledged.flat().length }]);
    },
  });
  journal.record(succeeded(0));
  journal.record(succeeded(1));
  expect([acknowledged, query(path, "SELECT count(*) AS items FROM item")]).toEqual([[], [{ items: 0 }]]);
  timer.fire();
  journal.record(succeeded(2));
  journal.flush();
  expect(acknowledged).toEqual([[0, 1], [2]]);
});

test("journal: any SQLite tool reads who ran what, every item and every failed attempt", () => {
  const { path } = open();
  journal.record(succeeded(0));
  journal.record({ ...succeeded(1), attempts: 2, failedAttempts: [failedAttempt(1)] });
  journal.record(
    dead(2, [
      failedAttempt(1),
      failedAttempt(2, { errorName: "TypeError", errorCode: undefined, message: "bad", stack: undefined }),
    ]),
  );
  journal.finish("finished");
  expect(
    query(
      path,
      "SELECT id, state, handler, options, input_name, input_format, input_size, input_items, key_field, process FROM run",
    ),
  ).toEqual([
    {
      id: 1,
      state: "finished",
      handler: "handler.ts",
      options: '{"concurrency":100}',
      input_name: "items.ndjson",
      input_format: "ndjson",
      input_size: 100,
      input_items: 10,
      key_field: null,
      process: process.pid,
    },
  ]);
  expect(
    query(path, "SELECT id, run_id, item_index, key, state, attempts, started_at, duration, output FROM item"),
  ).toEqual([
    {
      id: 0,
      run_id: 1,
      item_index: 0,
      key: null,
      state: "succeeded",
      attempts: 1,
      started_at: 1_700_000_000_000,
      duration: 1.5,
      output: '{"n":0}',
    },
    {
      id: 1,
      run_id: 1,
      item_index: 1,
      key: null,
      state: "succeeded",
      attempts: 2,
      started_at: 1_700_000_000_000,
      duration: 1.5,
      output: '{"n":1}',
    },
    {
      id: 2,
      run_id: 1,
      item_index: 2,
      key: null,
      state: "dead",
      attempts: 2,
      started_at: 1_700_000_000_000,
      duration: 1.5,
      output: null,
    },
  ]);
  expect(query(path, "SELECT item_id, attempt, error_name, error_code, message, stack FROM attempt")).toEqual([
    {
      item_id: 1,
      attempt: 1,
      error_name: "HttpError",
      error_code: "E503",
      message: "busy 1",
      stack: "HttpError: busy\n    at handler.ts:1:1",
    },
    {
      item_id: 2,
      attempt: 1,
      error_name: "HttpError",
      error_code: "E503",
      message: "busy 1",
      stack: "HttpError: busy\n    at handler.ts:1:1",
    },
    { item_id: 2, attempt: 2, error_name: "TypeError", error_code: null, message: "bad", stack: null },
  ]);
  expect(query(path, "SELECT item_index, key, error_name, error_code, message, attempts, sample FROM dead")).toEqual([
    {
      item_index: 2,
      key: null,
      error_name: "TypeError",
      error_code: null,
      message: "bad",
      attempts: 2,
      sample: '{"item":2}',
    },
  ]);
});

test("journal: rows of every number arrive, whole statements and remainders", () => {
  const { path } = open();
  for (let index = 0; index < 1263; index++)
    journal.record(index % 3 === 0 ? dead(index, [failedAttempt(1)]) : succeeded(index));
  journal.flush();
  expect(query(path, "SELECT count(*) AS items, count(DISTINCT id) AS ids, max(id) AS last FROM item")).toEqual([
    { items: 1263, ids: 1263, last: 1262 },
  ]);
  expect(query(path, "SELECT count(*) AS attempts FROM attempt")).toEqual([{ attempts: 421 }]);
  expect(journal.totals).toEqual({ succeeded: 842, dead: 421 });
});

test("journal: a recorded item is done, and recording it again is a bug that is told", async () => {
  open();
  expect(journal.isDone(7, undefined)).toBe(false);
  journal.record(succeeded(7));
  expect([journal.isDone(7, undefined), journal.isDone(6, undefined), journal.isDone(8, undefined)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(await refusal(() => journal.record(dead(7, [failedAttempt(1)])))).toEqual([70, "item 7 was recorded twice"]);
  expect(await refusal(() => journal.record(succeeded(8, "k")))).toEqual([
    70,
    "item 8 was recorded with the key k, unlike the input",
  ]);
});

test("journal: totals count what is committed, not what waits", () => {
  open();
  journal.record(succeeded(0));
  expect(journal.totals).toEqual({ succeeded: 0, dead: 0 });
  journal.flush();
  expect(journal.totals).toEqual({ succeeded: 1, dead: 0 });
});

test("journal: messages and stacks of any length are cut with a mark", () => {
  const { path } = open();
  journal.record(dead(0, [failedAttempt(1, { message: "m".repeat(20_000), stack: "s".repeat(40_000) })]));
  journal.flush();
  expect(query(path, "SELECT message, stack FROM attempt")).toEqual([
    {
      message: `${"m".repeat(16_384)}… (3616 more characters)`,
      stack: `${"s".repeat(32_768)}… (7232 more characters)`,
    },
  ]);
});

test("journal: a NUL does not end a message", () => {
  const { path } = open();
  journal.record(
    dead(0, [failedAttempt(1, { errorName: "Odd\0Error", errorCode: "E\0", message: "a\0b", stack: "c\0d" })]),
  );
  journal.flush();
  expect(query(path, "SELECT error_name, error_code, message, stack FROM attempt")).toEqual([
    { error_name: "Odd␀Error", error_code: "E␀", message: "a␀b", stack: "c␀d" },
  ]);
});

test("journal: closed, it is one file, and the lock's empty one", () => {
  open();
  journal.record(succeeded(0));
  journal.finish("finished");
  journal.close();
  expect(readdirSync(folder.path).toSorted()).toEqual(["run.db", "run.db.lock"]);
});

test("journal: it closes while another program reads it, and nothing is lost", () => {
  const { path } = open();
  journal.record(succeeded(0));
  journal.finish("finished");
  const reader = openDatabase(path, { readOnly: true });
  reader.exec("BEGIN");
  expect(reader.prepare("SELECT count(*) AS items FROM item").get()).toEqual({ items: 1 });
  journal.close();
  expect(reader.prepare("SELECT count(*) AS items FROM item").get()).toEqual({ items: 1 });
  reader.exec("COMMIT");
  reader.close();
  expect(query(path, "SELECT id FROM item")).toEqual([{ id: 0 }]);
});

test("journal: finish commits what waits, and the journal takes no more", async () => {
  const { path } = open();
  journal.record(succeeded(0));
  journal.finish("stopped");
  expect([acknowledged, query(path, "SELECT state, ended_at >= started_at AS ended FROM run")]).toEqual([
    [[0]],
    [{ state: "stopped", ended: 1 }],
  ]);
  expect(await refusal(() => journal.record(succeeded(1)))).toEqual([70, `journal ${path} is finished`]);
  journal.close();
  expect(await refusal(() => journal.flush())).toEqual([70, `journal ${path} is closed`]);
});

test("journal: close drops what waits and its timer, and may be called again", () => {
  const { path } = open();
  journal.record(succeeded(0));
  journal.close();
  journal.close();
  timer.fire();
  expect([acknowledged, timer.log]).toEqual([[], ["set 5", "clear"]]);
  expect(query(path, "SELECT count(*) AS items FROM item")).toEqual([{ items: 0 }]);
});

test("journal: what onCommit throws from the timer is no failure of the journal", () => {
  let failures = 0;
  open({
    onCommit: () => {
      throw new Error("display broke");
    },
    onFailure: () => failures++,
  });
  journal.record(succeeded(0));
  expect(() => timer.fire()).toThrow("display broke");
  expect([failures, journal.totals]).toEqual([0, { succeeded: 1, dead: 0 }]);
});

test("report: failures by name and code, most frequent first, each with its first item; items by attempts", () => {
  open();
  journal.record(succeeded(0));
  journal.record({ ...succeeded(1), attempts: 3, failedAttempts: [failedAttempt(1), failedAttempt(2)] });
  journal.record(dead(9, [failedAttempt(1, { errorName: "TypeError", errorCode: undefined, message: "late" })]));
  journal.record(
    dead(5, [failedAttempt(1), failedAttempt(2, { errorName: "TypeError", errorCode: undefined, message: "bad" })]),
  );
  journal.record(dead(4, [failedAttempt(1), failedAttempt(2)]));
  journal.flush();
  expect(journal.report()).toEqual({
    succeeded: 2,
    dead: 3,
    deadByError: [
      {
        errorName: "TypeError",
        errorCode: undefined,
        count: 2,
        index: 5,
        key: undefined,
        message: "bad",
        sample: '{"item":5}',
      },
      {
        errorName: "HttpError",
        errorCode: "E503",
        count: 1,
        index: 4,
        key: undefined,
        message: "busy 2",
        sample: '{"item":4}',
      },
    ],
    deadKinds: 2,
    failedByError: [
      {
        errorName: "HttpError",
        errorCode: "E503",
        count: 5,
        index: 1,
        key: undefined,
        message: "busy 1",
        sample: undefined,
      },
      {
        errorName: "TypeError",
        errorCode: undefined,
        count: 2,
        index: 5,
        key: undefined,
        message: "bad",
        sample: '{"item":5}',
      },
    ],
    failedKinds: 2,
    failedAttempts: 7,
    attempts: [
      { attempts: 1, succeeded: 1, dead: 1 },
      { attempts: 2, succeeded: 0, dead: 2 },
      { attempts: 3, succeeded: 1, dead: 0 },
    ],
  });
});

test("report: of an empty journal it is empty, and of many kinds it tells 100 and their number", () => {
  open();
  expect(journal.report()).toEqual({
    succeeded: 0,
    dead: 0,
    deadByError: [],
    deadKinds: 0,
    failedByError: [],
    failedKinds: 0,
    failedAttempts: 0,
    attempts: [],
  });
  for (let index = 0; index < 120; index++) journal.record(dead(index, [failedAttempt(1, { errorCode: `E${index}` })]));
  journal.flush();
  const { deadByError, deadKinds, failedByError, failedKinds } = journal.report();
  expect([deadByError.length, deadKinds, failedByError.length, failedKinds]).toEqual([100, 120, 100, 120]);
});
