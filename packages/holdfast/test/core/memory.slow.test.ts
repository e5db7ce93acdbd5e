/** What is kept and what is let go of, by the garbage collector's own account. Runs under --expose-gc, in real time. */
import { setImmediate as immediate, setTimeout as delay } from "node:timers/promises";
import { abortable, ErrorGroup, settle, sleep, taskGroup, timeout, type Task } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { aborted, errorOf } from "./outcome.ts";

const limit = 120_000;

async function collect(): Promise<void> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("this test needs node --expose-gc");
  for (let round = 0; round < 4; round++) {
    await immediate();
    gc();
  }
}

async function heap(): Promise<number> {
  await collect();
  return process.memoryUsage().heapUsed;
}

/** How much the heap has grown, in bytes an operation, over `count` of them after a warm-up. */
async function growth(count: number, operate: (count: number) => Promise<void>): Promise<number> {
  await operate(Math.ceil(count / 10));
  const before = await heap();
  await operate(count);
  return ((await heap()) - before) / count;
}

/** One object kept by each would be more. */
const FLAT = 16;

describe("R16: a hundred thousand operations on one signal that lives on leave nothing in the heap", () => {
  const { signal } = new AbortController();
  const operations: Readonly<Record<string, () => Promise<unknown>>> = {
    sleep: () => sleep(0, { signal }),
    "sleep, cancelled": () => {
      const own = new AbortController();
      const sleeping = errorOf(sleep(1000, { signal: own.signal }));
      own.abort(signal);
      return sleeping;
    },
    timeout: () => timeout(60_000, (context) => Promise.resolve(context.signal.aborted), { signal }),
    abortable: () => abortable(Promise.resolve(1), { signal }),
    settle: () => settle([() => 1, () => Promise.reject(new Error("x"))], { signal }),
    taskGroup: () =>
      taskGroup((group) => group.spawn((context) => context.signal.aborted).join({ signal: group.signal }), { signal }),
    "taskGroup, cancelled": () =>
      taskGroup(
        (group) => {
          group.spawn(({ sleep: pause }) => pause(1000));
          group.cancel();
        },
        { signal },
      ),
  };
  for (const [name, operate] of Object.entries(operations))
    test(
      name,
      async () => {
        const bytes = await growth(100_000, async (count) => {
          for (let done = 0; done < count; done += 500) await Promise.all(Array.from({ length: 500 }, operate));
        });
        expect(bytes).toBeLessThan(FLAT);
      },
      limit,
    );

  test(
    "abortable, on one promise that never settles, given up by a signal of its own each time",
    async () => {
      // What can't be let go of is the reaction on the foreign promise itself; everything else must be.
      const bytes = await growth(20_000, async (count) => {
        const forever = Array.from({ length: count / 100 }, () => new Promise<never>(() => {}));
        for (const promise of forever) {
          const own = new AbortController();
          const waits = Array.from({ length: 100 }, () => errorOf(abortable(promise, { signal: own.signal })));
          own.abort();
          await Promise.all(waits);
        }
      });
      expect(bytes).toBeLessThan(FLAT);
    },
    limit,
  );
});

describe("GROUP-3: of a task that has settled the group keeps nothing", () => {
  test(
    "GROUP-3: a million tasks through one group take no more memory than ten thousand",
    async () => {
      const bytes = await taskGroup((group) =>
        growth(1_000_000, async (count) => {
          for (let done = 0; done < count; done += 1000) {
            for (let index = 0; index < 1000; index++) group.spawn(async () => ({ result: index }));
            await immediate();
          }
        }),
      );
      expect(bytes).toBeLessThan(1);
    },
    limit,
  );

  test("GROUP-3: its closure is collected while its handle and its group are still there", async () => {
    let closure: WeakRef<object> | undefined;
    const spawn = (group: Parameters<Parameters<typeof taskGroup>[0]>[0]): Task<string> => {
      const big = { payload: "x" };
      closure = new WeakRef(big);
      return group.spawn(async () => big.payload);
    };
    await taskGroup(async (group) => {
      const task = spawn(group);
      await task.join();
      await collect();
      expect(closure?.deref()).toBeUndefined();
      expect(task.outcome()).toEqual({ ok: true, value: "x" });
    });
  });

  test("R10: its errors are collected when the caller has dropped them, even if the group object was leaked", async () => {
    let error: WeakRef<object> | undefined;
    let leaked: unknown;
    const fail = async (): Promise<void> => {
      const thrown = await errorOf(
        taskGroup((group) => {
          leaked = group;
          // The first is the cause of the signal's reason, and stays with the signal.
          group.spawn(() => Promise.reject(new Error("first")));
          group.spawn(() => Promise.reject(new Error("second")));
        }),
      );
      if (thrown instanceof ErrorGroup) error = new WeakRef(thrown.errors[1] as object);
    };
    await fail();
    await collect();
    expect(leaked).toBeDefined();
    expect(error).toBeDefined();
    expect(error?.deref()).toBeUndefined();
  });

  test("R10: a result that nobody keeps is collected while the group goes on", async () => {
    await taskGroup(async (group) => {
      let value: WeakRef<object> | undefined;
      group.spawn(async () => {
        const result = { payload: "x" };
        value = new WeakRef(result);
        return result;
      });
      await immediate();
      await collect();
      expect(value).toBeDefined();
      expect(value?.deref()).toBeUndefined();
    });
  });
});

describe("what waits is held, though nobody else does", () => {
  test("a group, its tasks and their sleeps survive collections and go on", async () => {
    const log: string[] = [];
    void taskGroup(async (group) => {
      group.spawn(async ({ sleep: pause }) => {
        await pause(100);
        log.push("task");
      });
    }).then(() => log.push("group"));
    await collect();
    await delay(200);
    expect(log).toEqual(["task", "group"]);
  });

  test("a timeout fires, though only its work's signal listener is left", async () => {
    const log: unknown[] = [];
    timeout(50, ({ signal }) => aborted(signal).then(() => Promise.reject(signal.reason as Error))).catch(
      (error: unknown) => log.push((error as Error).name),
    );
    await collect();
    await delay(200);
    expect(log).toEqual(["TimeoutError"]);
  });

  test("an outer abort arrives, though only the caller's controller is left", async () => {
    const log: unknown[] = [];
    const controller = new AbortController();
    taskGroup((group) => sleep(60_000, { signal: group.signal }), { signal: controller.signal }).catch(
      (error: unknown) => log.push(error),
    );
    await collect();
    controller.abort("stop");
    await collect();
    expect(log).toMatchObject([{ cause: "stop" }]);
  });
});

test("R10: the result of a task that was joined before it started is let go of with its group", async () => {
  const result = await (async () => {
    const value = { name: "result" };
    const held = new WeakRef(value);
    await taskGroup(async (group) => void (await group.spawn(() => Promise.resolve(value)).join()));
    return held;
  })();
  await collect();
  expect(result.deref()).toBe(undefined);
});
