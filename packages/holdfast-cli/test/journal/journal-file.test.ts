import {
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
  closeSync,
  symlinkSync,
  existsSync,
} from "node:fs";
import { join } from "node:path";
import { openJournal } from "../../src/journal/index.ts";
import { networkFileSystem } from "../../src/journal/journal-file.ts";
import { openDatabase } from "../../src/journal/sqlite.ts";
import { openOutput } from "../../src/output/index.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { refusal, temporaryFolder } from "../input/reading.ts";
import { dead, failedAttempt, journalOptions, query, succeeded } from "./recording.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.clean());

test("journal file: an ordinary file is refused and left alone, with --fresh too", async () => {
  const path = folder.file("items.ndjson", '{"a":1}\n');
  for (const fresh of [false, true]) {
    expect(await refusal(() => openJournal(journalOptions(folder.path, { path, fresh })))).toEqual([
      65,
      `${path} is not a journal of holdfast, or damaged beyond recognition; it is left as it is`,
    ]);
  }
  expect([readFileSync(path, "utf8"), existsSync(`${path}.lock`)]).toEqual(['{"a":1}\n', false]);
});

test("journal file: somebody else's SQLite database is refused and left alone", async () => {
  const path = join(folder.path, "other.db");
  const database = openDatabase(path);
  database.exec("CREATE TABLE precious (x); INSERT INTO precious VALUES (1)");
  database.close();
  const before = readFileSync(path);
  expect((await refusal(() => openJournal(journalOptions(folder.path, { path, fresh: true }))))[0]).toBe(65);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("journal file: a folder is no journal", async () => {
  const path = join(folder.path, "folder");
  mkdirSync(path);
  expect((await refusal(() => openJournal(journalOptions(folder.path, { path }))))[0]).toBe(65);
});

test("journal file: a newer version's journal is refused by name", async () => {
  const options = journalOptions(folder.path);
  openJournal(options).close();
  const database = openDatabase(options.path);
  database.exec("PRAGMA user_version = 2");
  database.close();
  expect(await refusal(() => openJournal(options))).toEqual([
    65,
    `journal ${options.path} was written by a newer version of holdfast; continue it with that one, or name another with --journal FILE`,
  ]);
});

test("journal file: a corrupted journal is refused, and --fresh starts over in it", async () => {
  const options = journalOptions(folder.path);
  const journal = openJournal(options);
  for (let index = 0; index < 5000; index++) journal.record(succeeded(index));
  journal.finish("finished");
  journal.close();
  const file = openSync(options.path, "r+");
  writeSync(file, Buffer.alloc(60_000, 0x5a), 0, 60_000, 40_000);
  closeSync(file);
  const [exitCode, message] = await refusal(() => openJournal(options));
  expect(exitCode).toBe(65);
  expect(message.startsWith(`journal ${options.path} is corrupted: `)).toBe(true);
  // The refusal frees the lock.
  const again = openJournal({ ...options, fresh: true });
  expect(again.before).toEqual({ succeeded: 0, dead: 0 });
  again.close();
});

test("journal file: damage where a resume would not look is found too", async () => {
  const options = journalOptions(folder.path);
  const journal = openJournal(options);
  for (let index = 0; index < 1000; index++) journal.record(dead(index, [failedAttempt(1)]));
  journal.finish("finished");
  journal.close();
  const [table] = query(options.path, "SELECT rootpage AS page FROM sqlite_schema WHERE name = 'attempt'") as {
    page: number;
  }[];
  const file = openSync(options.path, "r+");
  writeSync(file, Buffer.alloc(2000, 0x5a), 0, 2000, ((table?.page ?? 0) - 1) * 4096);
  closeSync(file);
  const [exitCode, message] = await refusal(() => openJournal(options));
  expect([exitCode, message.startsWith(`journal ${options.path} is corrupted: `)]).toEqual([65, true]);
});

test("journal file: a journal that is cut short is refused", async () => {
  const options = journalOptions(folder.path);
  const journal = openJournal(options);
  for (let index = 0; index < 5000; index++) journal.record(succeeded(index));
  journal.finish("finished");
  journal.close();
  writeFileSync(options.path, readFileSync(options.path).subarray(0, 50_000));
  expect((await refusal(() => openJournal(options)))[0]).toBe(65);
});

test("journal file: an empty file becomes a journal", () => {
  const path = folder.file("empty.db", "");
  const journal = openJournal(journalOptions(folder.path, { path }));
  expect(journal.resumed).toBe(false);
  journal.close();
});

test("journal file: a folder that is missing, and one that is a file, can't hold a journal", async () => {
  const missing = join(folder.path, "missing", "run.db");
  expect(await refusal(() => openJournal(journalOptions(folder.path, { path: missing })))).toEqual([
    73,
    `journal ${missing} can't be created: the folder ${join(folder.path, "missing")} does not exist`,
  ]);
  const file = folder.file("file", "");
  const under = join(file, "run.db");
  expect(await refusal(() => openJournal(journalOptions(folder.path, { path: under })))).toEqual([
    73,
    `journal ${under} can't be created: ${file} is not a folder`,
  ]);
});

test("journal file: where nothing can be created, none is", async () => {
  expect((await refusal(() => openJournal(journalOptions(folder.path, { path: "/proc/holdfast.db" }))))[0]).toBe(73);
});

test("journal file: a name that means something else to SQLite is a file like any other", () => {
  const before = process.cwd();
  process.chdir(folder.path);
  try {
    const journal = openJournal(journalOptions(folder.path, { path: ":memory:" }));
    journal.record(succeeded(0));
    journal.finish("finished");
    journal.close();
  } finally {
    process.chdir(before);
  }
  expect(query(join(folder.path, ":memory:"), "SELECT id FROM item")).toEqual([{ id: 0 }]);
});

test("journal file: through a link it is the file that the link points to", () => {
  const options = journalOptions(folder.path);
  const journal = openJournal(options);
  journal.record(succeeded(0));
  journal.finish("finished");
  journal.close();
  const link = join(folder.path, "link.db");
  symlinkSync(options.path, link);
  const again = openJournal({ ...options, path: link });
  expect([again.before.succeeded, existsSync(`${link}.lock`)]).toEqual([1, false]);
  again.close();
});

test("journal file: journal, input and output must be different files", async () => {
  const options = journalOptions(folder.path);
  openJournal(options).close();
  const input = folder.file("items.ndjson", "");
  const output = openOutput(input);
  expect(await refusal(() => openJournal({ ...options, output, input: { ...options.input, name: input } }))).toEqual([
    64,
    `--input and --output name the same file, ${input}; one of them would destroy the other`,
  ]);
  output.close();
  expect(await refusal(() => openJournal({ ...options, input: { ...options.input, name: options.path } }))).toEqual([
    64,
    `--journal and --input name the same file, ${options.path}; one of them would destroy the other`,
  ]);
});

test("journal file: network file systems are known by their numbers, also as signed ones", () => {
  expect([0x6969, 0xff534d42, 0xff534d42 | 0, 0xfe534d42, 0x517b, 0xef53, 0x01021994].map(networkFileSystem)).toEqual([
    "nfs",
    "cifs",
    "cifs",
    "smb",
    "smb",
    undefined,
    undefined,
  ]);
});
