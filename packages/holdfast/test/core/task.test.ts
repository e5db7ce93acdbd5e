import { type Task, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { aborted, abortError, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const failure = new Error("task");

/** Runs `body` in a group; a failure of its tasks, which is what these tests are about, is dropped. */
async function inGroup(body: Parameters<typeof taskGroup>[0]): Promise<void> {
  await taskGroup(body).catch((error: unknown) => {
    if (!(error as Error).message.endsWith(failure.message)) throw error;
  });
}

describe("settled and outcome", () => {
  test("tell a value, a failure and a cancellation apart without throwing", async () => {
    await inGroup(async (group) => {
      const fine = group.spawn(() => "value");
      const cancelled = group.spawn(({ signal }) => waitUntilAborted(signal));
      await turn();
      cancelled.cancel();
      const failed = group.spawn(() => {
        throw failure;
      });
      const tasks: Task<unknown>[] = [fine, failed, cancelled];
      const results = await Promise.all(tasks.map((task) => task.settled()));
      expect(results).toMatchObject([
        { ok: true, value: "value" },
        { ok: false, error: failure },
        { ok: false, error: { code: "ERR_TASK_CANCELLED" } },
      ]);
      expect(tasks.map((task) => task.outcome())).toEqual(results);
      expect(tasks.map(({ state }) => state)).toEqual(["succeeded", "failed", "cancelled"]);
    });
  });

  test("outcome is undefined while the task has not settled", async () => {
    await taskGroup(async (group) => {
      const gate = new Gate();
      const task = group.spawn(() => gate.promise);
      const seen = [task.outcome(), task.state];
      await turn();
      seen.push(task.outcome(), task.state);
      gate.open();
      await task.join();
      expect([...seen, task.outcome()]).toEqual([
        undefined,
        "waiting",
        undefined,
        "running",
        { ok: true, value: undefined },
      ]);
    });
  });

  test("settled rejects only by its own signal", async () => {
    await taskGroup(async (group) => {
      const controller = new AbortController();
      const gate = new Gate();
      const task = group.spawn(() => gate.promise);
      const waiting = errorOf(task.settled({ signal: controller.signal }));
      await turn();
      controller.abort("stop");
      expect(await waiting).toMatchObject({ cause: "stop" });
      gate.open();
    });
  });
});

describe("cancel", () => {
  test("R14: aborts that task's signal alone, before it returns, once", async () => {
    await taskGroup(async (group) => {
      const signals: AbortSignal[] = [];
      const work = async ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
        signals.push(signal);
        await aborted(signal);
      };
      const [first, second] = [group.spawn(work), group.spawn(work)];
      await turn();
      first.cancel("one");
      first.cancel("two");
      expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
      expect(signals[0]?.reason).toMatchObject({ kind: "cancel", cause: "one" });
      second.cancel();
    });
  });

  test("R6: a task that has not started yet starts under an aborted signal", async () => {
    await taskGroup(async (group) => {
      const log: boolean[] = [];
      const task = group.spawn(({ signal, throwIfCancelled }) => {
        log.push(signal.aborted);
        throwIfCancelled();
      });
      task.cancel();
      expect([task.state, (await task.settled()).ok, task.state, log]).toEqual(["waiting", false, "cancelled", [true]]);
    });
  });

  test("R13: fails neither its group nor its siblings", async () => {
    const value = await taskGroup(async (group) => {
      const task = group.spawn(({ sleep: pause }) => pause(Infinity));
      const sibling = group.spawn(() => turn().then(() => "sibling"));
      await turn();
      task.cancel();
      return await sibling.join();
    });
    expect(value).toBe("sibling");
  });

  test("R11: a cancelled task that fails for a reason of its own fails its group", async () => {
    const error = await errorOf(
      taskGroup(async (group) => {
        const task = group.spawn(({ signal }) => waitUntilAborted(signal, () => failure));
        await turn();
        task.cancel();
      }),
    );
    expect(error).toMatchObject({ errors: [failure] });
  });

  test("R11: an AbortError without a cause, from a task that was given its signal, is that task's cancellation", async () => {
    await taskGroup(async (group) => {
      const task = group.spawn(({ signal }) => waitUntilAborted(signal, () => abortError()));
      await turn();
      task.cancel();
      await task.settled();
      expect(task.state).toBe("cancelled");
    });
  });

  test("is without effect on a task that has settled", async () => {
    await taskGroup(async (group) => {
      const task = group.spawn(() => "value");
      await task.join();
      task.cancel();
      expect([task.state, await task.join()]).toEqual(["succeeded", "value"]);
    });
  });

  test("the cancellation of a task, thrown on by a body that joined it, is a failure of the body", async () => {
    const error = await errorOf(
      taskGroup(async (group) => {
        const task = group.spawn(({ sleep: pause }) => pause(Infinity));
        await turn();
        task.cancel();
        await task.join();
      }),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [{ code: "ERR_TASK_CANCELLED" }] });
  });

  test("the cancellation of a task, thrown on by a body whose group was cancelled, is an echo", async () => {
    const error = await errorOf(
      taskGroup(async (group) => {
        const task = group.spawn(({ sleep: pause }) => pause(Infinity));
        await turn();
        group.cancel("enough");
        await task.join();
      }),
    );
    expect(error).toMatchObject({ name: "AbortError", kind: "cancel", cause: "enough" });
  });
});

