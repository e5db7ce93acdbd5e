import { sleep, type Task, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("task");

describe("a limited group", () => {
  for (const concurrency of [1, 2, 3, 300])
    test(`GROUP-4, QUEUE-2: with concurrency ${concurrency} never runs more, runs as many, and starts in order`, async () => {
      const started: number[] = [];
      let running = 0;
      let most = 0;
      await clock.run(() =>
        taskGroup(
          (group) => {
            for (let index = 0; index < 700; index++)
              group.spawn(async () => {
                started.push(index);
                most = Math.max(most, ++running);
                await sleep(1 + (index % 3));
                running--;
              });
          },
          { concurrency },
        ),
      );
      expect(most).toBe(concurrency);
      expect(started).toEqual(Array.from({ length: 700 }, (_, index) => index));
    });

  test("R6: tasks that wait when it is cancelled run once, in order, within the limit, under an aborted signal", async () => {
    const log: string[] = [];
    let running = 0;
    let most = 0;
    await taskGroup(
      async (group) => {
        for (let index = 0; index < 6; index++)
          group.spawn(async ({ cancelled }) => {
            log.push(`${index}: cancelled ${cancelled}`);
            most = Math.max(most, ++running);
            await turn();
            running--;
          });
        await Promise.resolve();
        await Promise.resolve();
        group.cancel();
      },
      { concurrency: 2 },
    );
    expect(log).toEqual([
      "0: cancelled false",
      "1: cancelled false",
      "2: cancelled true",
      "3: cancelled true",
      "4: cancelled true",
      "5: cancelled true",
    ]);
    expect(most).toBe(2);
  });

  test("R6: a failure leaves the waiting ones to run under an aborted signal, too", async () => {
    const seen: boolean[] = [];
    const error = await errorOf(
      taskGroup(
        (group) => {
          group.spawn(() => Promise.reject(failure));
          group.spawn(({ cancelled }) => void seen.push(cancelled));
          group.spawn(({ cancelled }) => void seen.push(cancelled));
        },
        { concurrency: 1 },
      ),
    );
    expect(error).toMatchObject({ errors: [failure] });
    expect(seen).toEqual([true, true]);
  });

  test("R2: with stopOnError: false the waiting ones run as if nothing had happened", async () => {
    const seen: boolean[] = [];
    const error = await errorOf(
      taskGroup(
        (group) => {
          group.spawn(() => Promise.reject(failure));
          group.spawn(({ cancelled }) => void seen.push(cancelled));
        },
        { concurrency: 1, stopOnError: false },
      ),
    );
    expect(error).toMatchObject({ errors: [failure] });
    expect(seen).toEqual([false]);
  });

  test("a waiting task has the state waiting, and the place of one that failed is free", async () => {
    const states: string[] = [];
    await taskGroup(
      async (group) => {
        const gate = new Gate();
        const busy = group.spawn(async () => {
          await gate.promise;
          throw failure;
        });
        const waiting = group.spawn(() => "ran");
        await turn();
        states.push(busy.state, waiting.state);
        gate.open();
        expect(await waiting.join()).toBe("ran");
        states.push(busy.state, waiting.state);
      },
      { concurrency: 1, onTaskError: () => {} },
    );
    expect(states).toEqual(["running", "waiting", "failed", "succeeded"]);
  });

  test("a task that is cancelled while it waits is called in its turn, under its own aborted signal", async () => {
    const seen: unknown[] = [];
    await taskGroup(
      async (group) => {
        const gate = new Gate();
        group.spawn(() => gate.promise);
        const waiting = group.spawn(({ cancelled }) => void seen.push(cancelled));
        await turn();
        waiting.cancel();
        seen.push(waiting.state);
        gate.open();
      },
      { concurrency: 1 },
    );
    expect(seen).toEqual(["waiting", true]);
  });

  test("tasks may spawn: theirs wait behind those that wait", async () => {
    const log: string[] = [];
    await taskGroup(
      (group) => {
        group.spawn(() => {
          log.push("a");
          group.spawn(() => void log.push("a's"));
        });
        group.spawn(() => void log.push("b"));
      },
      { concurrency: 1 },
    );
    expect(log).toEqual(["a", "b", "a's"]);
  });

  test("a task's timeout counts from its start, not from its spawn", async () => {
    const value = await clock.run(() =>
      taskGroup(
        async (group) => {
          group.spawn(() => sleep(100));
          return await group.spawn(({ sleep: pause }) => pause(40).then(() => "in time"), { timeout: 50 }).join();
        },
        { concurrency: 1 },
      ),
    );
    expect([value, clock.now()]).toEqual(["in time", 140]);
  });

  for (const concurrency of [0, -1, 1.5, Number.NaN])
    test(`R23: concurrency ${concurrency} is a RangeError, as a rejection that names it`, async () => {
      const error = await errorOf(taskGroup(() => {}, { concurrency }));
      expect(error).toEqual(
        new RangeError(`taskGroup: concurrency must be an integer >= 1 or Infinity, got ${concurrency} (number)`),
      );
    });

  test("R23: a concurrency that is no number is a TypeError", async () => {
    // Holds: what a caller without types may pass.
    const error = await errorOf(taskGroup(() => {}, { concurrency: "2" as unknown as number }));
    expect(error).toEqual(
      new TypeError('taskGroup: concurrency must be an integer >= 1 or Infinity, got "2" (string)'),
    );
  });
});

describe("join with the signal of a task of the same limited group", () => {
  async function joining(options: { readonly concurrency: number; readonly withSignal: boolean }): Promise<unknown> {
    let outcome: unknown;
    await taskGroup(
      async (group) => {
        const child: { task?: Task<string> } = {};
        group.spawn(
          async ({ signal }) => {
            const join = child.task?.join(options.withSignal ? { signal } : undefined);
            const settled = Promise.resolve(join).then(
              (value) => void (outcome = value),
              (error: unknown) => void (outcome = error),
            );
            await turn();
            void settled;
          },
          { name: "parent" },
        );
        child.task = group.spawn(() => "joined", { name: "child" });
      },
      { concurrency: options.concurrency, name: "workers" },
    );
    return outcome;
  }

  test("R5: throws instead of waiting for a task that waits for its place", async () => {
    expect(await joining({ concurrency: 1, withSignal: true })).toMatchObject({
      name: "JoinDeadlockError",
      code: "ERR_JOIN_DEADLOCK",
      task: "child",
      group: "workers",
      message:
        'task "parent" holds one of the 1 places of group "workers" and would wait for task "child", which has none yet; ' +
        "join it from the group's body, or spawn it in a group of its own",
    });
  });

  test("R5: of an unlimited group waits", async () => {
    expect(await joining({ concurrency: Infinity, withSignal: true })).toBe("joined");
  });

  test("R5: is found from an inner group of the task, too", async () => {
    const error = await errorOf(
      taskGroup(
        (group) => {
          const child: { task?: Task<void> } = {};
          group.spawn(async ({ signal }) => {
            await taskGroup(
              (inner) => {
                inner.spawn(async (context) => await child.task?.join(context));
              },
              { signal },
            );
          });
          child.task = group.spawn(() => {});
        },
        { concurrency: 1 },
      ),
    );
    expect(error).toMatchObject({ errors: [{ name: "ErrorGroup", errors: [{ code: "ERR_JOIN_DEADLOCK" }] }] });
  });

  test("R5: of a task that runs already waits for it", async () => {
    const value = await taskGroup(
      async (group) => {
        const gate = new Gate();
        const running = group.spawn(async () => {
          await gate.promise;
          return "joined";
        });
        const joiner = group.spawn(async ({ signal }) => await running.join({ signal }));
        await turn();
        gate.open();
        return await joiner.join();
      },
      { concurrency: 2 },
    );
    expect(value).toBe("joined");
  });

  test("R5: by the body, which holds no place, waits", async () => {
    const value = await taskGroup(
      async (group) => {
        group.spawn(() => turn());
        return await group.spawn(() => "joined").join({ signal: group.signal });
      },
      { concurrency: 1 },
    );
    expect(value).toBe("joined");
  });
});
