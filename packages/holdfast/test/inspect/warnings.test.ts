/** What a dump gives away: each warning, and what is none. */
import { type GroupOptions, shield, sleep, type Task, type TaskContext, type TaskGroup, taskGroup } from "holdfast";
import { dump, findWarnings, formatDump, type ProcessDump } from "holdfast/inspect";
import { Mutex, Semaphore } from "holdfast/sync";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

/** A group in a time that jumps. */
function inGroup<T>(body: (group: TaskGroup) => Promise<T>, options?: GroupOptions): Promise<T> {
  return clock.run(() => taskGroup(body, options));
}

/** Code and sentence, with the numbers of tasks in the order in which they appear, and without columns. */
function told(found: ProcessDump): readonly string[] {
  return findWarnings(found).map(({ code, message }) => {
    const ids = [...new Set([...message.matchAll(/task (?<id>\d+)/gu)].map((match) => match.groups?.["id"]))];
    const plain = message.replaceAll(/task (?<id>\d+)/gu, (_, id: string) => `task #${ids.indexOf(id)}`);
    return `${code}: ${plain.replaceAll(/ \([^()]*\/(?<file>[\w.-]+):\d+:\d+\)/gu, " ($<file>)")}`;
  });
}

test("a process in which all is well has no warnings", async () => {
  const found = await inGroup(async (group) => {
    group.spawn(({ sleep: pause }) => pause(5000));
    await sleep(2000);
    return dump();
  });
  expect(findWarnings(found)).toEqual([]);
});

describe("cancel-ignored", () => {
  const deaf = async (gate: Gate): Promise<void> => {
    await sleep(60_000);
    await gate.promise;
  };

  test("names the line at which a cancelled task goes on", async () => {
    const found = await inGroup(async (group) => {
      const gate = new Gate();
      const task = group.spawn(() => deaf(gate), { name: "poll" });
      await sleep(10);
      task.cancel();
      await sleep(1500);
      const seen = dump();
      gate.open();
      return seen;
    });
    expect(told(found)).toEqual([
      'cancel-ignored: task #0 "poll" was cancelled 1.5 s ago and still runs: it never looked at its signal; pass ({ signal }) on at deaf (warnings.test.ts)',
    ]);
  });

  test("names the innermost task alone, when its group was cancelled", async () => {
    let found: ProcessDump | undefined;
    await inGroup(async (outer) => {
      outer.spawn(
        ({ signal }) =>
          taskGroup(
            (inner) => {
              inner.spawn(
                async ({ signal: own }) => {
                  expect(own.aborted).toBe(false);
                  await sleep(3000);
                },
                { name: "leaf" },
              );
            },
            { signal },
          ),
        { name: "branch" },
      );
      await sleep(10);
      outer.cancel();
      await sleep(2000);
      found = dump();
    });
    expect(found === undefined ? [] : told(found)).toEqual([
      expect.stringMatching(
        /^cancel-ignored: task #0 "leaf" was cancelled 2\.0 s ago and still runs: it has its signal, and goes on at /u,
      ),
    ]);
  });

  test("is not said of a task that has had less than a second, or that cleans up in a shield", async () => {
    const found = await inGroup(async (group) => {
      const quick = group.spawn(() => sleep(2500), { name: "quick" });
      const clean = group.spawn(
        async ({ signal }) => {
          await sleep(60_000, { signal }).catch(() => {});
          await shield(({ sleep: pause }) => pause(4000), { signal });
        },
        { name: "clean" },
      );
      await sleep(10);
      clean.cancel();
      await sleep(1200);
      quick.cancel();
      await sleep(900);
      return dump();
    });
    expect(found.scopes.map(({ name }) => name)).toContain("clean");
    expect(told(found)).toEqual([]);
  });

  test("is not said of a service that closes only after the tasks", async () => {
    const found = await inGroup(async (group) => {
      group.spawnService(({ sleep: pause }) => pause(60_000), { name: "heartbeat" });
      const gate = new Gate();
      group.spawn(({ signal }) => gate.promise.then(() => signal.aborted), { name: "worker" });
      await sleep(10);
      group.cancel();
      await sleep(2000);
      const seen = dump();
      gate.open();
      return seen;
    });
    expect(findWarnings(found).map(({ scopes }) => scopes.map((index) => found.scopes[index]?.name))).toEqual([
      ["worker"],
    ]);
  });
});

describe("leaky-group", () => {
  /** Two lots of tasks that don't end, `apart` milliseconds from each other; looked at `after` the second. */
  const lots = (size: number, apart: number, after: number): Promise<readonly string[]> =>
    inGroup(
      async (group) => {
        const gate = new Gate();
        const lot = (): void => {
          for (let index = 0; index < size; index++) group.spawn(() => gate.promise, { name: "conn" });
        };
        lot();
        await sleep(apart);
        lot();
        await sleep(after);
        const found = dump();
        gate.open();
        return told(found);
      },
      { name: "server" },
    );

  test("names a group to which tasks come faster than they end", async () => {
    expect(await lots(600, 20_000, 100)).toEqual([
      'leaky-group: group "server" has 1200 tasks, the oldest for 20.1 s, the newest for 100 ms: they come faster than they end; limit them by concurrency, or by a timeout each',
    ]);
  });

  test("is not said of a group that was filled at once, nor of one with few tasks, nor of a short time", async () => {
    expect(await lots(600, 10, 20_000)).toEqual([]);
    expect(await lots(400, 20_000, 100)).toEqual([]);
    expect(await lots(600, 5000, 100)).toEqual([]);
  });
});

