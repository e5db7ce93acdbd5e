import { openJournal } from "../../src/journal/index.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { refusal, temporaryFolder } from "../input/reading.ts";
import { startChild } from "./child.ts";
import { journalOptions, query, succeeded } from "./recording.ts";

const HOLD_JOURNAL = new URL("./children/hold-journal.ts", import.meta.url);

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.clean());

test("JOURNAL-3: a journal that a live process writes is refused by name, to --fresh too, and readable all the while", async () => {
  const child = startChild(HOLD_JOURNAL, [folder.path]);
  expect(await child.line(), child.errors()).toBe("holding");
  for (const fresh of [false, true]) {
    const [exitCode, message] = await refusal(() => openJournal(journalOptions(folder.path, { fresh })));
    expect([exitCode, message.replace(/ on .*/, "")]).toEqual([
      75,
      `journal ${folder.path}/run.db is in use by a live run (process ${child.process.pid}`,
    ]);
  }
  expect(query(`${folder.path}/run.db`, "SELECT id FROM item")).toEqual([{ id: 0 }]);
  child.process.stdin?.end();
  expect(await child.ended).toBe(0);
  const journal = openJournal(journalOptions(folder.path));
  expect(journal.before).toEqual({ succeeded: 1, dead: 0 });
  journal.close();
});

test("JOURNAL-3: a killed process holds nothing", async () => {
  const child = startChild(HOLD_JOURNAL, [folder.path]);
  expect(await child.line(), child.errors()).toBe("holding");
  child.process.kill("SIGKILL");
  expect(await child.ended).toBe("SIGKILL");
  const journal = openJournal(journalOptions(folder.path));
  expect([journal.resumed, journal.before]).toEqual([true, { succeeded: 1, dead: 0 }]);
  journal.close();
});

test("JOURNAL-3: a second journal in the same process is refused too, until the first is closed", async () => {
  const options = journalOptions(folder.path);
  const first = openJournal(options);
  expect((await refusal(() => openJournal(options)))[0]).toBe(75);
  first.record(succeeded(0));
  first.finish("finished");
  first.close();
  const second = openJournal(options);
  expect(second.before).toEqual({ succeeded: 1, dead: 0 });
  second.close();
});
