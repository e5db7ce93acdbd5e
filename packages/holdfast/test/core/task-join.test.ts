import { type Task, TaskCancelledError, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const failure = new Error("task");

/** Runs `body` in a group; a failure of its tasks, which is what these tests are about, is dropped. */
async function inGroup(body: Parameters<typeof taskGroup>[0]): Promise<void> {
  await taskGroup(body).catch((error: unknown) => {
    if (!(error as Error).message.endsWith(failure.message)) throw error;
  });
}

describe("join", () => {
  /** Each joins one task at another moment of its life. */
  const moments: readonly [string, (task: Task<string>, finish: () => void) => Promise<Promise<string>[]>][] = [
    [
      "before it starts",
      async (task, finish) => {
        const joins = [task.join(), task.join()];
        await turn();
        finish();
        return joins;
      },
    ],
    [
      "while it runs",
      async (task, finish) => {
        await turn();
        const joins = [task.join(), task.join()];
        finish();
        return joins;
      },
    ],
    [
      "before it starts, and while it runs",
      async (task, finish) => {
        const joins = [task.join()];
        await turn();
        joins.push(task.join());
        finish();
        return joins;
      },
    ],
    [
      "while it runs, and after",
      async (task, finish) => {
        await turn();
        const joins = [task.join()];
        finish();
        await turn();
        return [...joins, task.join()];
      },
    ],
    [
      "after it has ended",
      async (task, finish) => {
        await turn();
        finish();
        await turn();
        return [task.join(), task.join()];
      },
    ],
  ];

  for (const [when, joinsOf] of moments) {
    test(`TASK-2: gives the value to all who join ${when}`, async () => {
      await inGroup(async (group) => {
        const gate = new Gate<string>();
        const task = group.spawn(() => gate.promise);
        const joins = await joinsOf(task, () => gate.open("value"));
        expect(await Promise.all(joins)).toEqual(["value", "value"]);
      });
    });

    test(`TASK-2: rejects with the task's own error for all who join ${when}`, async () => {
      await inGroup(async (group) => {
        const gate = new Gate<string>();
        const task = group.spawn(() => gate.promise);
        const joins = await joinsOf(task, () => gate.fail(failure));
        const errors = await Promise.all(joins.map(errorOf));
        expect(errors[0] === failure && errors[1] === failure).toBe(true);
      });
    });

    test(`TASK-2: rejects with a TaskCancelledError for all who join a cancelled task ${when}`, async () => {
      await inGroup(async (group) => {
        const task = group.spawn(({ signal }) => waitUntilAborted(signal), { name: "poll" });
        const joins = await joinsOf(task, () => task.cancel("enough"));
        for (const error of await Promise.all(joins.map(errorOf))) {
          expect(error).toBeInstanceOf(TaskCancelledError);
          expect(error).toMatchObject({
            code: "ERR_TASK_CANCELLED",
            task: "poll",
            message: 'task "poll" was cancelled',
            cause: { kind: "cancel", cause: "enough" },
          });
        }
      });
    });
  }

  test("R26: gives each caller a promise of its own", async () => {
    await taskGroup(async (group) => {
      const task = group.spawn(() => "value");
      const before = [task.join(), task.join()];
      await turn();
      expect(new Set([...before, task.join(), task.join()]).size).toBe(4);
    });
  });

  test("a synchronous failure is joined like any other", async () => {
    await inGroup(async (group) => {
      const task = group.spawn(() => {
        throw failure;
      });
      const first = errorOf(task.join());
      expect(await first).toBe(failure);
      expect(await errorOf(task.join())).toBe(failure);
    });
  });

  test("a task that joins itself waits until somebody cancels it", async () => {
    await taskGroup(async (group) => {
      const task: Task<unknown> = group.spawn(({ signal }) => task.join({ signal }));
      await turn();
      task.cancel();
      expect(await task.settled()).toMatchObject({ ok: false, error: { code: "ERR_TASK_CANCELLED" } });
    });
  });

  test("R26: during the first, synchronous steps of a task is joined like at any other time", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      const task: Task<string> = group.spawn(async () => {
        void task.join().then((value) => log.push(value));
        return "value";
      });
      group.spawn(() => {});
    });
    await turn();
    expect(log).toEqual(["value"]);
  });

  test("tasks may join each other's results, in whatever order they were spawned", async () => {
    await taskGroup(async (group) => {
      const late = new Gate<number>();
      const sum = group.spawn(async (): Promise<number> => (await first.join()) + (await second.join()));
      const first = group.spawn(() => late.promise);
      const second = group.spawn(() => 2);
      void turn().then(() => late.open(1));
      expect(await sum.join()).toBe(3);
    });
  });
});

describe("join with a signal", () => {
  for (const [when, wait] of [
    ["before it starts", undefined],
    ["while it runs", turn],
  ] as const) {
    test(`R15: called ${when}, rejects with the reason when the signal aborts, and the task goes on`, async () => {
      await taskGroup(async (group) => {
        const controller = new AbortController();
        const gate = new Gate<string>();
        const task = group.spawn(() => gate.promise);
        if (wait !== undefined) await wait();
        const joining = errorOf(task.join({ signal: controller.signal }));
        await turn();
        const reason = new Error("impatient");
        controller.abort(reason);
        expect(await Promise.race([joining, turn().then(() => "still waiting")])).toBe(reason);
        expect(task.state).toBe("running");
        gate.open("value");
        expect(await task.join()).toBe("value");
      });
    });

    test(`called ${when}, gives the value when the task ends first`, async () => {
      await taskGroup(async (group) => {
        const controller = new AbortController();
        const gate = new Gate<string>();
        const task = group.spawn(() => gate.promise);
        if (wait !== undefined) await wait();
        const joining = task.join({ signal: controller.signal });
        gate.open("value");
        expect(await joining).toBe("value");
        controller.abort();
        expect(await joining).toBe("value");
      });
    });
  }

  test("under a signal that is aborted already, rejects with its reason, whatever the task's state", async () => {
    await taskGroup(async (group) => {
      const reason = new Error("stop");
      const signal = AbortSignal.abort(reason);
      const task = group.spawn(() => "value");
      expect(await errorOf(task.join({ signal }))).toBe(reason);
      await task.join();
      expect(await errorOf(task.join({ signal }))).toBe(reason);
    });
  });

  test("R23: what is no signal is a rejection, not a throw", async () => {
    await taskGroup(async (group) => {
      const joining = group.spawn(() => {}).join({ signal: {} as unknown as AbortSignal });
      expect(await errorOf(joining)).toBeInstanceOf(TypeError);
    });
  });

  test("one that gave up does not keep the others from their value", async () => {
    await taskGroup(async (group) => {
      const controller = new AbortController();
      const gate = new Gate<string>();
      const task = group.spawn(() => gate.promise);
      const joins = [
        errorOf(task.join({ signal: controller.signal })),
        task.join(),
        errorOf(task.join({ signal: controller.signal })),
        task.join(),
      ];
      await turn();
      controller.abort("stop");
      gate.open("value");
      expect(await Promise.all(joins)).toMatchObject([{ cause: "stop" }, "value", { cause: "stop" }, "value"]);
    });
  });
});
