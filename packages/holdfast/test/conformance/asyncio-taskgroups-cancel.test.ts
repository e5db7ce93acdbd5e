/**
 * CPython's Lib/test/test_asyncio/test_taskgroups.py, by name: an abort from outside, and TaskGroup.cancel (new in Python 3.15). Where Python cancels a
 * task by throwing into it, here its signal aborts; what waits does so under that signal.
 */
import { ErrorGroup, sleep, taskGroup, timeout, type TaskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, waitUntilAborted } from "../core/outcome.ts";

const clock = useFakeClock();

class ZeroDivisionError extends Error {}
class MyError extends Error {}

const crash = async (): Promise<never> => {
  await sleep(100);
  throw new ZeroDivisionError("1/0");
};

/** The names of the errors of a group, nested ones as lists. */
function shape(error: unknown): unknown {
  if (error instanceof ErrorGroup) return error.errors.map(shape);
  return error instanceof Error ? error.constructor.name : error;
}

const outcome = async (promise: () => Promise<unknown>): Promise<unknown> =>
  shape(await clock.run(() => errorOf(promise())));

describe("an abort from outside", () => {
  /** Aborts after `ms` and gives what became of the group. */
  const abortedAfter = async (ms: number, body: (group: TaskGroup) => unknown): Promise<unknown> => {
    const outer = new AbortController();
    return await clock.run(async () => {
      void sleep(ms).then(() => outer.abort("outer"));
      const error = await errorOf(taskGroup(async (group) => void (await body(group)), { signal: outer.signal }));
      return error instanceof ErrorGroup ? shape(error) : (error as Error).cause;
    });
  };

  test("asyncio test_cancellation: while draining reaches every child once, and is what the group throws", async () => {
    let told = 0;
    const result = await abortedAfter(100, (group) => {
      for (let count = 0; count < 5; count++)
        group.spawn(({ signal }) => waitUntilAborted(signal, (reason) => (told++, reason)));
    });
    expect([result, told, clock.now()]).toEqual(["outer", 5, 100]);
  });

  test("asyncio test_taskgroup_07: while the body waits reaches the body and every child once", async () => {
    const told: string[] = [];
    const waits = (name: string, signal: AbortSignal): Promise<never> =>
      waitUntilAborted(signal, (reason) => (told.push(name), reason));
    const result = await abortedAfter(100, async (group) => {
      for (const name of ["a", "b"]) group.spawn(({ signal }) => waits(name, signal));
      await waits("body", group.signal);
    });
    expect([result, told.toSorted()]).toEqual(["outer", ["a", "b", "body"]]);
  });

  test("asyncio test_taskgroup_08: after which children fail in their cleanup throws those failures", async () => {
    const result = await abortedAfter(100, async (group) => {
      for (let count = 0; count < 2; count++)
        group.spawn(({ signal }) => waitUntilAborted(signal, () => new ZeroDivisionError("1/0")));
      await waitUntilAborted(group.signal);
    });
    expect(result).toEqual(["ZeroDivisionError", "ZeroDivisionError"]);
  });

  test("asyncio test_taskgroup_11: leaves the shape of nested groups: the inner one's failures are one error of the outer", async () => {
    const result = await abortedAfter(100, async ({ signal }) => {
      await taskGroup(
        async (inner) => {
          for (let count = 0; count < 2; count++)
            inner.spawn((context) => waitUntilAborted(context.signal, () => new ZeroDivisionError("1/0")));
          await waitUntilAborted(inner.signal);
        },
        { signal },
      );
    });
    expect(result).toEqual([["ZeroDivisionError", "ZeroDivisionError"]]);
  });

  test("asyncio test_taskgroup_12: the same, with a sibling in the outer group, whose echo is not listed", async () => {
    const result = await abortedAfter(100, async (outer) => {
      outer.spawn(({ signal }) => waitUntilAborted(signal));
      await taskGroup(
        async (inner) => {
          inner.spawn((context) => waitUntilAborted(context.signal, () => new ZeroDivisionError("1/0")));
          await waitUntilAborted(inner.signal);
        },
        { signal: outer.signal },
      );
    });
    expect(result).toEqual([["ZeroDivisionError"]]);
  });

  test("asyncio test_taskgroup_15: then a child fails while the body cleans up slowly: the failure is thrown", async () => {
    const result = await abortedAfter(50, async (group) => {
      group.spawn(crash);
      try {
        await waitUntilAborted(group.signal);
      } finally {
        await sleep(200);
      }
    });
    expect(result).toEqual(["ZeroDivisionError"]);
  });

  test("asyncio test_taskgroup_16: the same through one more task", async () => {
    const result = await abortedAfter(50, async (group) => {
      const child = group.spawn(({ signal }) =>
        taskGroup(
          async (inner) => {
            inner.spawn(crash);
            try {
              await waitUntilAborted(inner.signal);
            } finally {
              await sleep(200);
            }
          },
          { signal },
        ),
      );
      await child.join();
    });
    expect(result).toEqual([["ZeroDivisionError"]]);
  });

  test("asyncio test_taskgroup_17: reaches the body of an empty group, which throws it", async () => {
    let reached = false;
    const result = await abortedAfter(100, (group) =>
      waitUntilAborted(group.signal, (reason) => ((reached = true), reason)),
    );
    expect([result, reached]).toEqual(["outer", true]);
  });

  test("asyncio test_taskgroup_18: that the body answers with an error of its own is thrown as that", async () => {
    const result = await abortedAfter(100, (group) => waitUntilAborted(group.signal, () => new MyError("own")));
    expect(result).toEqual(["MyError"]);
  });

  test("asyncio test_taskgroup_22: cuts two sleeping children short", async () => {
    const result = await abortedAfter(50, (group) => {
      group.spawn(({ sleep: pause }) => pause(100_000));
      group.spawn(({ sleep: pause }) => pause(200_000));
    });
    expect([result, clock.now()]).toEqual(["outer", 50]);
  });

  test("asyncio test_error_and_cancel: with a child's error at the same time throws the error, and what comes next sees the abort", async () => {
    const outer = new AbortController();
    const log: unknown[] = [];
    await clock.run(async () => {
      const error = await errorOf(
        taskGroup(
          (group) => {
            group.spawn(() => {
              outer.abort("outer");
              throw new MyError("child");
            });
          },
          { signal: outer.signal },
        ),
      );
      log.push(shape(error), await errorOf(sleep(1, { signal: outer.signal })));
    });
    expect(log).toMatchObject([["MyError"], { cause: "outer" }]);
  });
});