describe("a task", () => {
  test("is named by its options, else by its function, else by its number", async () => {
    await taskGroup(async (group) => {
      async function upload({ name }: { readonly name: string }): Promise<string> {
        return name;
      }
      const tasks = [group.spawn(upload, { name: "given" }), group.spawn(upload), group.spawn(() => "")];
      expect(tasks.map(({ name }) => name)).toEqual(["given", "upload", `task ${tasks[2]?.id}`]);
      expect(await Promise.all(tasks.map((task) => task.join()))).toEqual(["given", "upload", ""]);
    });
  });

  test("keeps its name when it has settled, however, and never takes one from its value", async () => {
    const tasks: Task<unknown>[] = [];
    await inGroup(async (group) => {
      const named = (): void => {};
      tasks.push(
        group.spawn(async function poll({ sleep: pause }) {
          await pause(Infinity);
        }),
        group.spawn(async function makeCallback() {
          return named;
        }),
        group.spawn(() => named, { name: "given" }),
      );
      await turn();
      tasks[0]?.cancel();
      await turn();
      tasks.push(
        group.spawn(async function upload() {
          throw failure;
        }),
      );
    });
    expect(tasks.map(({ name }) => name)).toEqual(["poll", "makeCallback", "given", "upload"]);
  });

  test("R22: keeps its name in its TaskCancelledError", async () => {
    await taskGroup(async (group) => {
      const task = group.spawn(async function poll({ sleep: pause }): Promise<void> {
        await pause(Infinity);
      });
      await turn();
      task.cancel();
      expect(await errorOf(task.join())).toMatchObject({ task: "poll", message: 'task "poll" was cancelled' });
    });
  });

  test("has a number of its own, in the order of spawning", async () => {
    await taskGroup((group) => {
      const ids = Array.from({ length: 5 }, () => group.spawn(() => {}).id);
      expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? Number.NaN) + index));
    });
  });

  test("knows its group", async () => {
    await taskGroup(async (group) => {
      expect(await group.spawn((context) => context.group === group).join()).toBe(true);
    });
  });

  test("is not thenable: an async function that returns one does not wait for it", async () => {
    await taskGroup(async (group) => {
      const gate = new Gate();
      const hand = async (): Promise<Task<void>> => group.spawn(() => gate.promise);
      const task = await hand();
      const { state } = task;
      gate.open();
      expect({ state, isThenable: "then" in task }).toEqual({ state: "running", isThenable: false });
    });
  });
});
