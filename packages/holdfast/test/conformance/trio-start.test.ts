/** The tests of `nursery.start` and of system tasks (here: services) in trio's test_run.py. The titles carry the names from there; README.md has the list. */
import {
  type ErrorGroup,
  GroupClosedError,
  openTaskGroup,
  type ReadyContext,
  sleep,
  taskGroup,
  timeout,
} from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";

const clock = useFakeClock();
const never = 86_400_000;

describe("start", () => {
  test("trio test_nursery_start: start resolves with the value of ready, after as long as that took", async () => {
    const log: unknown[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        const value = await group.start<number>(async ({ ready, sleep: pause }) => {
          await pause(1000);
          ready(10);
          await pause(1000);
          log.push(`ended at ${clock.now()}`);
        });
        log.push(value, clock.now());
      }),
    );
    expect(log).toEqual([10, 1000, "ended at 2000"]);
  });

  test("trio test_nursery_start: ready without a value gives undefined, and a second call throws in the task", async () => {
    let value: unknown = "not set";
    const error = await errorOf(
      taskGroup(async (group) => {
        value = await group.start(({ ready }) => {
          ready();
          ready();
        });
      }),
    );
    expect(value).toBeUndefined();
    expect((error as ErrorGroup).errors).toMatchObject([{ name: "Error" }]);
  });

  test("trio test_nursery_start: a crash before ready is start's, a crash after it the group's", async () => {
    const [before, after] = [new Error("before"), new Error("after")];
    const seen: unknown[] = [];
    const error = await errorOf(
      taskGroup(async (group) => {
        seen.push(await errorOf(group.start(() => Promise.reject(before))));
        seen.push(
          await group.start<string>(({ ready }) => {
            ready("ready");
            throw after;
          }),
        );
      }),
    );
    expect(seen).toEqual([before, "ready"]);
    expect((error as ErrorGroup).errors).toEqual([after]);
  });

  test("trio test_nursery_start: a task that returns without ready is an error of start alone", async () => {
    const error = await taskGroup(async (group) => await errorOf(group.start(() => "no ready", { name: "server" })));
    expect(error).toMatchObject({
      code: "ERR_NOT_READY",
      message: 'task "server" ended without having called ready(); call it when others may rely on the task',
    });
  });

  test("trio test_nursery_start: a start whose caller gives up cancels the task, which may still end as it likes", async () => {
    const log: string[] = [];
    const error = await clock.run(() =>
      taskGroup(async (group) => {
        const failed = await errorOf(
          timeout(10, ({ signal }) =>
            group.start(
              async ({ ready, signal: own }) => {
                await aborted(own);
                log.push(`cancelled at ${clock.now()}`);
                ready();
                log.push("ready came too late, and threw nothing");
              },
              { signal },
            ),
          ),
        );
        log.push(`group cancelled: ${group.cancelled}`);
        return failed;
      }),
    );
    expect(error).toMatchObject({ name: "TimeoutError", timeout: 10 });
    expect(log).toEqual(["cancelled at 10", "ready came too late, and threw nothing", "group cancelled: false"]);
  });

  test("trio test_nursery_start: start on a group that closes or has closed is refused, and nothing is called", async () => {
    const group = openTaskGroup();
    await group.close();
    let calls = 0;
    expect(await errorOf(group.start(() => void calls++))).toBeInstanceOf(GroupClosedError);
    await turn();
    expect(calls).toBe(0);
  });

  test("trio test_nursery_start_with_cancelled_nursery: in a group that is cancelled before ready the task is aborted before ready", async () => {
    const log: string[] = [];
    const group = openTaskGroup();
    group.cancel();
    const error = await errorOf(
      group.start<string>(async ({ ready, sleep: pause }) => {
        log.push("called");
        await pause(0);
        log.push("not reached");
        ready("too late");
      }),
    );
    expect(error).toBe(group.signal.reason);
    expect(log).toEqual(["called"]);
    await group.close();
  });

  test("trio test_nursery_start_with_cancelled_nursery: in a group that is cancelled after ready the task is aborted after ready", async () => {
    const log: string[] = [];
    const group = openTaskGroup();
    await group.start(async ({ ready, sleep: pause }) => {
      ready();
      await pause(never).finally(() => log.push("aborted"));
      log.push("not reached");
    });
    group.cancel();
    await group.close();
    expect(log).toEqual(["aborted"]);
  });

  for (const crashes of [false, true])
    test(`trio test_nursery_start_keeps_nursery_open: a start in another group keeps that open, ${crashes ? "also when the task then crashes" : "until the task has ended"}`, async () => {
      const log: string[] = [];
      const failure = new Error("failure");
      const target = openTaskGroup();
      const gate = new Gate();
      const starting = errorOf(
        target
          .start(async ({ ready }) => {
            await gate.promise;
            if (crashes) throw failure;
            ready();
          })
          .then(() => {
            throw new Error("ready");
          }),
      );
      const closing = target.close().then(() => log.push("closed"));
      await turn();
      log.push("still open");
      gate.open();
      expect(((await starting) as Error).message).toBe(crashes ? "failure" : "ready");
      await closing;
      expect(log).toEqual(["still open", "closed"]);
    });

  test("trio test_trio_run_strict_before_started: an error before ready comes out of start as it is, in no group, an AggregateError of the user's too", async () => {
    const errors = [new Error("bare"), new AggregateError([new Error("inner")])];
    const seen = await taskGroup(async (group) => {
      const caught: unknown[] = [];
      for (const failure of errors) caught.push(await errorOf(group.start(() => Promise.reject(failure))));
      return caught;
    });
    expect([seen[0] === errors[0], seen[1] === errors[1]]).toEqual([true, true]);
  });

  test("trio test_start_exception_preserves_cause_and_context: an error before ready keeps its cause", async () => {
    const cause = new Error("cause");
    const failure = new Error("failure", { cause });
    const seen = await taskGroup(async (group) => await errorOf(group.start(() => Promise.reject(failure))));
    expect(seen).toBe(failure);
    expect((seen as Error).cause).toBe(cause);
  });
});