describe("lock-cycle", () => {
  /** Runs `body` in real time, looks when all that is ready has run, and cancels. */
  async function look(body: (group: TaskGroup) => void): Promise<readonly string[]> {
    let found: ProcessDump | undefined;
    await taskGroup(async (group) => {
      body(group);
      for (let turns = 0; turns < 5; turns++) await turn();
      found = dump();
      group.cancel();
    });
    return found === undefined ? [] : told(found);
  }

  /** Two locks, one within the other. */
  async function lockBoth(first: Semaphore, second: Semaphore, signal?: AbortSignal): Promise<void> {
    const inner = async (): Promise<void> => {
      await turn();
      await second.run(() => {}, { signal });
    };
    await first.run(inner, { signal });
  }

  const cycle =
    'lock-cycle: these wait for each other, until they are cancelled: task #0 "there" waits for Mutex at inner (warnings.test.ts); task #1 "back" waits for Mutex at inner (warnings.test.ts)';

  test("names two tasks each of which holds the lock that the other waits for", async () => {
    const [left, right] = [new Mutex(), new Mutex()];
    const found = await look((group) => {
      group.spawn(({ signal }) => lockBoth(left, right, signal), { name: "there" });
      group.spawn(({ signal }) => lockBoth(right, left, signal), { name: "back" });
    });
    expect(found).toEqual([cycle]);
  });

  test("names them also where the functions that hold the locks have no await of their own", async () => {
    const [left, right] = [new Mutex(), new Mutex()];
    const found = await look((group) => {
      const both = (first: Mutex, second: Mutex, signal: AbortSignal): Promise<void> =>
        first.run(() => turn().then(() => second.run(() => {}, { signal })), { signal });
      group.spawn(({ signal }) => both(left, right, signal), { name: "there" });
      group.spawn(({ signal }) => both(right, left, signal), { name: "back" });
    });
    expect(found).toEqual([
      'lock-cycle: these wait for each other, until they are cancelled: task #0 "there" waits for Mutex; task #1 "back" waits for Mutex',
    ]);
  });

  test("names tasks that wait for each other's end", async () => {
    const found = await look((group) => {
      const tasks: Task<void>[] = [];
      const join = (index: number): void => {
        const run = async ({ signal }: TaskContext): Promise<void> => {
          await turn();
          await tasks[1 - index]?.join({ signal });
        };
        tasks.push(group.spawn(run, { name: index === 0 ? "first" : "second" }));
      };
      join(0);
      join(1);
    });
    expect(found).toEqual([
      'lock-cycle: these wait for each other, until they are cancelled: task #0 "first" waits for task #1 at run (warnings.test.ts); task #1 "second" waits for task #0 at run (warnings.test.ts)',
    ]);
  });

  test("names a task that holds a lock, and waits for a group in which somebody wants it", async () => {
    const mutex = new Mutex();
    const found = await look((group) => {
      group.spawn(
        async ({ signal }) => {
          await mutex.run(
            async () => {
              await taskGroup(
                (inner) => {
                  inner.spawn((context) => mutex.run(() => {}, { signal: context.signal, name: "again" }), {
                    name: "child",
                  });
                },
                { name: "inner", signal },
              );
            },
            { signal },
          );
        },
        { name: "holder" },
      );
    });
    expect(found).toEqual([
      expect.stringMatching(/^lock-cycle: .*task #0 "holder" waits for "inner".*"child" waits for Mutex$/u),
    ]);
  });

  test("is not said where somebody else can free the lock, or where a task waits for several things", async () => {
    const [pool, left, right] = [new Semaphore(2), new Mutex(), new Mutex()];
    const found = await look((group) => {
      group.spawn(({ signal }) => lockBoth(left, pool, signal));
      group.spawn(({ signal }) => lockBoth(pool, left, signal));
      group.spawn(({ signal }) => lockBoth(left, right, signal));
      group.spawn(({ signal }) =>
        right.run(
          async () => {
            await turn();
            await Promise.race([left.acquire({ signal }), sleep(20, { signal })]);
          },
          { signal },
        ),
      );
    });
    expect(found).toEqual([]);
  });

  // The last one: what no signal can reach is there until the file is over.
  test("names them also where no signal was passed on", async () => {
    const [left, right] = [new Mutex(), new Mutex()];
    void taskGroup((group) => {
      group.spawn(() => lockBoth(left, right), { name: "there" });
      group.spawn(() => lockBoth(right, left), { name: "back" });
    });
    for (let turns = 0; turns < 5; turns++) await turn();
    const found = dump();
    expect(told(found)).toEqual([cycle]);
    expect(formatDump(found).split("\n").at(-1)).toMatch(/^warning \(lock-cycle\): these wait for each other/u);
  });
});
