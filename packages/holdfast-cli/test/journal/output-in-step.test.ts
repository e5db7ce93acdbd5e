import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../../src/cli-error.ts";
import { openJournal } from "../../src/journal/index.ts";
import type { Journal, JournalOptions } from "../../src/journal/index.ts";
import { openOutput, OutputClosedError } from "../../src/output/index.ts";
import type { OutputFile } from "../../src/output/index.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { refusal, temporaryFolder } from "../input/reading.ts";
import { dead, failedAttempt, journalOptions, ManualTimer, query, succeeded } from "./recording.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.clean());

/** Opens journal and output, records `indexes`, and closes both. */
function run(
  indexes: readonly number[],
  name: string | null = "out.ndjson",
  changes: Partial<JournalOptions> = {},
): Journal {
  const output = name === null ? undefined : openOutput(join(folder.path, name));
  const journal = openJournal(journalOptions(folder.path, { output, ...changes }));
  for (const index of indexes) journal.record(succeeded(index));
  journal.finish("stopped");
  journal.close();
  output?.close();
  return journal;
}

function lines(name = "out.ndjson"): string[] {
  return readFileSync(join(folder.path, name), "utf8").split("\n").slice(0, -1);
}

test("JOURNAL-4: the output holds one line for each succeeded item, null for one without a result, none for a dead one", () => {
  const output = openOutput(join(folder.path, "out.ndjson"));
  const journal = openJournal(journalOptions(folder.path, { output }));
  journal.record(succeeded(0));
  journal.record(dead(1, [failedAttempt(1)]));
  journal.record({ ...succeeded(2), output: undefined });
  journal.record({ ...succeeded(3), output: '"grün 😀"' });
  journal.flush();
  expect(lines()).toEqual(['{"n":0}', "null", '"grün 😀"']);
  journal.close();
  output.close();
});

test("JOURNAL-4: an outcome is in the output before it is acknowledged", () => {
  const output = openOutput(join(folder.path, "out.ndjson"));
  let seen: string[] = [];
  const onCommit = (): void => {
    seen = lines();
  };
  const journal = openJournal(journalOptions(folder.path, { output, onCommit }));
  journal.record(succeeded(0));
  journal.flush();
  expect(seen).toEqual(['{"n":0}']);
  journal.close();
  output.close();
});

test("JOURNAL-4: a resume appends to what the journal knows", () => {
  run([0, 1]);
  run([2]);
  expect(lines()).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
});

test("JOURNAL-4: lines that are there stay as they are, in the order in which their items ended", () => {
  run([3, 1]);
  run([2]);
  expect(lines()).toEqual(['{"n":3}', '{"n":1}', '{"n":2}']);
});

test("JOURNAL-4: what a killed commit wrote behind the journal's offset is cut off", () => {
  run([0]);
  appendFileSync(join(folder.path, "out.ndjson"), '{"n":1}\n{"n":');
  run([1]);
  expect(lines()).toEqual(['{"n":0}', '{"n":1}']);
});

test("JOURNAL-4: an output that is gone, cut short, or new is written again from the journal", () => {
  run([0, 1]);
  rmSync(join(folder.path, "out.ndjson"));
  run([2]);
  expect(lines()).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
  truncateSync(join(folder.path, "out.ndjson"), 5);
  run([3]);
  expect(lines()).toEqual(['{"n":0}', '{"n":1}', '{"n":2}', '{"n":3}']);
  run([4], "other.ndjson");
  expect(lines("other.ndjson")).toEqual(['{"n":0}', '{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}']);
});

test("JOURNAL-4: items of a run without an output are in the next one's", () => {
  run([0]);
  run([1], null);
  run([2]);
  expect(lines()).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
});

test("JOURNAL-4: an output written again is complete beyond one portion", () => {
  const indexes = Array.from({ length: 40_000 }, (_, index) => index);
  run(indexes, null);
  run([]);
  expect(lines()).toEqual(indexes.map((index) => `{"n":${index}}`));
});

test("fresh: the output starts over with the journal", () => {
  run([0, 1]);
  run([5], "out.ndjson", { fresh: true });
  expect(lines()).toEqual(['{"n":5}']);
});

test("JOURNAL-4: a refused journal leaves the output as it is", async () => {
  run([0]);
  const output = openOutput(join(folder.path, "out.ndjson"));
  appendFileSync(join(folder.path, "out.ndjson"), "tail");
  expect((await refusal(() => openJournal(journalOptions(folder.path, { output, handler: "other.ts" }))))[0]).toBe(65);
  output.close();
  expect(readFileSync(join(folder.path, "out.ndjson"), "utf8")).toBe('{"n":0}\ntail');
});

