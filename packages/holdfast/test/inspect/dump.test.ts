/** What a dump says of the tasks of this process. Programs of their own are in nested.test.ts. */
import { type GroupOptions, map, settle, sleep, type Task, type TaskGroup, taskGroup } from "holdfast";
import { dump, type DumpedScope, formatDump, type ProcessDump } from "holdfast/inspect";
import { registry } from "holdfast/lowlevel";
import { Latch, Mutex } from "holdfast/sync";
import { useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

function find(found: ProcessDump, name: string): DumpedScope {
  const scope = found.scopes.find((candidate) => candidate.name === name);
  if (scope === undefined) throw new Error(`${name} is not in the dump`);
  return scope;
}

/** A group in a time that jumps. */
function inGroup<T>(body: (group: TaskGroup) => Promise<T>, options?: GroupOptions): Promise<T> {
  return clock.run(() => taskGroup(body, options));
}

describe("dump", () => {
  test("of a process in which nothing runs is empty", () => {
    const { scopes, omitted, outside, stacks, notes, version, stackSource } = dump();
    expect({ scopes, omitted, outside, stacks, notes, version, stackSource }).toEqual({
      scopes: [],
      omitted: 0,
      outside: [],
      stacks: [],
      notes: [],
      version: 1,
      stackSource: "exact",
    });
  });

  test("says of a task who it is, what state it is in, for how long, and until when", async () => {
    const gate = new Gate();
    const [seen, id] = await inGroup(
      async (group) => {
        const task = group.spawn(() => gate.promise, { name: "poll", timeout: 10_000 });
        await sleep(2500);
        const found = dump();
        gate.open();
        return [found, task.id] as const;
      },
      { name: "server" },
    );
    const { spawnedAt, waits, ...poll } = find(seen, "poll");
    expect(poll).toEqual({
      kind: "task",
      parent: 0,
      id,
      name: "poll",
      state: "running",
      age: 2500,
      item: undefined,
      timeLeft: 7500,
      functionAt: undefined,
      sawSignal: false,
      cancelled: undefined,
      isShielded: false,
      isOpen: false,
      holds: [],
      awaitedAt: [],
      omitted: 0,
    });
    expect(spawnedAt).toContain("dump.test.ts");
    expect(waits).toEqual([]);
    expect(find(seen, "server")).toMatchObject({ kind: "group", parent: undefined, id: undefined, state: undefined });
  });

  test("says who cancelled a task, why, and when", async () => {
    const seen = await inGroup(async (group) => {
      const gate = new Gate();
      const task = group.spawn(() => gate.promise, { name: "stubborn" });
      await sleep(10);
      task.cancel(new Error("the user left"));
      await sleep(300);
      const found = dump();
      gate.open();
      return found;
    });
    const { cancelled } = find(seen, "stubborn");
    expect(cancelled).toEqual({
      kind: "cancel",
      message: 'task "stubborn" was cancelled',
      by: expect.stringContaining("dump.test.ts"),
      age: 300,
    });
  });

  test("says which item a lane is busy with, since when", async () => {
    let seen: ProcessDump | undefined;
    const mapping = (): Promise<unknown> =>
      map(
        ["a", "b", "c"],
        async (item) => {
          await sleep(100);
          if (item !== "c") return;
          await sleep(40);
          seen = dump();
        },
        { concurrency: 1, name: "import" },
      );
    await clock.run(mapping);
    const lane = seen?.scopes.find(({ item }) => item !== undefined);
    expect([lane?.name, lane?.item, lane?.age]).toEqual(["import lane 1", 2, 140]);
  });

  test("says what is waited for, and whether a cancellation would end it", async () => {
    const latch = new Latch();
    const mutex = new Mutex();
    const permit = await mutex.acquire();
    const seen = await inGroup(async (group) => {
      const first = group.spawn(({ sleep: pause }) => pause(5000), { name: "sleeper" });
      group.spawn(
        async () => {
          await latch.wait();
        },
        { name: "forgetful" },
      );
      group.spawn(({ signal }) => mutex.acquire({ signal }), { name: "locked" });
      group.spawn(
        async () => {
          await first.join();
        },
        { name: "joiner" },
      );
      await sleep(1000);
      const found = dump();
      group.cancel();
      latch.open();
      return found;
    }).finally(permit.release);
    const waitsOf = (name: string): unknown =>
      find(seen, name).waits.map(({ kind, what, timeLeft, hasSignal }) => [kind, what, timeLeft, hasSignal]);
    const { id } = find(seen, "sleeper");
    expect(["sleeper", "forgetful", "locked", "joiner"].map(waitsOf)).toEqual([
      [["sleep", undefined, 4000, true]],
      [["latch", "Latch", undefined, false]],
      [["permit", "Mutex", undefined, true]],
      [["join", `task ${id} "sleeper"`, undefined, true]],
    ]);
  });

  test("counts waits with the same stack", async () => {
    async function ask(): Promise<void> {
      await sleep(1000);
    }
    const seen = await inGroup(async (group) => {
      for (let index = 0; index < 50; index++) group.spawn(ask);
      await sleep(10);
      return dump();
    });
    const counts = seen.stacks.map(({ frames, count }) => [frames.length, count]);
    expect(counts).toContainEqual([1, 50]);
    expect(formatDump(seen)).toContain("and 49 more like it: ");
  });

  test("lists at most so many, the upper ones first, and counts the tasks that are left out where they are", async () => {
    const seen = await inGroup(
      async (outer) => {
        outer.spawn(
          ({ signal }) =>
            taskGroup(
              (inner) => {
                for (let index = 0; index < 10; index++) inner.spawn(({ sleep: pause }) => pause(1000));
              },
              { name: "inner", signal },
            ),
          { name: "first" },
        );
        outer.spawn(({ sleep: pause }) => pause(1000), { name: "second" });
        await sleep(10);
        return dump({ limit: 6 });
      },
      { name: "outer" },
    );
    const listed = seen.scopes.map(({ name, omitted }) => [name.replace(/ \d+$/u, ""), omitted]);
    expect([listed, seen.omitted]).toEqual([
      [
        ["outer", 0],
        ["first", 0],
        ["second", 0],
        ["inner", 8],
        ["task", 0],
        ["task", 0],
      ],
      8,
    ]);
    expect(formatDump(seen)).toContain("8 tasks not shown: there are too many");
  });

  test("goes down two thousand nested calls", async () => {
    let seen: ProcessDump | undefined;
    const nest = async (depth: number, signal: AbortSignal | undefined): Promise<void> => {
      // Each from a turn of its own, or the program would run out of stack by itself.
      await Promise.resolve();
      if (depth > 0) await settle((context) => nest(depth - 1, context.signal), { signal });
      else seen = dump({ limit: Infinity, stacks: false });
    };
    await clock.run(() => nest(2000, undefined));
    expect(seen?.scopes).toHaveLength(2000);
    expect(formatDump(seen ?? dump()).split("\n")).toHaveLength(2001);
  });

  test("is the same after a way through JSON", async () => {
    const seen = await inGroup(async (group) => {
      group.spawn(({ sleep: pause }) => pause(1000));
      await sleep(1);
      return dump();
    });
    const copy: ProcessDump = JSON.parse(JSON.stringify(seen));
    expect(formatDump(copy)).toBe(formatDump(seen));
  });

  test("without stacks does not ask for them", async () => {
    const seen = await inGroup(async (group) => {
      group.spawn(({ sleep: pause }) => pause(1000), { name: "sleeper" });
      await sleep(1);
      return dump({ stacks: false });
    });
    expect([seen.stackSource, seen.stacks, seen.notes]).toEqual(["none", [], []]);
    expect(find(seen, "sleeper").waits.map(({ kind, stack }) => [kind, stack])).toEqual([["sleep", undefined]]);
  });

  test("says where the function of a task is written, if its spawn site was not recorded", async () => {
    const gate = new Gate();
    const seen = await inGroup(async (group) => {
      // Beyond the budget of a second nobody's spawn site is recorded.
      for (let index = 0; index < 1000; index++) group.spawn(() => {});
      group.spawn(() => gate.promise, { name: "late" });
      await sleep(1);
      const found = dump();
      gate.open();
      return found;
    });
    const { spawnedAt, functionAt } = find(seen, "late");
    expect(spawnedAt).toBeUndefined();
    expect(functionAt).toMatch(/dump\.test\.ts:\d+:\d+$/u);
  });

  test("reads the tree of another copy of the library by its shape", async () => {
    const seen = await inGroup(async (group) => {
      group.spawn(({ sleep: pause }) => pause(1000), { name: "sleeper" });
      await sleep(1);
      // A second runtime with a tree of its own: here the same one again.
      const { runtimes } = registry();
      const [own] = runtimes;
      if (own === undefined) throw new Error("nothing has run");
      runtimes.push({ version: "0.0.1", root: own.root });
      try {
        return dump();
      } finally {
        runtimes.pop();
      }
    });
    expect(seen.libraries).toHaveLength(2);
    expect(seen.scopes.filter(({ name }) => name === "sleeper")).toHaveLength(2);
  });

  test("DUMP-1: makes no signal, leaves nothing to see on a task, and changes nothing of what becomes of it", async () => {
    const tasks: Task<unknown>[] = [];
    const before = await inGroup(async (group) => {
      const gate = new Gate();
      tasks.push(group.spawn(() => gate.promise.then(() => "value")));
      tasks.push(group.spawn(({ sleep: pause }) => pause(1000)));
      await sleep(1);
      const entries = (): unknown => tasks.map((task) => [Object.entries(task), String(task)]);
      const then = entries();
      const first = dump();
      const second = dump();
      expect(entries()).toEqual(then);
      expect(second).toEqual(first);
      gate.open();
      return first;
    });
    expect(before.scopes.filter(({ kind }) => kind === "task").map(({ sawSignal }) => sawSignal)).toEqual([
      false,
      true,
    ]);
    expect(tasks.map((task) => task.outcome())).toEqual([
      { ok: true, value: "value" },
      { ok: true, value: undefined },
    ]);
    expect(dump().scopes).toEqual([]);
  });

  for (const limit of [0, -1, 1.5, Number.NaN])
    test(`refuses a limit of ${limit}`, () => {
      expect(() => dump({ limit })).toThrow(RangeError);
    });
});

describe("formatDump", () => {
  test("writes control characters of names as text", async () => {
    const seen = await inGroup(async (group) => {
      group.spawn(({ sleep: pause }) => pause(1000), { name: "a\u001b[31m\nb" });
      await sleep(1);
      return dump();
    });
    expect(formatDump(seen)).toContain(String.raw`"a\u{1b}[31m\u{a}b"`);
  });

  test("cuts stacks to so many frames", async () => {
    const deepest = async (depth: number): Promise<void> => {
      if (depth > 0) await deepest(depth - 1);
      else await sleep(1000);
    };
    const seen = await inGroup(async (group) => {
      group.spawn(() => deepest(9));
      await sleep(1);
      return dump();
    });
    const text = formatDump(seen, { frames: 2 });
    expect(text.split("\n").filter((line) => line.includes("at deepest"))).toHaveLength(2);
    expect(text).toContain("and 8 more");
  });
});

test("the clock of the tests is the one that ages are told by", async () => {
  const seen = await inGroup(async (group) => {
    group.spawn(({ sleep: pause }) => pause(90_000), { name: "long" });
    await sleep(61_000);
    return dump();
  });
  expect(formatDump(seen)).toContain('"long", running for 1 min 1 s');
});
