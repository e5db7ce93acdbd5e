import { type CancelledError, onLateError, sleep, type Task, taskGroup } from "holdfast";
import { kidsOf, type Link } from "holdfast/lowlevel";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

/** What `onLateError` was told; each test looks at all of it. */
let late: unknown[] = [];
let listening: Disposable | undefined;
beforeEach(() => {
  late = [];
  listening = onLateError((error, { task }) => void late.push([error, task]));
});
afterEach(() => listening?.[Symbol.dispose]());

const failure = new Error("task");
const second = new Error("second");
const bodyError = new Error("body");

describe("onTaskError", () => {
  test("R2: gets each task's failure, once, with the task, and the group goes on", async () => {
    const reported: unknown[] = [];
    const value = await taskGroup(
      async (group) => {
        const bad = group.spawn(() => Promise.reject(failure), { name: "bad" });
        const worse = group.spawn(() => Promise.reject(second), { name: "worse" });
        await bad.settled();
        await worse.settled();
        return group.cancelled;
      },
      { onTaskError: (error, task) => void reported.push([error, task.name, task.state]) },
    );
    expect([value, reported]).toEqual([
      false,
      [
        [failure, "bad", "failed"],
        [second, "worse", "failed"],
      ],
    ]);
  });

  test("R2: if the body rethrows the failure, it fails the group after all", async () => {
    const reported: unknown[] = [];
    const error = await errorOf(
      taskGroup(
        async (group) => {
          await group.spawn(() => Promise.reject(failure)).join();
        },
        { onTaskError: (reason) => void reported.push(reason) },
      ),
    );
    expect([reported, error]).toMatchObject([[failure], { name: "ErrorGroup", errors: [failure] }]);
  });

  test("R2: the body's own error and a cleanup's do not go there", async () => {
    const reported: unknown[] = [];
    const error = await errorOf(
      taskGroup(
        (group) => {
          group.defer(() => Promise.reject(second));
          throw bodyError;
        },
        { onTaskError: (reason) => void reported.push(reason) },
      ),
    );
    expect([reported, error]).toMatchObject([[], { errors: [bodyError, second] }]);
  });

  test("R2: cancellations are no failures, and do not go there", async () => {
    const reported: unknown[] = [];
    await taskGroup(
      async (group) => {
        const alone = group.spawn(({ signal }) => waitUntilAborted(signal));
        group.spawn(({ signal }) => waitUntilAborted(signal));
        await turn();
        alone.cancel();
        group.cancel();
      },
      { onTaskError: (error) => void reported.push(error) },
    );
    expect(reported).toEqual([]);
  });

  test("R2: a task's timeout goes there", async () => {
    const reported: unknown[] = [];
    await clock.run(() =>
      taskGroup((group) => void group.spawn(({ sleep: pause }) => pause(Infinity), { timeout: 10 }), {
        onTaskError: (error) => void reported.push(error),
      }),
    );
    expect(reported).toMatchObject([{ name: "TimeoutError", layer: "task", timeout: 10 }]);
  });

  test("R17: what it throws is reported once, and skips nobody", async () => {
    const thrown = new Error("hook");
    const value = await taskGroup(
      async (group) => {
        await group.spawn(() => Promise.reject(failure)).settled();
        return await group.spawn(() => "next").join();
      },
      {
        name: "server",
        onTaskError: () => {
          throw thrown;
        },
      },
    );
    expect([value, late]).toEqual(["next", [[thrown, "server: onTaskError"]]]);
  });

  test("R17: what it rejects with, if it is async, is reported once and crashes nothing", async () => {
    const thrown = new Error("hook");
    // Async functions are assignable to a type that returns nothing.
    const onTaskError: () => unknown = async () => {
      await turn();
      throw thrown;
    };
    await taskGroup((group) => void group.spawn(() => Promise.reject(failure)), { name: "server", onTaskError });
    await turn();
    await turn();
    expect(late).toEqual([[thrown, "server: onTaskError"]]);
  });

  test("R2: may cancel its group", async () => {
    const error = await errorOf(
      taskGroup(
        async (group) => {
          group.spawn(() => Promise.reject(failure));
          await waitUntilAborted(group.signal);
        },
        {
          onTaskError: (reason, task) =>
            (task as Task<unknown> & { group: { cancel(why: unknown): void } }).group.cancel(reason),
        },
      ),
    );
    expect(error).toMatchObject({ name: "AbortError", kind: "cancel", cause: failure });
  });

  test("R23: anything but a function is a TypeError, as a rejection", async () => {
    // Holds: what a caller without types may pass.
    const error = await errorOf(taskGroup(() => {}, { onTaskError: 5 as unknown as () => void }));
    expect(error).toEqual(new TypeError("taskGroup: onTaskError takes a function, got 5 (number)"));
  });
});

