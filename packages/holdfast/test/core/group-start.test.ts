import { type ReadyContext, type TaskGroup, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("listen");

/** The group's outcome: its value, or its errors. */
async function outcomeOf(body: (group: TaskGroup) => unknown, signal?: AbortSignal): Promise<unknown> {
  try {
    return { value: await taskGroup(body, { signal }) };
  } catch (error) {
    return { errors: (error as { errors?: unknown }).errors ?? error };
  }
}

describe("a task that is started", () => {
  test("START-1: resolves with what ready was given, while the task goes on", async () => {
    const gate = new Gate();
    const log: string[] = [];
    await taskGroup(async (group) => {
      const port = await group.start<number>(async ({ ready }) => {
        ready(8080);
        await gate.promise;
        log.push("stopped");
      });
      log.push(`port ${port}, size ${group.size}`);
      gate.open();
    });
    expect(log).toEqual(["port 8080, size 1", "stopped"]);
  });

  test("START-1: keeps its group open while it starts, whoever waits", async () => {
    const gate = new Gate();
    let ready: unknown;
    const whole = taskGroup((group) => {
      void group
        .start<string>(async (context) => {
          await gate.promise;
          context.ready("up");
        })
        .then((value) => (ready = value));
    });
    await turn();
    gate.open();
    await whole;
    expect(ready).toBe("up");
  });

  test("gets the context of a task, and its members need no this", async () => {
    await taskGroup(async (group) => {
      const seen = await group.start<unknown>(
        ({ ready, group: own, name, signal }: ReadyContext<unknown>) => ready([own === group, name, signal.aborted]),
        { name: "server" },
      );
      expect(seen).toEqual([true, "server", false]);
    });
  });

  for (const options of [undefined, { signal: new AbortController().signal }, { timeout: 1000 }])
    test(`has its function's name, with ${options === undefined ? "no options" : Object.keys(options).join()}`, async () => {
      await taskGroup(async (group) => {
        const name = await group.start<string>(function listen(context) {
          context.ready(context.name);
        }, options);
        expect(name).toBe("listen");
      });
    });

  test("START-1: that fails before it is ready rejects the start with that error, itself, and fails nothing else", async () => {
    const outcome = await outcomeOf(async (group) => {
      const error = await errorOf(group.start(() => Promise.reject(failure)));
      await turn();
      return [error === failure, group.cancelled];
    });
    expect(outcome).toEqual({ value: [true, false] });
  });

  test("that throws synchronously before it is ready rejects the start", async () => {
    const outcome = await outcomeOf(async (group) => {
      const start = group.start(() => {
        throw failure;
      });
      return (await errorOf(start)) === failure;
    });
    expect(outcome).toEqual({ value: true });
  });

  test("that fails before it is ready, in a start that the body passes on, is listed once", async () => {
    const outcome = await outcomeOf(async (group) => {
      await group.start(() => Promise.reject(failure));
    });
    expect(outcome).toEqual({ errors: [failure] });
  });

  test("that fails after it was ready fails the group, as any task", async () => {
    const outcome = await outcomeOf(async (group) => {
      await group.start(async ({ ready }) => {
        ready();
        await turn();
        throw failure;
      });
      await waitUntilAborted(group.signal);
    });
    expect(outcome).toEqual({ errors: [failure] });
  });

  test("that ends without having called ready rejects with ERR_NOT_READY, and fails nothing else", async () => {
    const outcome = await outcomeOf(async (group) => await errorOf(group.start(() => "done", { name: "server" })));
    expect(outcome).toMatchObject({
      value: {
        name: "NotReadyError",
        code: "ERR_NOT_READY",
        task: "server",
        message: 'task "server" ended without having called ready(); call it when others may rely on the task',
      },
    });
  });

  test("START-1: a second ready throws in the task", async () => {
    const outcome = await outcomeOf(async (group) => {
      const value = await group.start<number>(
        ({ ready }) => {
          ready(1);
          ready(2);
        },
        { name: "server" },
      );
      expect(value).toBe(1);
    });
    expect(outcome).toMatchObject({
      errors: [{ message: expect.stringMatching(/^ready\(\) of task "server" was called twice/u) }],
    });
  });

  test("with a timeout that is not ready in time rejects with the TimeoutError, and fails nothing else", async () => {
    const outcome = await clock.run(() =>
      outcomeOf(
        async (group) =>
          await errorOf(group.start(({ sleep: pause }) => pause(Infinity), { name: "server", timeout: 30 })),
      ),
    );
    expect(outcome).toMatchObject({ value: { name: "TimeoutError", layer: "task", timeout: 30 } });
  });

  test("with a timeout that runs out after it was ready fails the group", async () => {
    const outcome = await clock.run(() =>
      outcomeOf(async (group) => {
        await group.start(
          async ({ ready, sleep: pause }) => {
            ready();
            await pause(Infinity);
          },
          { timeout: 30 },
        );
      }),
    );
    expect(outcome).toMatchObject({ errors: [{ name: "TimeoutError", layer: "task", timeout: 30 }] });
  });

  test("R2: with onTaskError, before it is ready the failure is the start's, afterwards it goes there", async () => {
    const reported: unknown[] = [];
    const late = new Error("late");
    await taskGroup(
      async (group) => {
        expect(await errorOf(group.start(() => Promise.reject(failure)))).toBe(failure);
        await group.start(async ({ ready }) => {
          ready();
          await turn();
          throw late;
        });
      },
      { onTaskError: (error) => void reported.push(error) },
    );
    expect(reported).toEqual([late]);
  });

  test("GROUP-4: waits for a place of concurrency like any task", async () => {
    const gate = new Gate();
    const log: string[] = [];
    await taskGroup(
      async (group) => {
        group.spawn(async () => {
          await gate.promise;
          log.push("first ended");
        });
        const started = group.start(({ ready }) => {
          log.push("server called");
          ready();
        });
        await turn();
        gate.open();
        await started;
      },
      { concurrency: 1 },
    );
    expect(log).toEqual(["first ended", "server called"]);
  });

  test("immediate calls it before start returns", async () => {
    await taskGroup(async (group) => {
      let called = false;
      const started = group.start(
        ({ ready }) => {
          called = true;
          ready();
        },
        { immediate: true },
      );
      expect(called).toBe(true);
      await started;
    });
  });
});