describe("services", () => {
  test("trio test_spawn_system_task: a service goes on until the last task has ended, and is then cancelled", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup((group) => {
        group.spawnService(async ({ signal }) => {
          await aborted(signal);
          log.push(`service cancelled at ${clock.now()}: ${(signal.reason as { kind: string }).kind}`);
          throw signal.reason;
        });
        group.spawn(({ sleep: pause }) => pause(100).then(() => log.push("task ended")));
      }),
    );
    expect(log).toEqual(["task ended", "service cancelled at 100: closing"]);
  });

  test("trio test_spawn_system_task: a group that is cancelled cancels its services only after its tasks have cleaned up", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        const service = group.spawnService(({ sleep: pause }) => pause(never).finally(() => log.push("service")));
        group.spawn(async ({ signal }) => {
          await aborted(signal);
          await sleep(10);
          log.push(`task, while the service is ${service.state}`);
        });
        await turn();
        group.cancel();
      }),
    );
    expect(log).toEqual(["task, while the service is running", "service"]);
  });

  for (const when of ["while a task runs", "while it closes"])
    test(`trio test_system_task_crash*: a service that crashes ${when} fails the group`, async () => {
      const failure = new Error("service");
      const log: string[] = [];
      const error = await clock.run(() =>
        errorOf(
          taskGroup(async (group) => {
            group.spawnService(async ({ signal, sleep: pause }) => {
              if (when === "while it closes") await waitUntilAborted(signal, () => failure);
              await pause(10);
              throw failure;
            });
            await sleep(when === "while it closes" ? 20 : never, { signal: group.signal }).finally(() =>
              log.push(`body ended at ${clock.now()}`),
            );
          }),
        ),
      );
      expect((error as ErrorGroup).errors).toEqual([failure]);
      expect(log).toEqual([`body ended at ${when === "while it closes" ? 20 : 10}`]);
    });

  test("trio test_system_task_crash*: a service's failure and a task's are both reported", async () => {
    const [service, task] = [new Error("service"), new Error("task")];
    const error = await errorOf(
      taskGroup((group) => {
        group.spawnService(() => Promise.reject(service));
        group.spawn(({ signal }) => waitUntilAborted(signal, () => task));
      }),
    );
    expect((error as ErrorGroup).errors).toEqual([service, task]);
  });

  test("trio test_system_task_contexts: a service is under its group's limits alone, not under those of who spawned it", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        const run = async ({
          deadline,
          sleep: pause,
        }: Pick<ReadyContext<void>, "deadline" | "sleep">): Promise<void> => {
          log.push(`deadline ${deadline}`);
          await pause(100);
          log.push(`ended at ${clock.now()}`);
        };
        await timeout(10, ({ signal }) => {
          group.spawnService(run);
          return waitUntilAborted(signal);
        }).catch(() => log.push(`timed out at ${clock.now()}`));
        await sleep(200);
      }),
    );
    expect(log).toEqual(["deadline Infinity", "timed out at 10", "ended at 100"]);
  });
});
