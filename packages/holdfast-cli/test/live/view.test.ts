import { draw, shownRows } from "../../src/live/view.ts";
import type { Size, Watched } from "../../src/live/view.ts";
import { viewState } from "../../src/live/view-state.ts";
import type { ViewState } from "../../src/live/view-state.ts";
import { displayWidth } from "../../src/terminal-text.ts";
import { describe, expect, test } from "../harness.ts";
import { fakeDump, fakeScope } from "./fake-dump.ts";
import { dump, fakeWatched } from "./fake-watched.ts";

const state = (about: Partial<ViewState> = {}): ViewState => ({ ...viewState("id"), ...about });
const size: Size = { columns: 110, rows: 10 };
const text = (about: Partial<ViewState>, watched: Watched, room: Size = size): readonly string[] =>
  draw(state(about), watched, room).map((line) => line.text);

const keys = "q quit  t tree  s sort  / filter  p pause  c cancel  ? help";

describe("draw", () => {
  test("shows numbers, tasks and keys, and fills the screen", () => {
    expect(text({}, fakeWatched())).toEqual([
      "process 4711, node 20.20.2, up 1m 05s   looked for 1.2 ms, every 1.0 s",
      "busy 12%   loop delay 0.4 ms, at most 12 ms   heap 23 of 46 MB",
      "3 tasks   31/s started, 30/m ended",
      "",
      "id  name       group    state       age  waits for            where               deadline  spawned",
      ' 1  request    server   running   3.2 s  group "lookups"      /srv/app.ts:20:5      26.8 s  /srv/app.ts:13:12',
      ' 2  poll       server   running   5.0 s  get Channel "jobs"   /srv/app.ts:46:22          -  -',
      " 3  load-user  lookups  running  400 ms  sleep 46.8 s, no s…  -                     26.8 s  -",
      "",
      `by id   ${keys}`,
    ]);
  });

  test("a tree indents each task below the one that it runs in", () => {
    expect(text({ isTree: true }, fakeWatched(), { columns: 60, rows: 10 }).slice(4)).toEqual([
      "id  name         state       age  waits for     where",
      ' 1  request      running   3.2 s  group "look…  /srv/app.ts…',
      " 3    load-user  running  400 ms  sleep 46.8 …  -",
      " 2  poll         running   5.0 s  get Channel…  /srv/app.ts…",
      "",
      "tree   q quit  t tree  s sort  / filter  p pause  c cancel …",
    ]);
  });

  test("before the first answer it says so", () => {
    expect(text({}, fakeWatched({ gauges: undefined, snapshot: undefined }), { columns: 40, rows: 7 })).toEqual([
      "process 4711",
      "",
      "",
      "",
      "waiting for the first answer",
      "",
      "by id   q quit  t tree  s sort  / filte…",
    ]);
  });

  test("a program without tasks has none, and a filter may leave none", () => {
    const none = fakeWatched({ snapshot: { dump: fakeDump([]), pause: 1, allowsCancel: false } });
    expect([text({}, none)[4], text({ filter: "nowhere" }, fakeWatched())[4]]).toEqual([
      "no task of the library runs",
      'none of 3 tasks has "nowhere" in it',
    ]);
  });

  test("a process that does not answer is said to, with what it runs, or why that is not known", () => {
    const header = (watched: Partial<Watched>): readonly string[] =>
      text({}, fakeWatched({ silence: 4200, ...watched }), { columns: 120, rows: 20 }).slice(3, 6);
    expect([
      header({}),
      header({ blockedBy: ["parse (app.ts:3:5)", "listOnTimeout (node:internal/timers:1:1)"] }),
      header({ blockedBy: "its main thread sleeps, stopped or inside a native call" }),
    ]).toEqual([
      ["not answering for 4.2 s", "", expect.stringMatching(/^id /u)],
      [
        "not answering for 4.2 s: its main thread runs",
        "    at parse (app.ts:3:5)",
        "    at listOnTimeout (node:internal/timers:1:1)",
      ],
      [
        "not answering for 4.2 s: its main thread sleeps, stopped or inside a native call; holdfast doctor 4711 may tell more",
        "",
        expect.stringMatching(/^id /u),
      ],
    ]);
  });

  test("warnings stand above the tasks, three of them at most", () => {
    const cancelled = { kind: "cancel", message: "enough", by: undefined, age: 2000 };
    const deaf = [1, 2, 3, 4, 5].map((id) => fakeScope({ id, name: `deaf ${id}`, cancelled, sawSignal: false }));
    const watched = fakeWatched({ snapshot: { dump: fakeDump(deaf), pause: 1, allowsCancel: false } });
    const lines = draw(state(), watched, { columns: 60, rows: 20 });
    expect(lines.slice(3, 8)).toEqual([
      { text: expect.stringMatching(/^cancel-ignored: task 1 "deaf 1" was cancelled .*…$/u), style: "warning" },
      { text: expect.stringMatching(/^cancel-ignored: task 2 /u), style: "warning" },
      { text: expect.stringMatching(/^cancel-ignored: task 3 /u), style: "warning" },
      { text: "and 2 other warnings", style: "warning" },
      { text: "", style: "plain" },
    ]);
  });

  test("the last line says what the keys mean", () => {
    const last = (about: Partial<ViewState>): unknown =>
      draw(state(about), fakeWatched(), { columns: 120, rows: 20 }).at(-1);
    expect([
      last({ filter: "load", sort: "age", isPaused: true }),
      last({ mode: "filter", filter: "lo" }),
      last({ mode: "confirm", chosen: 3 }),
      last({ mode: "help" }),
      last({ message: "task 3 was cancelled" }),
    ]).toEqual([
      { text: `by age, only "load"   ${keys.replace("p pause", "p go on")}`, style: "keys" },
      { text: "filter: lo_", style: "keys" },
      { text: "cancel task 3? y: yes, any other key: no", style: "warning" },
      { text: "any key: back", style: "keys" },
      { text: "task 3 was cancelled", style: "warning" },
    ]);
  });

  test("help takes the place of the tasks, and names every key of the last line", () => {
    const lines = text({ mode: "help" }, fakeWatched(), { columns: 120, rows: 20 });
    const named = lines.slice(4, -1).flatMap((line) => /^(\S) {3}/u.exec(line)?.[1] ?? []);
    expect(named.toSorted()).toEqual(["/", "c", "p", "q", "s", "t"]);
  });

  test("the chosen task is marked, and in sight however many there are", () => {
    const many = Array.from({ length: 100 }, (_, index) => fakeScope({ id: index + 1, name: `task ${index + 1}` }));
    const watched = fakeWatched({ snapshot: { dump: fakeDump(many), pause: 1, allowsCancel: false } });
    const around = (chosen: number | undefined): unknown => {
      const lines = draw(state({ chosen }), watched, size).slice(5, -1);
      return lines.map((line) => `${line.style === "chosen" ? ">" : " "}${line.text.trimStart().split(" ", 1)[0]}`);
    };
    expect([around(undefined), around(1), around(50), around(100)]).toEqual([
      [" 1", " 2", " 3", " 4"],
      [">1", " 2", " 3", " 4"],
      [" 48", " 49", ">50", " 51"],
      [" 97", " 98", " 99", ">100"],
    ]);
  });

  test("tasks beyond those that a process lists are counted", () => {
    const watched = fakeWatched({ snapshot: { dump: { ...dump, omitted: 1200 }, pause: 1, allowsCancel: false } });
    expect(text({}, watched).slice(-4)).toEqual([
      expect.stringMatching(/^ 2 {2}poll/u),
      expect.stringMatching(/^ 3 {2}load-user/u),
      "1,200 tasks not listed: there are too many",
      `by id   ${keys}`,
    ]);
  });

  test("what a program has named does not reach the terminal as a command", () => {
    const named = fakeScope({ name: "\u001B[2Jred\u202Eder", waits: [] });
    const watched = fakeWatched({ snapshot: { dump: fakeDump([named]), pause: 1, allowsCancel: false } });
    expect(text({ filter: "red" }, watched).join("\n")).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/u);
  });

  test("VIEW-1: it fits into every size of a terminal", () => {
    const watched = fakeWatched({ silence: 2000, blockedBy: ["parse (/srv/app.ts:3:5)"] });
    for (const mode of ["list", "filter", "help", "confirm"] as const)
      for (let columns = 1; columns < 130; columns += 3)
        for (const rows of [1, 2, 3, 5, 8, 13, 40]) {
          const lines = draw(state({ mode }), watched, { columns, rows });
          expect([lines.length, Math.max(...lines.map((line) => displayWidth(line.text)))]).toEqual([
            rows,
            expect.toSatisfy((widest: number) => widest <= columns),
          ]);
        }
  });
});

test("a filter looks at everything that is shown of a task, whatever the case", () => {
  const found = (filter: string): number[] => shownRows(state({ filter }), fakeWatched()).map(({ id }) => id);
  expect([found("LOAD"), found("jobs"), found("app.ts:13"), found("server"), found("3"), found("")]).toEqual([
    [3],
    [2],
    [1],
    [1, 2],
    [1, 3],
    [1, 2, 3],
  ]);
});
