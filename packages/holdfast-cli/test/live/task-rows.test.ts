import { sortRows, taskRows, waitText } from "../../src/live/task-rows.ts";
import type { SortKey, TaskRow } from "../../src/live/task-rows.ts";
import { describe, expect, test } from "../harness.ts";
import { fakeDump, fakeWait, folder } from "./fake-dump.ts";

describe("taskRows", () => {
  test("a task has a row, with what it waits for, the innermost line, and where it was spawned, short below the folder", () => {
    const dump = fakeDump(
      [
        { kind: "group", name: "server" },
        {
          parent: 0,
          id: 7,
          name: "load",
          age: 1200,
          waits: [fakeWait({ timeLeft: 800, stack: 0 }), fakeWait({ kind: "promise" })],
          spawnedAt: `main (file://${folder}/app.ts:3:5)`,
        },
      ],
      [[`query (file://${folder}/db.ts:9:1)`, `load (file://${folder}/app.ts:4:1)`]],
    );
    expect(taskRows(dump)).toEqual([
      {
        id: 7,
        name: "load",
        group: "server",
        state: "running",
        age: 1200,
        wait: "sleep 800 ms, and 1 more",
        where: "query (db.ts:9:1)",
        timeLeft: undefined,
        spawnedAt: "main (app.ts:3:5)",
        depth: 0,
      },
    ]);
  });

  test("rows stand below the task that they run in", () => {
    const dump = fakeDump([
      { kind: "group", name: "outer" },
      { parent: 0, id: 1, name: "first" },
      { parent: 0, id: 2, name: "second" },
      { kind: "group", parent: 1, name: "inner" },
      { parent: 3, id: 3, name: "below the first" },
      { parent: 3, id: 4, name: "below it too" },
    ]);
    expect(taskRows(dump).map(({ id, depth, group }) => [id, depth, group])).toEqual([
      [1, 0, "outer"],
      [3, 1, "inner"],
      [4, 1, "inner"],
      [2, 0, "outer"],
    ]);
  });

  test("a deadline and a cancellation reach down to a shield, and the nearest deadline counts", () => {
    const cancelled = { kind: "cancel", message: "enough", by: undefined, age: 5 };
    const dump = fakeDump([
      { kind: "group", name: "outer", timeLeft: 900, cancelled },
      { parent: 0, id: 1, name: "below", timeLeft: 2000 },
      { parent: 0, id: 2, name: "shielded", isShielded: true },
      { parent: 2, id: 3, name: "own", timeLeft: -5 },
    ]);
    expect(taskRows(dump).map(({ name, state, timeLeft }) => [name, state, timeLeft])).toEqual([
      ["below", "running, cancelled", 900],
      ["shielded", "running", undefined],
      ["own", "running", -5],
    ]);
  });
});

test.each([
  [fakeWait({ kind: "tasks", what: '"lookups"' }), 'group "lookups"'],
  [fakeWait({ kind: "join", what: 'task 3 "load"' }), 'task 3 "load"'],
  [fakeWait({ kind: "permit", what: 'Semaphore "db"', hasSignal: false }), 'permit Semaphore "db", no signal'],
  [fakeWait({ kind: "promise", hasSignal: false, count: 3 }), "a promise, 3 times"],
  [fakeWait({ kind: "latch" }), "latch"],
])("what is waited for is a few words: %#", (wait, text) => {
  expect(waitText(wait)).toBe(text);
});

describe("sortRows", () => {
  const row = (id: number, about: Partial<TaskRow>): TaskRow => ({
    id,
    name: "task",
    group: "group",
    state: "running",
    age: undefined,
    wait: undefined,
    where: undefined,
    timeLeft: undefined,
    spawnedAt: undefined,
    depth: 0,
    ...about,
  });
  const rows = [
    row(4, { name: "b", age: 5, wait: "sleep 100 ms" }),
    row(2, { name: "a", age: 50, group: "a group" }),
    row(3, { name: "c", wait: "join", state: "abandoned" }),
    row(1, { name: "b", age: 10, wait: "sleep 99 ms" }),
  ];
  test.each<[SortKey, number[]]>([
    ["id", [1, 2, 3, 4]],
    ["age", [2, 1, 4, 3]],
    ["name", [2, 4, 1, 3]],
    ["group", [2, 4, 3, 1]],
    ["state", [3, 4, 2, 1]],
    ["wait", [3, 4, 1, 2]],
  ])("by %s they stand as %j", (key, ids) => {
    expect(sortRows(rows, key).map(({ id }) => id)).toEqual(ids);
  });
});
