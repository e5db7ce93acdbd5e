/** TestCreateTask and the tests of parents in anyio's test_taskgroups.py. The titles carry the names from there; README.md has the list. */
import { ErrorGroup, openTaskGroup, sleep, type TaskGroup, taskGroup, tasksOf } from "holdfast";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";

const clock = useFakeClock();
const never = 86_400_000;

test("anyio TestCreateTask.test_return_value: a handle says what became of its task, before and after", async () => {
  const seen = await clock.run(() =>
    taskGroup(async (group) => {
      const task = group.spawn(({ sleep: pause }) => pause(10).then(() => "value"), { name: "loader" });
      const states: unknown[] = [[task.name, task.state, task.outcome()]];
      await turn();
      states.push([task.state, task.outcome()], await task.join(), [task.state, task.outcome()], await task.join());
      return states;
    }),
  );
  expect(seen).toEqual([
    ["loader", "waiting", undefined],
    ["running", undefined],
    "value",
    ["succeeded", { ok: true, value: "value" }],
    "value",
  ]);
});

test("anyio TestCreateTask.test_exception: a handle rejects with the task's own error, as often as it is asked; the group reports it once", async () => {
  const failure = new Error("failure");
  const seen: unknown[] = [];
  const error = await errorOf(
    taskGroup(async (group) => {
      const task = group.spawn(() => Promise.reject(failure));
      seen.push(await errorOf(task.join()), task.state, task.outcome(), await errorOf(task.join()));
      throw await errorOf(task.join());
    }),
  );
  expect(seen).toEqual([failure, "failed", { ok: false, error: failure }, failure]);
  expect(error).toBeInstanceOf(ErrorGroup);
  expect((error as ErrorGroup).errors).toEqual([failure]);
});

for (const isRunning of [false, true])
  test(`anyio TestCreateTask.test_cancel[wait_until_running]: who joins a task that is cancelled ${isRunning ? "while it runs" : "before it starts"} is not cancelled himself`, async () => {
    const body = async (group: TaskGroup): Promise<unknown> => {
      const log: string[] = [];
      const task = group.spawn(
        async ({ sleep: pause }) => {
          log.push("called");
          await pause(never);
          log.push("not reached");
        },
        { name: "loader" },
      );
      if (isRunning) await turn();
      task.cancel();
      const error = await errorOf(task.join());
      expect(error).toMatchObject({ name: "TaskCancelledError", code: "ERR_TASK_CANCELLED", task: "loader" });
      await sleep(0, { signal: group.signal });
      return [log, task.state, group.cancelled];
    };
    expect(await clock.run(() => taskGroup(body))).toEqual([["called"], "cancelled", false]);
  });

test("anyio TestCreateTask.test_cancel[wait_until_running]: who joins is told of his own cancel by its reason", async () => {
  const reason = new Error("caller");
  const caller = new AbortController();
  const state = await taskGroup(async (group) => {
    const task = group.spawn(({ sleep: pause }) => pause(never));
    await turn();
    const joined = errorOf(task.join({ signal: caller.signal }));
    caller.abort(reason);
    expect(await joined).toBe(reason);
    const { state: before } = task;
    group.cancel();
    return before;
  });
  expect(state).toBe("running");
});

test("anyio TestCreateTask.test_wait: settled never rejects for what became of the task", async () => {
  const failure = new Error("failure");
  const seen = await taskGroup(
    async (group) => {
      const tasks = [
        group.spawn(() => "value"),
        group.spawn(() => Promise.reject(failure)),
        group.spawn(({ sleep: pause }) => pause(never), { name: "cancelled" }),
      ];
      await turn();
      tasks[2]?.cancel();
      return await Promise.all(tasks.map((task) => task.settled()));
    },
    { onTaskError: () => {} },
  );
  expect(seen).toMatchObject([
    { ok: true, value: "value" },
    { ok: false, error: failure },
    { ok: false, error: { name: "TaskCancelledError", task: "cancelled" } },
  ]);
});

test("anyio TestCreateTask.test_non_coro: a promise where a function belongs is refused, and the message says why", async () => {
  const message = await taskGroup((group) => {
    try {
      // What a caller without types does.
      group.spawn(Promise.resolve("value") as unknown as () => string);
    } catch (error) {
      return error;
    }
    return undefined;
  });
  expect(message).toBeInstanceOf(TypeError);
  expect((message as Error).message).toBe(
    "spawn takes a function, got a promise: its work runs already and can't be cancelled; pass () => work() instead of work()",
  );
});

test("anyio test_start_return_handle_success: start gives the value alone; a task that others shall control hands out what they need", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      const stopped = new Gate();
      const { stop } = await group.start<{ readonly stop: () => void }>(async ({ ready }) => {
        ready({ stop: () => stopped.open() });
        await stopped.promise;
        log.push("stopped");
      });
      stop();
    }),
  );
  expect(log).toEqual(["stopped"]);
});

test("anyio test_start_return_handle_cancel: what was started ends alone when it is told to by what it handed out", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      const { cancel } = await group.start<{ readonly cancel: () => void }>(({ ready, signal }) =>
        taskGroup(
          async (own) => {
            ready({ cancel: () => own.cancel() });
            await sleep(60_000, { signal: own.signal }).catch(() => log.push(`cancelled at ${clock.now()}`));
          },
          { signal },
        ),
      );
      await sleep(10);
      cancel();
      await turn();
      log.push(`cancelled: ${group.cancelled}`);
    }),
  );
  expect(log).toEqual(["cancelled at 10", "cancelled: false"]);
});

test("anyio test_start_soon_parent_id: a task's parent is the group that it was spawned on, whoever spawned it", async () => {
  const own = new Error("child");
  const error = await errorOf(
    taskGroup(async (outer) => {
      outer.spawn(
        async ({ signal }) =>
          await taskGroup(
            (inner) => {
              inner.spawn(
                () =>
                  void outer.spawn(
                    () => {
                      throw own;
                    },
                    { name: "child" },
                  ),
                { name: "spawner" },
              );
            },
            { signal },
          ),
        { name: "parent" },
      );
    }),
  );
  expect((error as ErrorGroup).errors).toEqual([own]);
  expect(tasksOf(own).map(({ task }) => task)).toEqual(["child"]);
});

test("anyio test_start_parent_id: a started task belongs to its group from the first moment, not to who starts it", async () => {
  const early = new Error("before ready");
  await using server = openTaskGroup({ name: "server" });
  await taskGroup((group) => {
    group.spawn(
      async ({ signal }) => {
        await errorOf(
          server.start(
            () => {
              throw early;
            },
            { name: "started", signal },
          ),
        );
      },
      { name: "caller" },
    );
  });
  expect(tasksOf(early).map(({ task }) => task)).toEqual(["started"]);
});
