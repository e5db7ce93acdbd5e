import { chmodSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "../../src/journal/index.ts";
import { openDatabase } from "../../src/journal/sqlite.ts";
import { openOutput } from "../../src/output/index.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { refusal, temporaryFolder } from "../input/reading.ts";
import { runChild } from "./child.ts";
import { journalOptions, query, succeeded } from "./recording.ts";

const RECORD_ITEMS = new URL("./children/record-items.ts", import.meta.url);

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.clean());

/** Root may write anywhere: be nobody for as long as `run` runs. */
function withoutPrivileges<T>(run: () => T): T {
  if (process.getuid?.() !== 0) return run();
  process.seteuid?.(65_534);
  try {
    return run();
  } finally {
    process.seteuid?.(0);
  }
}

test("JOURNAL-2: a journal that finds the disk full keeps nothing of that commit, neither rows nor output lines", async () => {
  const acknowledged: number[] = [];
  const output = openOutput(join(folder.path, "out.ndjson"));
  const options = journalOptions(folder.path, {
    output,
    onCommit: (outcomes) => acknowledged.push(...outcomes.map(({ index }) => index)),
  });
  // SQLite's own limit gives the error of a full disk: 14 pages are a journal with little more than its tables.
  const journal = openJournal(options, { onOpen: (database) => database.exec("PRAGMA max_page_count = 14") });
  for (let index = 0; index < 10; index++) journal.record(succeeded(index));
  journal.flush();
  for (let index = 10; index < 400; index++)
    journal.record({ ...succeeded(index), output: JSON.stringify("x".repeat(300)) });
  expect(await refusal(() => journal.flush())).toEqual([
    74,
    `journal ${options.path} can't be written: the disk is full`,
  ]);
  expect(await refusal(() => journal.record(succeeded(999)))).toEqual([
    74,
    `journal ${options.path} can't be written: the disk is full`,
  ]);
  const first = Array.from({ length: 10 }, (_, index) => index);
  expect([acknowledged, journal.totals]).toEqual([first, { succeeded: 10, dead: 0 }]);
  expect(readFileSync(join(folder.path, "out.ndjson"), "utf8")).toBe(first.map((index) => `{"n":${index}}\n`).join(""));
  journal.close();
  output.close();
  expect(query(options.path, "SELECT count(*) AS items FROM item")).toEqual([{ items: 10 }]);
  const again = openJournal({ ...options, output: undefined });
  again.record(succeeded(10));
  again.finish("finished");
  expect(again.totals).toEqual({ succeeded: 11, dead: 0 });
  again.close();
});

test("JOURNAL-2: a write that the system refuses ends the run with a reason; what was acknowledged is there, and a resume does the rest", async () => {
  const full = await runChild(RECORD_ITEMS, [folder.path, "20000"], { largestFile: 300 * 1024 });
  expect(full.ended, full.errors).toBe(0);
  const last = full.lines.at(-1) ?? "";
  expect(last).toMatch(/^74: (journal|output) .* can't be written: /);
  const acknowledged = full.lines.slice(0, -1).map(Number);
  const path = join(folder.path, "run.db");
  expect(query(path, "SELECT id FROM item ORDER BY id")).toEqual(acknowledged.map((id) => ({ id })));
  const rest = await runChild(RECORD_ITEMS, [folder.path, "20000"]);
  expect([rest.ended, rest.lines.length + acknowledged.length]).toEqual([0, 20_000]);
  expect(readFileSync(join(folder.path, "out.ndjson"), "utf8").split("\n").length - 1).toBe(18_000);
  expect(query(path, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
});

test("JOURNAL-2: another program that writes to the journal ends the run with a reason, and nothing is half-done", async () => {
  const options = journalOptions(folder.path);
  // Not the five seconds that a run waits.
  const journal = openJournal(options, { onOpen: (database) => database.exec("PRAGMA busy_timeout = 0") });
  const other = openDatabase(options.path);
  other.exec("BEGIN IMMEDIATE");
  journal.record(succeeded(0));
  expect(await refusal(() => journal.flush())).toEqual([
    75,
    `journal ${options.path} is locked by another program that has it open`,
  ]);
  other.exec("ROLLBACK");
  other.close();
  expect(await refusal(() => journal.flush())).toEqual([
    75,
    `journal ${options.path} is locked by another program that has it open`,
  ]);
  journal.close();
  expect(query(options.path, "SELECT count(*) AS items FROM item")).toEqual([{ items: 0 }]);
});

test("journal: on a disk that became read-only it is refused with the reason", async () => {
  const options = journalOptions(folder.path);
  const first = openJournal(options);
  first.record(succeeded(0));
  first.finish("stopped");
  first.close();
  chmodSync(options.path, 0o444);
  chmodSync(`${options.path}.lock`, 0o444);
  chmodSync(folder.path, 0o555);
  expect(await refusal(() => withoutPrivileges(() => openJournal(options)))).toEqual([
    74,
    `journal ${options.path}.lock can't be written: it is read-only`,
  ]);
  chmodSync(folder.path, 0o755);
});

test("journal: in a folder that became read-only it is refused with the reason", async () => {
  const options = journalOptions(folder.path);
  openJournal(options).close();
  rmSync(`${options.path}.lock`);
  chmodSync(folder.path, 0o555);
  expect(await refusal(() => withoutPrivileges(() => openJournal(options)))).toEqual([
    74,
    `journal ${options.path} can't be written: its folder takes no lock file`,
  ]);
  chmodSync(folder.path, 0o755);
});

test("JOURNAL-3: a lock file that may only be read locks nothing, so the journal is refused", async () => {
  const options = journalOptions(folder.path);
  openJournal(options).close();
  chmodSync(`${options.path}.lock`, 0o444);
  chmodSync(options.path, 0o666);
  chmodSync(folder.path, 0o777);
  expect((await refusal(() => withoutPrivileges(() => openJournal(options))))[0]).toBe(74);
});

test("journal: a folder that may not be written takes no journal", async () => {
  chmodSync(folder.path, 0o555);
  const { path } = journalOptions(folder.path);
  expect(await refusal(() => withoutPrivileges(() => openJournal(journalOptions(folder.path))))).toEqual([
    73,
    `journal ${path} can't be created: its folder takes no lock file`,
  ]);
  chmodSync(folder.path, 0o755);
});