describe("TaskGroup.cancel", () => {
  test("asyncio py#108951, cancel() of two children: ends the children, and the group returns normally", async () => {
    const states = await clock.run(() =>
      taskGroup(async (group) => {
        const tasks = [1, 2].map(() => group.spawn(({ sleep: pause }) => pause(100_000)));
        await sleep(10);
        group.cancel();
        return tasks;
      }),
    );
    expect([states.map(({ state }) => state), clock.now()]).toEqual([["cancelled", "cancelled"], 10]);
  });

  test("asyncio py#108951, cancel() in the body: a body that was cut short rejects with the cancellation, not with a group", async () => {
    const error = await errorOf(
      taskGroup(async (group) => {
        group.cancel();
        await sleep(1, { signal: group.signal });
      }),
    );
    expect(error).toMatchObject({ name: "AbortError", kind: "cancel" });
  });

  test("asyncio py#108951, cancel() again and after the end: twice is once, and after the end it is nothing", async () => {
    let leaked: TaskGroup | undefined;
    await taskGroup((group) => {
      leaked = group;
      group.cancel();
      group.cancel();
    });
    leaked?.cancel();
    expect(leaked?.cancelled).toBe(true);
  });

  test("asyncio py#155433: a timeout that expires while a cancelled group drains is still a TimeoutError", async () => {
    const error = await clock.run(() =>
      errorOf(
        timeout(100, ({ signal }) =>
          taskGroup(
            async (group) => {
              group.spawn(async (context) => {
                await errorOf(sleep(200, { signal: context.signal }));
                await sleep(150);
                context.throwIfCancelled();
              });
              await turn();
              group.cancel();
            },
            { signal },
          ),
        ),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError" });
  });

  test("asyncio py#155418: a child that cancels its group before its first await does not hang it", async () => {
    await taskGroup((group) => void group.spawn(() => group.cancel()));
  });

  test("asyncio py#108951, cancel() and a failing cleanup: real failures are thrown all the same", async () => {
    const errors = await outcome(() =>
      taskGroup(async (group) => {
        group.spawn(({ signal }) => waitUntilAborted(signal, () => new MyError("cleanup")));
        await turn();
        group.cancel();
      }),
    );
    expect(errors).toEqual(["MyError"]);
  });
});