test("JOURNAL-2: when the output can't be written, nothing of the commit is kept, and every later call says why", async () => {
  const output = openOutput("/dev/full");
  const acknowledged: unknown[] = [];
  const options = journalOptions(folder.path, { output, onCommit: (outcomes) => acknowledged.push(outcomes) });
  const journal = openJournal(options);
  journal.record(succeeded(0));
  const reason = [74, "output /dev/full can't be written: the disk is full"] as const;
  expect(await refusal(() => journal.flush())).toEqual(reason);
  expect(await refusal(() => journal.record(succeeded(1)))).toEqual(reason);
  expect(await refusal(() => journal.finish("failed"))).toEqual(reason);
  expect([acknowledged, journal.totals]).toEqual([[], { succeeded: 0, dead: 0 }]);
  journal.close();
  output.close();
  expect(query(options.path, "SELECT count(*) AS items FROM item")).toEqual([{ items: 0 }]);
});

test("journal: finish puts the output on the disk before it says finished", () => {
  const options = journalOptions(folder.path);
  const states: unknown[] = [];
  const output: OutputFile = {
    path: "-",
    write: () => 0,
    truncate: () => undefined,
    size: () => undefined,
    sync: () => states.push(...query(options.path, "SELECT state FROM run")),
    close: () => undefined,
  };
  const journal = openJournal({ ...options, output });
  journal.finish("finished");
  expect([states, query(options.path, "SELECT state FROM run")]).toEqual([
    [{ state: "running" }],
    [{ state: "finished" }],
  ]);
  journal.close();
});

test("JOURNAL-2: a commit that fails after its lines were written takes them back", async () => {
  const file = openOutput(join(folder.path, "out.ndjson"));
  let isBroken = false;
  const output: OutputFile = {
    path: file.path,
    write(text) {
      const offset = file.write(text);
      if (isBroken) throw new CliError(74, "broken");
      return offset;
    },
    truncate: (offset) => file.truncate(offset),
    size: () => file.size(),
    close: () => file.close(),
  };
  const journal = openJournal(journalOptions(folder.path, { output }));
  journal.record(succeeded(0));
  journal.flush();
  isBroken = true;
  journal.record(succeeded(1));
  expect(await refusal(() => journal.flush())).toEqual([74, "broken"]);
  expect(lines()).toEqual(['{"n":0}']);
  journal.close();
  output.close();
});

test("JOURNAL-2: a failure of the timer's commit is told once", async () => {
  const timer = new ManualTimer();
  const failures: string[] = [];
  const output = openOutput("/dev/full");
  const journal = openJournal(
    journalOptions(folder.path, { output, onFailure: (error) => failures.push(error.message) }),
    { schedule: timer.schedule },
  );
  journal.record(succeeded(0));
  timer.fire();
  expect(failures).toEqual(["output /dev/full can't be written: the disk is full"]);
  expect((await refusal(() => journal.flush()))[0]).toBe(74);
  expect(failures.length).toBe(1);
  journal.close();
  output.close();
});

test("OUTPUT-2: what the reader of stdout did not take is not acknowledged, quietly, and the next run does it", () => {
  let closed = false;
  const output: OutputFile = {
    path: "-",
    write() {
      if (closed) throw new OutputClosedError();
      return 0;
    },
    truncate: () => undefined,
    size: () => undefined,
    close: () => undefined,
  };
  const acknowledged: number[] = [];
  const options = journalOptions(folder.path, {
    output,
    onCommit: (outcomes) => acknowledged.push(...outcomes.map(({ index }) => index)),
  });
  const journal = openJournal(options);
  journal.record(succeeded(0));
  journal.flush();
  closed = true;
  journal.record(succeeded(1));
  journal.flush();
  closed = false;
  journal.record(succeeded(2));
  journal.finish("stopped");
  expect([acknowledged, journal.totals]).toEqual([[0], { succeeded: 1, dead: 0 }]);
  journal.close();
  const again = openJournal({ ...options, output: undefined });
  expect([0, 1, 2].map((index) => again.isDone(index, undefined))).toEqual([true, false, false]);
  again.close();
  expect(existsSync(join(folder.path, "-"))).toBe(false);
});