describe("stopOnError: false", () => {
  test("R2: all run, and are not cancelled; then all that failed is thrown, in the order of failure", async () => {
    const seen: boolean[] = [];
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawn(() => sleep(20).then(() => Promise.reject(second)));
            group.spawn(() => sleep(10).then(() => Promise.reject(failure)));
            group.spawn(async (context) => {
              await context.sleep(30);
              seen.push(context.cancelled);
            });
          },
          { stopOnError: false },
        ),
      ),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure, second] });
    expect([seen, clock.now()]).toEqual([[false], 30]);
  });

  test("R2: a failed body leaves its tasks running, too", async () => {
    let ended = false;
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawn(async (context) => {
              await context.sleep(10);
              ended = true;
            });
            throw bodyError;
          },
          { stopOnError: false },
        ),
      ),
    );
    expect([ended, error]).toMatchObject([true, { errors: [bodyError] }]);
  });

  test("R2: true is the default, said or not", async () => {
    for (const stopOnError of [undefined, true]) {
      let reason: unknown;
      await errorOf(
        taskGroup(
          (group) => {
            group.spawn(() => Promise.reject(failure));
            group.spawn(({ signal }) => waitUntilAborted(signal, (why) => (reason = why)));
          },
          { stopOnError },
        ),
      );
      expect(reason).toMatchObject({ kind: "sibling", cause: failure });
    }
  });
});

describe("what a group holds", () => {
  test("GROUP-3: nothing of tasks that have settled, whatever became of them", async () => {
    const counts: number[] = [];
    await taskGroup(
      async (group) => {
        // Holds: what a body is given is the group, a link of the tree.
        const kids = (): number => kidsOf(group as unknown as Link).length;
        const gate = new Gate();
        const tasks = [
          group.spawn(() => "value"),
          group.spawn(() => Promise.reject(failure)),
          group.spawn(({ signal }) => waitUntilAborted(signal)),
        ];
        group.spawn(() => gate.promise);
        counts.push(kids());
        await turn();
        tasks[2]?.cancel();
        await Promise.all(tasks.map((task) => task.settled()));
        counts.push(kids());
        gate.open();
        await turn();
        counts.push(kids(), group.size);
      },
      { onTaskError: () => {} },
    );
    expect(counts).toEqual([4, 1, 0, 0]);
  });
});

describe("a promise that join gives", () => {
  test("TASK-3: rejects without being unhandled, in whatever order it is looked at", async () => {
    const error = await errorOf(
      taskGroup(async (group) => {
        const task = group.spawn(() => Promise.reject(failure));
        const before = task.join();
        await turn();
        const [first, again] = [task.join(), task.join()];
        await turn();
        for (const promise of [again, before, first]) expect(await errorOf(promise)).toBe(failure);
      }),
    );
    expect(error).toMatchObject({ errors: [failure] });
  });

  test("TASK-3: that nobody looks at is no unhandled rejection, of a task that was cancelled either", async () => {
    let reason: CancelledError | undefined;
    const error = await errorOf(
      taskGroup(async (group) => {
        const failing = group.spawn(() => Promise.reject(failure));
        const cut = group.spawn(({ signal }) => waitUntilAborted(signal, (why) => (reason = why as CancelledError)));
        void failing.join();
        void cut.join();
        void cut.join({ signal: group.signal });
        await turn();
        await turn();
        void cut.join();
      }),
    );
    await turn();
    expect(error).toMatchObject({ errors: [failure] });
    expect(reason?.kind).toBe("sibling");
  });
});
