import { map, sleep, taskGroup, tasksOf, taskStack } from "holdfast";
import { setTaskStackListener } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "./outcome.ts";

const clock = useFakeClock();

/** The tree of a failure two groups deep; the error that was thrown. */
async function nested(error: unknown): Promise<void> {
  await errorOf(
    taskGroup((outer) => {
      outer.spawn(
        ({ signal }) =>
          taskGroup(
            (inner) => {
              inner.spawn(() => Promise.reject(error), { name: "load-user" });
            },
            { signal },
          ),
        { name: "request" },
      );
    }),
  );
}

describe("the tasks of an error", () => {
  test("R24: are those that it has failed, the innermost first, with their spawn sites", async () => {
    const error = new Error("404");
    await nested(error);
    expect(tasksOf(error)).toMatchObject([{ task: "load-user" }, { task: "request" }]);
    for (const { spawnedAt } of tasksOf(error)) expect(spawnedAt ?? "task-stack.test").toContain("task-stack.test");
  });

  test("R24: are told to a listener before anybody else has the error, once for each object", async () => {
    const log: unknown[] = [];
    const before = setTaskStackListener((error) => log.push(error, tasksOf(error).length));
    try {
      const error = new Error("404");
      await taskGroup(
        async (group) => {
          const task = group.spawn(() => Promise.reject(error), { name: "load-user" });
          await task.join().catch(() => log.push("joined"));
          await errorOf(group.spawn(() => Promise.reject(error)).join());
          await errorOf(group.spawn(() => Promise.reject("primitive")).join());
        },
        { onTaskError: () => log.push("hook") },
      );
      expect(log).toEqual([error, 1, "hook", "joined", "hook", "hook"]);
    } finally {
      setTaskStackListener(before);
    }
  });

  test("R24: stay those of the first failure, wherever it is thrown again", async () => {
    const error = new Error("404");
    await nested(error);
    await errorOf(taskGroup((group) => void group.spawn(() => Promise.reject(error), { name: "again" })));
    expect(tasksOf(error).map(({ task }) => task)).toEqual(["load-user", "request"]);
  });

  test("R24: are none for an error that has failed no task, for primitives, and for a cancellation", async () => {
    let reason: unknown;
    await taskGroup((group) => {
      group.spawn(({ throwIfCancelled }) => throwIfCancelled());
      group.cancel();
      reason = group.signal.reason;
    });
    expect([tasksOf(new Error("none")), tasksOf("text"), tasksOf(null), tasksOf(reason)]).toEqual([[], [], [], []]);
  });

  test("R24: are at most 16: deeper is a recursion", async () => {
    const error = new Error("deep");
    const descend = async (depth: number, signal?: AbortSignal): Promise<void> => {
      if (depth === 0) throw error;
      await taskGroup(
        (group) => void group.spawn((context) => descend(depth - 1, context.signal), { name: `level ${depth}` }),
        { signal },
      );
    };
    await errorOf(descend(20));
    expect(tasksOf(error).map(({ task }) => task)).toEqual(
      Array.from({ length: 16 }, (_, index) => `level ${index + 1}`),
    );
  });

  test("R24: of an item's error are its lane", async () => {
    const error = new Error("item");
    await errorOf(map([1], () => Promise.reject(error), { concurrency: 1, name: "import" }));
    expect(tasksOf(error).map(({ task }) => task)).toEqual(["import lane 1"]);
  });

  test("R24: say the group, the age of each at the failure, and the item of a lane", async () => {
    const late = new Error("late");
    await clock.run(() =>
      errorOf(
        taskGroup(
          async (group) => {
            await sleep(5);
            group.spawn(
              async ({ signal }) => {
                await sleep(10);
                await map([0, 1], (item) => sleep(100 * item).then(() => (item === 1 ? Promise.reject(late) : item)), {
                  concurrency: 1,
                  name: "import",
                  signal,
                });
              },
              { name: "request" },
            );
          },
          { name: "server" },
        ),
      ),
    );
    expect(tasksOf(late).map(({ task, group, age, item }) => ({ task, group, age, item }))).toEqual([
      { task: "import lane 1", group: "import", age: 100, item: 1 },
      { task: "request", group: "server", age: 110, item: undefined },
    ]);
  });

  test("R9: of an error that a cleanup threw begin with the cleanup", async () => {
    const error = new Error("close failed");
    await errorOf(
      taskGroup(
        (outer) =>
          void outer.spawn(
            ({ signal }) =>
              taskGroup((inner) => inner.defer(() => Promise.reject(error)), { name: "connection", signal }),
            { name: "request" },
          ),
        { name: "server" },
      ),
    );
    expect(tasksOf(error).map(({ task, group, age }) => ({ task, group, hasAge: age !== undefined }))).toEqual([
      { task: "cleanup of connection", group: "connection", hasAge: false },
      { task: "request", group: "server", hasAge: true },
    ]);
  });

  test("R3: are not written on the error: a frozen one has them too, and no property more", async () => {
    const error = Object.freeze(new Error("frozen"));
    const before = Reflect.ownKeys(error);
    await nested(error);
    expect(tasksOf(error).length).toBe(2);
    expect(Reflect.ownKeys(error)).toEqual(before);
  });
});

describe("taskStack", () => {
  test("R24: is the error's stack, followed by a frame for each task", async () => {
    const error = new Error("404");
    await nested(error);
    const [own, ...frames] = taskStack(error).split("\n    at task ");
    expect(own).toBe(error.stack);
    expect(frames.map((frame) => frame.replace(/ \(.*\)$/u, ""))).toEqual(['"load-user"', '"request"']);
    for (const frame of frames) if (frame.includes("(")) expect(frame).toMatch(/ \(.*task-stack\.test.*:\d+:\d+\)$/u);
  });

  test("is the stack alone for an error that has failed no task, and the text of what is no error", () => {
    const error = new Error("alone");
    expect([taskStack(error), taskStack("text"), taskStack(undefined)]).toEqual([error.stack, "text", "undefined"]);
  });

  test("is the message of an error whose stack was taken away", () => {
    const error = new Error("bare");
    Reflect.deleteProperty(error, "stack");
    Object.defineProperty(error, "stack", { value: undefined });
    expect(taskStack(error)).toBe("Error: bare");
  });
});
