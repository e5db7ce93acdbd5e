/** Debug mode, in a process that the test owns. What only a real one shows is in test/programs/debug.test.ts. */
import { type OpenTaskGroup, openTaskGroup, shield, sleep, taskGroup, timeout } from "holdfast";
import type { MainContext } from "holdfast/lifecycle";
import { limitSpawnSites, setProbe, setTaskStackListener } from "holdfast/lowlevel";
import { useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { afterAll, beforeAll, describe, expect, test } from "../harness.ts";
import { FakeProcess, start, type Started } from "./run-main-process.ts";

const clock = useFakeClock();

/** Where a watchdog would be: it is another thread, with a clock of its own. */
const WATCHDOG = Symbol.for("holdfast.beats/1");
beforeAll(() => void Reflect.set(globalThis, WATCHDOG, new Int32Array(1)));
afterAll(() => void Reflect.deleteProperty(globalThis, WATCHDOG));

/** Starts a program that is debugged; resolves when main is called: loading is no matter of the clock. */
async function debug(main: (context: MainContext) => unknown): Promise<Started> {
  const process = new FakeProcess();
  process.env = { HOLDFAST_DEBUG: "1" };
  const begun = new Gate();
  const started = start(
    (context) => {
      begun.open();
      return main(context);
    },
    { process: process.host, name: "main" },
  );
  await begun.promise;
  return { ...started, process };
}

/** What a program that is debugged was told, without places, up to its exit. */
async function told(main: (context: MainContext) => unknown): Promise<string> {
  const { process, ended } = await debug(main);
  await clock.run(() => ended);
  process.emit("exit");
  return process.stderr.written.replaceAll(/(?: at)? \S* ?\(?\S*debug\.test\.ts:\d+:\d+\)?/gu, "");
}

/** Resolves after so many milliseconds, whatever is cancelled. */
const later = (ms: number): Promise<void> => sleep(ms);

describe("HOLDFAST_DEBUG", () => {
  for (const setting of ["yes", "true", "2", " 1", "1,watchdog"])
    test(`is refused as ${JSON.stringify(setting)}`, async () => {
      const process = new FakeProcess();
      process.env = { HOLDFAST_DEBUG: setting };
      let wasCalled = false;
      const { ended, codes } = start(() => void (wasCalled = true), { process: process.host });
      await expect(ended).rejects.toThrow(
        new TypeError(`HOLDFAST_DEBUG must be 1, 0 or empty, got ${JSON.stringify(setting)}`),
      );
      expect([wasCalled, codes, process.listened]).toEqual([false, [], []]);
    });

  for (const setting of ["", "0"])
    test(`is off as ${JSON.stringify(setting)}: main is called at once`, async () => {
      const process = new FakeProcess();
      process.env = { HOLDFAST_DEBUG: setting };
      let wasCalled = false;
      const { ended } = start(() => void (wasCalled = true), { process: process.host });
      expect(wasCalled).toBe(true);
      await clock.run(() => ended);
      expect(process.listened).toEqual([]);
    });

  test("is off where the environment can't be read", async () => {
    const process = new FakeProcess();
    process.env = new Proxy(
      {},
      {
        get: () => {
          throw new Error("permission denied");
        },
      },
    );
    let wasCalled = false;
    const { ended } = start(() => void (wasCalled = true), { process: process.host });
    expect(wasCalled).toBe(true);
    await clock.run(() => ended);
  });

  test("MAIN-1: leaves, when main has ended, a listener for the exit and nothing else", async () => {
    const before = [limitSpawnSites(1000), setProbe(undefined), setTaskStackListener(undefined)];
    const { process, ended, codes } = await debug(() => {});
    await clock.run(() => ended);
    const after = [limitSpawnSites(1000), setProbe(undefined), setTaskStackListener(undefined)];
    expect([codes, process.listened, before, after]).toEqual([
      [0],
      ["exit"],
      [1000, undefined, undefined],
      [1000, undefined, undefined],
    ]);
  });

  test("a program that is told to stop before debug mode is on does not begin", async () => {
    const process = new FakeProcess();
    process.env = { HOLDFAST_DEBUG: "1" };
    let wasCalled = false;
    const { ended, codes } = start(() => void (wasCalled = true), { process: process.host });
    process.emit("SIGTERM");
    await ended;
    expect([wasCalled, codes]).toEqual([false, [143]]);
  });

  test("stays on until the last of two programs has ended", async () => {
    const [first, second] = [new Gate(), new Gate()];
    const one = await debug(() => first.promise);
    const two = await debug(() => second.promise);
    first.open();
    await clock.run(() => one.ended);
    const during = limitSpawnSites(Infinity);
    second.open();
    await clock.run(() => two.ended);
    expect([during, limitSpawnSites(1000)]).toEqual([Infinity, 1000]);
  });
});

describe("DEBUG-1: who ignores a cancellation", () => {
  test("is named once, a second after it, however often it was cancelled", async () => {
    const text = await told(async ({ signal }) => {
      await taskGroup(
        async (group) => {
          const task = group.spawn(() => later(4000), { name: "deaf" });
          await later(1);
          task.cancel();
          await later(500);
          group.cancel();
        },
        { signal, name: "request" },
      ).catch(() => {});
    });
    expect(text).toBe(
      `holdfast: debug: task "deaf" was cancelled; 1.0 s later this still runs
  task "deaf" in group "request", never looked at its signal; pass ({ signal }) on
      waits for sleep, without a signal
      spawned
`,
    );
  });

  test("is the innermost work, with the task that it is in", async () => {
    const text = await told(async ({ signal }) => {
      await taskGroup(
        async (outer) => {
          outer.spawn(
            (context) =>
              taskGroup(
                (inner) => {
                  inner.spawn(
                    (own) => timeout(60_000, () => later(1500), { ...own, signal: own.signal, name: "ask" }),
                    {
                      name: "child",
                    },
                  );
                },
                { signal: context.signal, name: "inner" },
              ),
            { name: "parent" },
          );
          await later(1);
          outer.cancel();
        },
        { signal, name: "outer" },
      ).catch(() => {});
    });
    expect(text.replaceAll(/\n {6}.*/gu, "")).toBe(
      `holdfast: debug: group "outer" was cancelled; 1.0 s later this still runs
  call "ask", in task "child", never looked at its signal; pass ({ signal }) on
`,
    );
  });

  test("may be the body of a group", async () => {
    const text = await told(async ({ signal }) => {
      await taskGroup(() => later(1500), { signal, name: "slow", timeout: 10 }).catch(() => {});
    });
    expect(text.replaceAll(/\n {6}.*/gu, "")).toBe(
      `holdfast: debug: group "slow" reached its deadline of 10 ms; 1.0 s later this still runs
  the body of group "slow", in task "main", never looked at its signal; pass ({ signal }) on
`,
    );
  });

  test("DEBUG-3: is nobody who stops, cleans up, serves the others, or waits under a shield", async () => {
    const text = await told(async ({ signal }) => {
      await taskGroup(
        async (group) => {
          group.defer(() => later(1200));
          group.spawnService(({ sleep: pause }) => pause(Infinity), { name: "service" });
          group.spawn(({ sleep: pause }) => pause(60_000), { name: "stops" });
          group.spawn(
            async (context) => {
              await context.sleep(60_000).catch(() => {});
              await shield(() => later(1200), { signal: context.signal });
            },
            { name: "shields" },
          );
          await later(1);
          group.cancel();
        },
        { signal },
      ).catch(() => {});
    });
    expect(text).toBe("");
  });

  test("is no group without a body that waits for its close()", async () => {
    const text = await told(async ({ signal }) => {
      const group = openTaskGroup({ signal });
      group.cancel();
      await later(1500);
      await group.close().catch(() => {});
    });
    expect(text).toBe("");
  });

  test("is counted when there are more than twenty", async () => {
    const text = await told(async ({ signal }) => {
      await taskGroup(
        async (group) => {
          for (let index = 0; index < 25; index++) group.spawn(() => later(1500), { name: `deaf ${index}` });
          await later(1);
          group.cancel();
        },
        { signal },
      ).catch(() => {});
    });
    const lines = text.split("\n").filter((line) => !line.startsWith("      "));
    expect([lines.length, lines.at(-2)]).toEqual([23, "  and 5 more"]);
  });
});

describe("DEBUG-2: a failure", () => {
  const fail = (): Promise<never> => Promise.reject(new Error("lost"));
  const title = (text: string): string => text.split("\n")[0] ?? "";

  /** What is told of a group that has a failed task, does something about it, and is closed after two seconds. */
  async function toldOf(look: (group: OpenTaskGroup) => unknown): Promise<string> {
    return await told(async () => {
      const group = openTaskGroup({ name: "open", stopOnError: false });
      look(group);
      await later(2000);
      await group.close().catch(() => {});
    });
  }

  test("in a group that nobody closes is told after a second", async () => {
    expect(title(await toldOf((group) => group.spawn(fail, { name: "read" })))).toBe(
      'holdfast: debug: task "read" of group "open" failed 1.0 s ago, and nobody has joined it, nor called close(), which throws this: Error: lost',
    );
  });

  const seen: readonly (readonly [string, (group: OpenTaskGroup) => unknown])[] = [
    [
      "somebody has joined",
      (group) =>
        group
          .spawn(fail)
          .join()
          .catch(() => {}),
    ],
    [
      "somebody joins later",
      async (group) => {
        const task = group.spawn(fail);
        await later(500);
        await task.join().catch(() => {});
      },
    ],
    [
      "somebody asks for",
      async (group) => {
        const task = group.spawn(fail);
        await later(500);
        expect(task.outcome()).toMatchObject({ ok: false });
      },
    ],
    [
      "the group is closed with",
      async (group) => {
        group.spawn(fail);
        await later(500);
        await group.close().catch(() => {});
      },
    ],
    [
      "the group can't be closed with yet, since a task still runs",
      async (group) => {
        group.spawn(fail);
        group.spawn(() => later(1500));
        await group.close().catch(() => {});
      },
    ],
  ];
  for (const [what, look] of seen)
    test(`that ${what} is not told`, async () => {
      expect(await toldOf(look)).toBe("");
    });

  test("that goes to onTaskError is not told", async () => {
    const hooked: unknown[] = [];
    const text = await told(async () => {
      const group = openTaskGroup({ onTaskError: (error) => hooked.push(error) });
      group.spawn(fail);
      await later(2000);
      await group.close();
    });
    expect([text, hooked]).toEqual(["", [new Error("lost")]]);
  });

  test("that its group has had no time to throw is told at the exit; of many, ten", async () => {
    const end = new Gate();
    const { process, ended } = await debug(async () => {
      const body = taskGroup(
        async (group) => {
          for (let index = 0; index < 12; index++) group.spawn(fail, { name: `read ${index}` });
          await end.promise;
        },
        { stopOnError: false, name: "body" },
      );
      await body.catch(() => {});
    });
    await clock.advanceBy(2000);
    process.emit("exit");
    const lines = process.stderr.written.split("\n").filter((line) => line.startsWith("holdfast: debug: "));
    expect([lines.length, lines[0], lines[10], lines[11]]).toEqual([
      12,
      'holdfast: debug: the process exits, and nobody was told that task "read 0" of group "body" had failed: Error: lost',
      "holdfast: debug: the process exits, and nobody was told of 2 more failures",
      "holdfast: debug: the process exits, and this has not ended",
    ]);
    end.open();
    await clock.run(() => ended);
  });

  test("that main was given up with is told by main, and not again", async () => {
    const boom = new Error("boom");
    const end = new Gate();
    const { process, ended, handler } = await debug(({ group }) => {
      group.defer(() => end.promise);
      group.spawn(() => Promise.reject(boom), { name: "read" });
    });
    await clock.run(() => ended);
    process.emit("exit");
    expect(handler.log).toContainEqual(["main", "main", boom]);
    expect(process.stderr.written).not.toContain("nobody");
    end.open();
    await clock.runCurrent();
  });

  test("of a group that has a body is thrown by it, and not told", async () => {
    const text = await told(async () => {
      const body = taskGroup(
        (group) => {
          group.spawn(fail);
          group.spawn(() => later(2000));
        },
        { stopOnError: false },
      );
      await body.catch(() => {});
    });
    expect(text).toBe("");
  });
});

test("an error that is frozen, or has no stack, fails its task as it is", async () => {
  const frozen = Object.freeze(new Error("frozen"));
  const { stack } = frozen;
  const plain = { message: "no stack" };
  const outcomes: unknown[] = [];
  await told(async ({ group }) => {
    for (const thrown of [frozen, plain, "text"]) {
      const task = group.spawn(() => Promise.reject(thrown));
      outcomes.push(await task.settled());
    }
  });
  expect([outcomes, frozen.stack === stack]).toEqual([
    [frozen, plain, "text"].map((error) => ({ ok: false, error })),
    true,
  ]);
});
