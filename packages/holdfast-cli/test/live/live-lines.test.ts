import { liveJson, liveText, silenceJson, silenceText } from "../../src/live/live-lines.ts";
import { expect, test } from "../harness.ts";
import { fakeDump, fakeScope } from "./fake-dump.ts";
import { dump, fakeWatched, gauges } from "./fake-watched.ts";

const at = new Date("2026-01-02T03:04:05.678Z");
const deaf = fakeScope({
  name: "deaf",
  sawSignal: false,
  cancelled: { kind: "cancel", message: "enough", by: undefined, age: 2000 },
});

test("a snapshot is a title, numbers, warnings and a line for each task, then an empty line", () => {
  const watched = fakeWatched({
    snapshot: { dump: { ...fakeDump([deaf]), omitted: 7 }, pause: 1, allowsCancel: false },
  });
  expect(liveText(watched, "id", Infinity).split("\n")).toEqual([
    "process 4711, node 20.20.2, up 1m 05s",
    "busy 12%   loop delay 0.4 ms, at most 12 ms   heap 23 of 46 MB",
    "3 tasks   31/s started, 30/m ended",
    expect.stringMatching(/^cancel-ignored: task 1 "deaf" was cancelled 2\.0 s ago/u),
    "id  name  group  state               age  waits for  where  deadline  spawned",
    " 1  deaf         running, cancelled    -  -          -             -  -",
    "7 tasks not listed: there are too many",
    "",
    "",
  ]);
});

test("as JSON it has the same, with numbers as numbers, in the order that was asked", () => {
  const found: unknown = JSON.parse(liveJson(fakeWatched(), "age", at));
  expect(found).toMatchObject({
    version: 1,
    at: "2026-01-02T03:04:05.678Z",
    pid: 4711,
    node: "20.20.2",
    gauges,
    tasks: [
      { id: 2, name: "poll", age: 5000 },
      { id: 1, name: "request", age: 3200, timeLeft: 26_800, wait: 'group "lookups"' },
      { id: 3, name: "load-user", age: 400, depth: 1, group: "lookups" },
    ],
    omitted: 0,
    warnings: [],
    notes: dump.notes,
    pause: 1.2,
  });
});

test("warnings are data too", () => {
  const watched = fakeWatched({ snapshot: { dump: fakeDump([deaf]), pause: 1, allowsCancel: false } });
  expect(JSON.parse(liveJson(watched, "id", at))).toMatchObject({
    warnings: [{ code: "cancel-ignored", message: expect.stringMatching(/^task 1 "deaf" was cancelled/u) }],
  });
});

test("a process that does not answer has a line, with what it runs", () => {
  const watched = fakeWatched({ silence: 3200, blockedBy: ["parse (/srv/app.ts:2:3)"] });
  expect([silenceText(watched), JSON.parse(silenceJson(watched, at))]).toEqual([
    "process 4711: not answering for 3.2 s: its main thread runs\n    at parse (/srv/app.ts:2:3)\n\n",
    {
      version: 1,
      at: "2026-01-02T03:04:05.678Z",
      pid: 4711,
      silence: 3200,
      blockedBy: ["parse (/srv/app.ts:2:3)"],
    },
  ]);
});
