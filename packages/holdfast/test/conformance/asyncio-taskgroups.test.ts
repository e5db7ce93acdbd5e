/**
 * CPython's Lib/test/test_asyncio/test_taskgroups.py, by name: what asyncio promises of a TaskGroup and this library does too. Where Python cancels a
 * task by throwing into it, here its signal aborts; what waits does so under that signal.
 */
import { ErrorGroup, GroupClosedError, sleep, taskGroup, type Task, type TaskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";

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

describe("children", () => {
  test("asyncio test_taskgroup_01: all end before the group does, and their results are readable afterwards", async () => {
    const [t1, t2] = await clock.run(() =>
      taskGroup((group) => [
        group.spawn(() => sleep(100).then(() => 42)),
        group.spawn(() => sleep(200).then(() => 11)),
      ]),
    );
    expect([t1?.outcome(), t2?.outcome()]).toEqual([
      { ok: true, value: 42 },
      { ok: true, value: 11 },
    ]);
  });

  test("asyncio test_taskgroup_02: may be spawned after an await in the body", async () => {
    const tasks = await clock.run(() =>
      taskGroup(async (group) => {
        const t1 = group.spawn(() => sleep(100).then(() => 42));
        await sleep(200);
        return [t1, group.spawn(() => sleep(200).then(() => 11))];
      }),
    );
    expect(tasks.map((task) => task.outcome())).toMatchObject([{ value: 42 }, { value: 11 }]);
  });

  test("asyncio test_taskgroup_03: one that is cancelled fails neither the group nor its siblings", async () => {
    const [t1, t2] = await clock.run(() =>
      taskGroup(async (group): Promise<Task<unknown>[]> => {
        const first = group.spawn(({ sleep: pause }) => pause(10_000));
        const second = group.spawn(() => sleep(100).then(() => 11));
        await sleep(50);
        first.cancel();
        return [first, second];
      }),
    );
    expect([t1?.state, t2?.outcome()]).toEqual(["cancelled", { ok: true, value: 11 }]);
  });

  test("asyncio test_taskgroup_04: one that fails cancels its sibling, and the group throws that error alone", async () => {
    const log: string[] = [];
    let sibling: Task<unknown> | undefined;
    const errors = await outcome(async () => {
      await taskGroup(async (group) => {
        group.spawn(crash);
        sibling = group.spawn(({ sleep: pause }) => pause(100_000));
      });
      log.push("after the group");
    });
    expect([errors, sibling?.state, log]).toEqual([["ZeroDivisionError"], "cancelled", []]);
  });

  test("asyncio test_cancel_children_on_child_error: the first of three failures cancels the body and the sibling", async () => {
    const log: string[] = [];
    const waits = async (name: string, signal: AbortSignal): Promise<void> => {
      await errorOf(sleep(100_000, { signal }));
      log.push(name);
      signal.throwIfAborted();
    };
    const errors = await outcome(() =>
      taskGroup(async (group) => {
        for (let count = 0; count < 3; count++) group.spawn(crash);
        group.spawn(({ signal }) => waits("sibling", signal));
        await waits("body", group.signal);
      }),
    );
    // All three fail in the same turn of the clock.
    expect([errors, log.toSorted()]).toEqual([
      ["ZeroDivisionError", "ZeroDivisionError", "ZeroDivisionError"],
      ["body", "sibling"],
    ]);
  });

  test("asyncio test_taskgroup_23: are dropped from the group when they end, while it is open", async () => {
    const sizes: number[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        for (let count = 0; count < 3; count++) group.spawn(() => sleep(10));
        sizes.push(group.size);
        await sleep(20);
        sizes.push(group.size);
      }),
    );
    expect(sizes).toEqual([3, 0]);
  });

  test("asyncio test_taskgroup_24: may spawn while the body waits for the end", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup((group) => {
        group.spawn(async () => {
          await sleep(100);
          group.spawn(async () => {
            await sleep(100);
            log.push("grandchild");
          });
        });
      }),
    );
    expect(log).toEqual(["grandchild"]);
  });

  test("asyncio test_taskgroup_25: a hydra of children that spawn children ends after a failure", async () => {
    let nMultipliers = 0;
    const errors = await outcome(() =>
      taskGroup((group) => {
        const multiplier = async (signal: AbortSignal): Promise<void> => {
          nMultipliers++;
          await sleep(1, { signal });
          group.spawn((context) => multiplier(context.signal));
          group.spawn((context) => multiplier(context.signal));
        };
        group.spawn(async () => {
          await sleep(5.5);
          throw new ZeroDivisionError("1/0");
        });
        group.spawn(({ signal }) => multiplier(signal));
      }),
    );
    expect(errors).toEqual(["ZeroDivisionError"]);
    expect(nMultipliers).toBeGreaterThan(10);
  });

  test("asyncio test_taskgroup_task_name: have the name that they were given", async () => {
    expect(await taskGroup((group) => group.spawn(() => {}, { name: "yolo" }).name)).toBe("yolo");
  });

  test("asyncio test_taskgroup_no_create_task_after_failure: one that is spawned after a failure runs, cancelled", async () => {
    const log: unknown[] = [];
    const errors = await outcome(() =>
      taskGroup(async (group) => {
        group.spawn(crash);
        await errorOf(sleep(100_000, { signal: group.signal }));
        group.spawn(({ cancelled, sleep: pause }) => {
          log.push(cancelled);
          return pause(100_000);
        });
      }),
    );
    expect([errors, log]).toEqual([["ZeroDivisionError"], [true]]);
  });

  test("asyncio test_cancels_task_if_created_during_creation: one that spawns a failing child is cancelled itself", async () => {
    const log: string[] = [];
    const errors = await outcome(() =>
      taskGroup((group) => {
        group.spawn(async ({ sleep: pause }) => {
          group.spawn(() => {
            throw new MyError("child");
          });
          await errorOf(pause(100_000));
          log.push("cancelled");
        });
      }),
    );
    expect([errors, log]).toEqual([["MyError"], ["cancelled"]]);
  });
});

