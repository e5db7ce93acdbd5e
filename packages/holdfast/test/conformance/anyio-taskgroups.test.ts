/** The tests of task groups in anyio's test_taskgroups.py. The titles carry the names from there; README.md has the list. */
import { GroupClosedError, openTaskGroup, sleep, type TaskGroup, taskGroup } from "holdfast";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";

const clock = useFakeClock();
const outerReason = new Error("outer");
const never = 86_400_000;

test("anyio test_already_closed: spawn on a closed group throws, and the function is never called", async () => {
  const { group } = await taskGroup((open) => ({ group: open }));
  let calls = 0;
  expect(() => group.spawn(() => calls++)).toThrow(GroupClosedError);
  await turn();
  expect(calls).toBe(0);
});

test("anyio test_start_soon_after_error: spawn on a group that has failed throws", async () => {
  const groups: TaskGroup[] = [];
  const failure = new Error("failure");
  const error = await errorOf(
    taskGroup((group) => {
      groups.push(group);
      throw failure;
    }),
  );
  expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure] });
  for (const group of groups) expect(() => group.spawn(() => {})).toThrow(GroupClosedError);
  expect(groups).toHaveLength(1);
});

test("anyio test_success: the group ends when all tasks have", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup((group) => {
      for (const name of ["b", "a"])
        group.spawn(async ({ sleep: pause }) => {
          await pause(name === "a" ? 10 : 20);
          log.push(name);
        });
    }),
  );
  expect([log, clock.now()]).toEqual([["a", "b"], 20]);
});

test("anyio test_start_soon_while_running: a task may spawn while the group drains", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup((group) => {
      group.spawn(async ({ group: own, sleep: pause }) => {
        await pause(10);
        own.spawn(() => void log.push(`spawned at ${clock.now()}`));
      });
    }),
  );
  expect(log).toEqual(["spawned at 10"]);
});

test("anyio test_empty_taskgroup_contains_yield_point: a group that has nothing to do still ends later, not within the call", async () => {
  const log: string[] = [];
  const ended = taskGroup(() => {}).then(() => log.push("ended"));
  void Promise.resolve().then(() => log.push("another"));
  log.push("called");
  await ended;
  expect(log).toEqual(["called", "another", "ended"]);
});

test("anyio test_task_in_sync_spawn_callback: the function runs as the new task, not as who spawned it", async () => {
  const names: string[] = [];
  await taskGroup((group) => {
    group.spawn(
      ({ name, group: own }) => {
        names.push(name);
        own.spawn((context) => void names.push(context.name), { name: "inner" });
        names.push(name);
      },
      { name: "outer" },
    );
  });
  expect(names).toEqual(["outer", "outer", "inner"]);
});

test("anyio test_cancel_host_asyncgen: a group inside an async generator is cancelled as anywhere", async () => {
  const outer = new AbortController();
  const log: string[] = [];
  async function* host(signal: AbortSignal): AsyncGenerator<string> {
    yield "before";
    yield await taskGroup(
      async (group) => {
        group.spawn(({ sleep: pause }) => pause(never).finally(() => log.push("task")));
        await sleep(never, { signal: group.signal });
        return "not reached";
      },
      { signal },
    );
  }
  const error = await clock.run(() => {
    void sleep(10).then(() => outer.abort(outerReason));
    return errorOf(
      (async () => {
        for await (const value of host(outer.signal)) log.push(value);
      })(),
    );
  });
  expect(error).toBe(outerReason);
  expect(log).toEqual(["before", "task"]);
});

test("anyio test_taskgroup_reentry: a group is open once; to close it again has the same outcome", async () => {
  const failure = new Error("failure");
  const group = openTaskGroup();
  group.spawn(() => Promise.reject(failure));
  const [first, second] = [await errorOf(group.close()), await errorOf(group.close())];
  expect(first).toMatchObject({ name: "ErrorGroup", errors: [failure] });
  expect(second).toBe(first);
  expect(() => group.spawn(() => {})).toThrow(GroupClosedError);
});

test("anyio test_cancelscope_wrong_exit_order: an outer group that closes before an inner one waits for what it owns; the inner one goes on, and still closes", async () => {
  const log: string[] = [];
  const gate = new Gate();
  const outer = openTaskGroup({ name: "outer" });
  const inner = openTaskGroup({ name: "inner", signal: outer.signal });
  inner.spawn(async () => {
    await gate.promise;
    log.push("task of inner");
  });
  await outer.close();
  log.push("outer closed");
  inner.spawn(() => void log.push("another"));
  gate.open();
  await inner.close();
  expect(log).toEqual(["outer closed", "another", "task of inner"]);
});

test("anyio test_eager_task_factory: a task that starts at once may cancel its group before it waits", async () => {
  const log: string[] = [];
  await taskGroup((group) => {
    group.spawn(
      async ({ sleep: pause }) => {
        group.cancel();
        log.push("cancelled");
        await pause(never);
        log.push("not reached");
      },
      { immediate: true },
    );
    group.spawn(({ cancelled }) => void log.push(`the next: ${cancelled}`), { immediate: true });
  });
  expect(log).toEqual(["cancelled", "the next: true"]);
});
