import { CancelledError, ErrorGroup, sleep, taskGroup, TaskCancelledError } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("service");
const taskError = new Error("task");
const outerReason = new Error("outer");

describe("a service", () => {
  test("R8: is cancelled after the last task settled, and waited for", async () => {
    const log: string[] = [];
    const value = await clock.run(() =>
      taskGroup(async (group) => {
        group.spawnService(async ({ signal }) => {
          await aborted(signal);
          await sleep(10);
          log.push(`${clock.now()}: service stopped`);
        });
        group.spawn(async () => {
          await sleep(100);
          log.push(`${clock.now()}: task ended`);
        });
        await sleep(50);
        log.push(`${clock.now()}: body ended`);
        return "value";
      }),
    );
    log.push(`${clock.now()}: ${value}`);
    expect(log).toEqual(["50: body ended", "100: task ended", "110: service stopped", "110: value"]);
  });

  test("R8: is cancelled with a reason of kind closing, that names the service and the group", async () => {
    let reason: unknown;
    await taskGroup(
      (group) => {
        group.spawnService(
          async ({ signal }) => {
            await aborted(signal);
            reason = signal.reason;
          },
          { name: "heartbeat" },
        );
      },
      { name: "request" },
    );
    expect(reason).toBeInstanceOf(CancelledError);
    expect(reason).toMatchObject({
      kind: "closing",
      group: "heartbeat",
      message: 'service "heartbeat" was cancelled because group "request" closes',
    });
  });

  const causes = {
    "its own cancel": { cancel: true },
    "an outer abort": { outer: true },
    "a task's failure": { fail: true },
    "its deadline": { timeout: 50 },
  } as const;
  for (const [cause, how] of Object.entries<{ cancel?: true; outer?: true; fail?: true; timeout?: number }>(causes))
    test(`GROUP-5: sees nothing of ${cause} of the group before the last task has settled`, async () => {
      const outer = new AbortController();
      const seen: [string, boolean][] = [];
      await clock.run(() =>
        taskGroup(
          async (group) => {
            const service = { isCancelled: false };
            group.spawnService(async ({ signal }) => {
              await aborted(signal);
              service.isCancelled = true;
              seen.push(["service stops", true]);
            });
            group.spawn(async ({ signal }) => {
              try {
                await aborted(signal);
              } finally {
                await sleep(10);
                seen.push(["task's finally", service.isCancelled]);
              }
            });
            await sleep(50);
            if (how.cancel) group.cancel();
            if (how.outer) outer.abort(outerReason);
            if (how.fail) group.spawn(() => Promise.reject(taskError));
            await aborted(group.signal);
            await turn();
            seen.push(["body", service.isCancelled]);
          },
          { signal: outer.signal, timeout: how.timeout },
        ).catch((error: unknown) => (error instanceof ErrorGroup ? undefined : Promise.reject(error))),
      );
      expect(seen).toEqual([
        ["body", false],
        ["task's finally", false],
        ["service stops", true],
      ]);
    });

  test("R8: its echo is silent, whatever form it has", async () => {
    const value = await taskGroup(async (group) => {
      group.spawnService(({ signal }) => waitUntilAborted(signal));
      group.spawnService(({ sleep: pause }) => pause(Infinity));
      group.spawnService(({ signal }) =>
        waitUntilAborted(signal, (reason) =>
          Object.assign(new Error("aborted", { cause: reason }), { name: "AbortError" }),
        ),
      );
      return "value";
    });
    expect(value).toBe("value");
  });

  test("R13: its echo rejects nobody, after an outer abort either", async () => {
    const outer = new AbortController();
    const value = await taskGroup(
      async (group) => {
        group.spawnService(({ signal }) => waitUntilAborted(signal));
        await turn();
        outer.abort(outerReason);
        return "value";
      },
      { signal: outer.signal },
    );
    expect(value).toBe("value");
  });

  test("R8: an echo of the group's own cancellation is silent in a service, too", async () => {
    const value = await taskGroup(async (group) => {
      group.spawnService(() => waitUntilAborted(group.signal));
      await turn();
      group.cancel();
      return "value";
    });
    expect(value).toBe("value");
  });

  test("R8: that fails, fails the group and cancels its tasks", async () => {
    let reason: unknown;
    const error = await errorOf(
      taskGroup((group) => {
        group.spawnService(() => Promise.reject(failure), { name: "poll" });
        group.spawn(async ({ signal }) => {
          await aborted(signal);
          reason = signal.reason;
          throw reason;
        });
      }),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure] });
    expect(reason).toMatchObject({ kind: "sibling", cause: failure, by: 'task "poll"' });
  });

  test("R8: that fails while it closes, fails the group", async () => {
    const error = await errorOf(
      taskGroup((group) => {
        group.spawnService(({ signal }) => waitUntilAborted(signal, () => failure));
        return "value";
      }),
    );
    expect(error).toMatchObject({ errors: [failure] });
  });

  test("R2: that fails while tasks fail is listed in the order of failure", async () => {
    const error = await errorOf(
      taskGroup((group) => {
        group.spawnService(({ signal }) => waitUntilAborted(signal, () => failure));
        group.spawn(() => Promise.reject(taskError));
      }),
    );
    expect(error).toMatchObject({ errors: [taskError, failure] });
  });

  test("R8: that returns early is no failure, and the group goes on", async () => {
    let ended = false;
    const value = await clock.run(() =>
      taskGroup(async (group) => {
        const service = group.spawnService(() => "early");
        group.spawn(async () => {
          await sleep(10);
          ended = true;
        });
        await service.join();
        expect([service.state, group.cancelled]).toEqual(["succeeded", false]);
        return "value";
      }),
    );
    expect([value, ended]).toEqual(["value", true]);
  });

  test("R8: may spawn while it closes: the group waits for that, too", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup((group) => {
        group.spawnService(async ({ signal }) => {
          await aborted(signal);
          group.spawn(async (context) => {
            log.push(`flush starts, cancelled: ${context.cancelled}`);
            await context.sleep(10);
            log.push("flush ends");
          });
          log.push("service ends");
        });
      }),
    );
    expect(log).toEqual(["service ends", "flush starts, cancelled: false", "flush ends"]);
  });

  test("R6: a service spawned while services close runs, once, under a signal that is aborted", async () => {
    const seen: unknown[] = [];
    await taskGroup((group) => {
      group.spawnService(async ({ signal }) => {
        await aborted(signal);
        group.spawnService(({ cancelled, signal: own }) => void seen.push([cancelled, own.reason.kind]), {
          name: "late",
        });
      });
    });
    expect(seen).toEqual([[true, "closing"]]);
  });

  test("R6: a service spawned in the body's last act is called once", async () => {
    let calls = 0;
    await taskGroup((group) => {
      group.spawnService(() => void calls++);
    });
    expect(calls).toBe(1);
  });

  test("R6: on a closed group spawnService throws, and the function is never called", async () => {
    let called = false;
    const leaked = await taskGroup((group) => group, { name: "request" });
    const spawn = (): unknown => leaked.spawnService(() => void (called = true), { name: "poll" });
    expect(spawn).toThrow(
      expect.objectContaining({ name: "GroupClosedError", code: "ERR_GROUP_CLOSED", group: "request" }),
    );
    await turn();
    expect(called).toBe(false);
  });

  test("R1: that ignores its cancellation is waited for, as long as it takes", async () => {
    const gate = new Gate();
    let settled = false;
    const result = taskGroup((group) => {
      group.spawnService(() => gate.promise);
    }).then(() => (settled = true));
    await turn();
    await turn();
    expect(settled).toBe(false);
    gate.open();
    expect(await result).toBe(true);
  });

  test("does not count in size, and takes no place of concurrency", async () => {
    const sizes: number[] = [];
    await taskGroup(
      async (group) => {
        group.spawnService(({ signal }) => aborted(signal));
        group.spawnService(({ signal }) => aborted(signal));
        sizes.push(group.size);
        const task = group.spawn(() => "ran");
        sizes.push(group.size);
        expect(await task.join()).toBe("ran");
      },
      { concurrency: 1 },
    );
    expect(sizes).toEqual([0, 1]);
  });

  test("can be cancelled alone, and is no failure then", async () => {
    const value = await taskGroup(async (group) => {
      const service = group.spawnService(({ signal }) => waitUntilAborted(signal), { name: "poll" });
      await turn();
      service.cancel("enough");
      expect(await errorOf(service.join())).toBeInstanceOf(TaskCancelledError);
      expect([service.state, group.cancelled]).toEqual(["cancelled", false]);
      return "value";
    });
    expect(value).toBe("value");
  });

  test("with a timeout of its own that runs out fails the group", async () => {
    const error = await clock.run(() =>
      errorOf(
        taskGroup(async (group) => {
          group.spawnService(({ sleep: pause }) => pause(Infinity), { name: "poll", timeout: 30 });
          await sleep(100, { signal: group.signal });
        }),
      ),
    );
    expect(error).toMatchObject({ errors: [{ name: "TimeoutError", layer: "task", timeout: 30 }] });
    expect(clock.now()).toBe(30);
  });

  test("does not see the group's deadline as its own", async () => {
    let deadline = 0;
    await taskGroup(
      async (group) => {
        await group.spawnService((context) => void (deadline = context.deadline)).join();
      },
      { timeout: 1000 },
    );
    expect(deadline).toBe(Infinity);
  });

  test("R2: with onTaskError its failure goes there, once, and the group goes on", async () => {
    const reported: unknown[] = [];
    const value = await taskGroup(
      async (group) => {
        const service = group.spawnService(() => Promise.reject(failure));
        await service.settled();
        return group.cancelled;
      },
      { onTaskError: (error, task) => void reported.push([error, task.state]) },
    );
    expect([value, reported]).toEqual([false, [[failure, "failed"]]]);
  });

  test("R23: a promise in place of its function is a TypeError, thrown at once", async () => {
    await taskGroup((group) => {
      // Holds: what a caller without types may pass.
      const call = (): unknown => group.spawnService(Promise.resolve() as unknown as () => void);
      expect(call).toThrow(/^spawnService takes a function, got a promise/u);
      expect(() => group.spawnService(() => {}, { timeout: Number.NaN })).toThrow(RangeError);
    });
  });
});