describe("failures", () => {
  test("asyncio test_taskgroup_09: of the body after an await cancel the children", async () => {
    const tasks: Task<unknown>[] = [];
    const errors = await outcome(() =>
      taskGroup(async (group) => {
        for (let count = 0; count < 2; count++) tasks.push(group.spawn(({ sleep: pause }) => pause(100_000)));
        await sleep(100);
        throw new ZeroDivisionError("1/0");
      }),
    );
    expect([errors, tasks.map(({ state }) => state)]).toEqual([["ZeroDivisionError"], ["cancelled", "cancelled"]]);
  });

  test("asyncio test_taskgroup_10: of the body right after spawning, too", async () => {
    const tasks: Task<unknown>[] = [];
    const errors = await outcome(() =>
      taskGroup((group) => {
        for (let count = 0; count < 2; count++) tasks.push(group.spawn(({ sleep: pause }) => pause(100_000)));
        throw new ZeroDivisionError("1/0");
      }),
    );
    expect([errors, tasks.map(({ state }) => state)]).toEqual([["ZeroDivisionError"], ["cancelled", "cancelled"]]);
  });

  test("asyncio test_taskgroup_13: of an outer child are all that is thrown when the inner group only echoes", async () => {
    const errors = await outcome(() =>
      taskGroup(async (outer) => {
        outer.spawn(crash);
        await taskGroup((inner) => void inner.spawn(({ sleep: pause }) => pause(100_000)), { signal: outer.signal });
      }),
    );
    expect(errors).toEqual(["ZeroDivisionError"]);
  });

  test("asyncio test_taskgroup_14: of an inner child are a group inside the outer group", async () => {
    const errors = await outcome(() =>
      taskGroup(async ({ signal }) => {
        await taskGroup((inner) => void inner.spawn(crash), { signal });
      }),
    );
    expect(errors).toEqual([["ZeroDivisionError"]]);
  });

  for (const [name, first, second] of [
    ["test_taskgroup_19", ZeroDivisionError, MyError],
    ["test_taskgroup_20", MyError, ZeroDivisionError],
    ["test_taskgroup_20a", ZeroDivisionError, RangeError],
    ["test_taskgroup_21a", RangeError, ZeroDivisionError],
  ] as const)
    test(`asyncio ${name}: of a child and of the body's cleanup after it are both thrown`, async () => {
      const errors = await outcome(() =>
        taskGroup(async (group) => {
          group.spawn(async () => {
            await sleep(100);
            throw new first("child");
          });
          try {
            await sleep(100_000, { signal: group.signal });
          } finally {
            // Python's own test raises here too; it is what the promise of both errors is about.
            // oxlint-disable-next-line no-unsafe-finally
            throw new second("body");
          }
        }),
      );
      expect(errors).toEqual([first.name, second.name]);
    });

  test("asyncio test_taskgroup_context_manager_exit_raises: of a child and of a disposer of one class are two errors", async () => {
    const errors = await outcome(() =>
      taskGroup(async (group) => {
        await using resource = {
          [Symbol.asyncDispose]: async () => {
            throw new MyError("exit");
          },
        };
        group.spawn(() => {
          throw new MyError("child");
        });
        await turn();
        void resource;
      }),
    );
    expect(errors).toEqual(["MyError", "MyError"]);
  });

  test("asyncio test_cancelling_level_preserved: once caught leave the caller's signal alone", async () => {
    const outer = new AbortController();
    await clock.run(async () => {
      await errorOf(taskGroup((group) => void group.spawn(crash), { signal: outer.signal }));
      await sleep(10, { signal: outer.signal });
    });
    expect([outer.signal.aborted, clock.now()]).toEqual([false, 110]);
  });

  test("asyncio test_cancellation_does_not_leak_out_of_tg: once caught let the next wait proceed", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async ({ signal }) => {
        await errorOf(taskGroup((inner) => void inner.spawn(crash), { signal }));
        await sleep(10, { signal });
        log.push("went on");
      }),
    );
    expect(log).toEqual(["went on"]);
  });

  test("asyncio test_nested_groups_both_cancelled: in the same tick, inner and outer, are thrown each at its level", async () => {
    const inner: unknown[] = [];
    const errors = await outcome(() =>
      taskGroup(async (outerGroup) => {
        const innerResult = errorOf(
          taskGroup(
            (innerGroup) => {
              innerGroup.spawn(() => {
                throw new MyError("inner");
              });
            },
            { signal: outerGroup.signal },
          ),
        );
        outerGroup.spawn(() => {
          throw new ZeroDivisionError("outer");
        });
        inner.push(shape(await innerResult));
        // Handling the inner failure does not undo the outer one.
        await sleep(10, { signal: outerGroup.signal });
      }),
    );
    expect([errors, inner]).toEqual([["ZeroDivisionError"], [["MyError"]]]);
  });
});

describe("a group that is over", () => {
  test("asyncio test_taskgroup_finished, test_coro_closed_when_tg_closed: refuses to spawn, and never calls the function", async () => {
    let leaked: TaskGroup | undefined;
    let called = false;
    await taskGroup((group) => void (leaked = group));
    expect(() => leaked?.spawn(() => void (called = true))).toThrow(GroupClosedError);
    await turn();
    expect(called).toBe(false);
  });
});
