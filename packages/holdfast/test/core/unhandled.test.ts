/** What crashes a process and what does not, by Node's own event. */
import process from "node:process";
import { abortable, sleep, taskGroup, timeout, type Task } from "holdfast";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "./outcome.ts";

const clock = useFakeClock();
const failure = new Error("failure");

let unhandled: unknown[] = [];
const listener = (error: unknown): void => void unhandled.push(error);
beforeEach(() => {
  unhandled = [];
  process.on("unhandledRejection", listener);
});
afterEach(async () => {
  await turn();
  await turn();
  process.off("unhandledRejection", listener);
});

/** Runs `body` in a group that fails, and gives what crashed meanwhile. */
async function crashes(
  body: (fail: () => void, task: () => Task<void>, other: () => Task<void>) => unknown,
): Promise<unknown[]> {
  await errorOf(
    taskGroup(async (group) => {
      const [gate, otherGate] = [new Gate(), new Gate()];
      const spawned = group.spawn(() => gate.promise);
      const other = group.spawn(() => otherGate.promise);
      const failed = (): void => {
        gate.fail(failure);
        void turn().then(() => otherGate.fail(new Error("other")));
      };
      try {
        await body(
          failed,
          () => spawned,
          () => other,
        );
      } finally {
        failed();
      }
    }),
  );
  await turn();
  await turn();
  return unhandled;
}

describe("TASK-3: joining a task that fails never crashes the process", () => {
  test("when nobody awaits the promise", async () => {
    expect(
      await crashes(async (fail, task) => {
        void task().join();
        await turn();
        void task().join();
        void task().join();
        fail();
        await turn();
        void task().join();
        await turn();
      }),
    ).toEqual([]);
  });

  test("when the second of two is awaited first, and the first fails meanwhile", async () => {
    expect(
      await crashes(async (fail, task, other) => {
        await turn();
        const [p, q] = [other().join(), task().join()];
        fail();
        await p;
        await q;
      }),
    ).toEqual([]);
  });

  test("before the start", async () => {
    expect(
      await crashes(async (fail, task, other) => {
        const [p, q] = [other().join(), task().join()];
        void task().join();
        fail();
        await p;
        await q;
      }),
    ).toEqual([]);
  });

  test("when it is awaited after the failure", async () => {
    expect(
      await crashes(async (fail, task) => {
        const joining = task().join();
        fail();
        await turn();
        await turn();
        await joining;
      }),
    ).toEqual([]);
  });

  test("when the waiting was given up", async () => {
    const controller = new AbortController();
    expect(
      await crashes(async (fail, task) => {
        void task().join({ signal: controller.signal });
        controller.abort();
        await turn();
        void task().join({ signal: controller.signal });
        fail();
        await turn();
      }),
    ).toEqual([]);
  });
});

describe("a cancellation that nobody waits for", () => {
  test("WAIT-3: of a sleep or an abortable does not crash the process, whenever it began", async () => {
    await errorOf(
      taskGroup(async (group) => {
        group.spawn(async (context) => {
          const pause = context.sleep(1000);
          await turn();
          group.cancel();
          await turn();
          if (group.cancelled) throw failure;
          await pause;
        });
        void sleep(1000, { signal: group.signal });
        void abortable(new Promise(() => {}), { signal: group.signal });
        await turn();
        await turn();
        void sleep(1000, { signal: group.signal });
        void abortable(new Promise(() => {}), { signal: group.signal });
        expect(group.cancelled).toBe(true);
      }),
    );
    await turn();
    await turn();
    expect(unhandled).toEqual([]);
  });
});

describe("what must not be lost", () => {
  test("R21: a group that fails and that nobody awaits is an unhandled rejection, of the ErrorGroup", async () => {
    // vitest listens too and would fail the run: the event is taken before it gets there.
    const others = process.listeners("unhandledRejection").filter((one) => one !== listener);
    for (const other of others) process.off("unhandledRejection", other);
    try {
      void taskGroup(() => {
        throw failure;
      });
      await turn();
      await turn();
    } finally {
      for (const other of others) process.on("unhandledRejection", other);
    }
    expect(unhandled).toMatchObject([{ code: "ERR_ERROR_GROUP", errors: [failure] }]);
  });

  test("R21: work that was abandoned and fails later crashes nothing", async () => {
    await clock.run(() => errorOf(timeout(10, () => sleep(50).then(() => Promise.reject(failure)), { grace: 0 })));
    const written: unknown[] = [];
    const consoleError: unknown = Reflect.get(console, "error");
    Reflect.set(console, "error", (...values: unknown[]) => void written.push(values.at(-1)));
    try {
      await clock.advanceUntilIdle();
      await turn();
    } finally {
      Reflect.set(console, "error", consoleError);
    }
    expect({ unhandled, written }).toEqual({ unhandled: [], written: [failure] });
  });
});

test("R26: a join() that nobody awaits is no unhandled rejection, before and after the task has failed", async () => {
  const group = taskGroup(async (own) => {
    const task = own.spawn(() => {
      throw failure;
    });
    void task.join();
    await task.settled();
    void task.join();
  });
  expect(await errorOf(group)).toMatchObject({ errors: [failure] });
  await turn();
  await turn();
  expect(unhandled).toEqual([]);
});
