import { CancelledError, isCancellation, onLateError, sleep, taskGroup, timeout, type TaskContext } from "holdfast";
import { root } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, abortError, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

/** Counts the listeners on a signal, on hosts that can't be asked. */
function countListeners(signal: AbortSignal): { readonly now: number; readonly most: number } {
  const counts = { now: 0, most: 0 };
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener: (...args: Parameters<typeof add>) => {
      counts.now++;
      counts.most = Math.max(counts.most, counts.now);
      add(...args);
    },
    removeEventListener: (...args: Parameters<typeof remove>) => {
      counts.now--;
      remove(...args);
    },
  });
  return counts;
}

describe("reasons", () => {
  const clock = useFakeClock();

  test("CANCEL-1: a reason never changes, whatever is cancelled later, and all below share the object", async () => {
    const outer = new AbortController();
    const reasons: unknown[] = [];
    await taskGroup(
      async (group) => {
        const task = group.spawn(({ signal }) =>
          taskGroup(
            async (inner) => {
              const leaf = inner.spawn(async (context) => {
                await aborted(context.signal);
                reasons.push(context.signal.reason);
              });
              await leaf.settled();
              reasons.push(inner.signal.reason, signal.reason);
            },
            { signal },
          ),
        );
        await turn();
        group.cancel("first");
        task.cancel("second");
        outer.abort("third");
        await task.settled();
        reasons.push(group.signal.reason);
      },
      { signal: outer.signal },
    );
    expect(reasons).toHaveLength(4);
    expect(new Set(reasons).size).toBe(1);
    expect(reasons[0]).toMatchObject({ kind: "cancel", cause: "first" });
  });

  test("CANCEL-1: a task that was cancelled alone keeps its reason when its group is cancelled later", async () => {
    await taskGroup(async (group) => {
      const log: unknown[] = [];
      const task = group.spawn(async ({ signal }) => {
        await aborted(signal);
        log.push(signal.reason);
        await turn();
        log.push(signal.reason);
      });
      await turn();
      task.cancel("alone");
      group.cancel("all");
      await task.settled();
      expect(log).toMatchObject([{ cause: "alone" }, { cause: "alone" }]);
      expect(log[0]).toBe(log[1]);
    });
  });

  test("R12: a foreign reason that is an object reaches everybody as it is", async () => {
    for (const reason of [new Error("stop"), { stop: true }, () => {}, abortError()]) {
      const outer = new AbortController();
      const error = await errorOf(
        taskGroup(
          async ({ signal }) => {
            outer.abort(reason);
            expect(signal.reason).toBe(reason);
            await sleep(1, { signal });
          },
          { signal: outer.signal },
        ),
      );
      expect(error).toBe(reason);
    }
  });

  for (const primitive of [null, "text", 0, false, 10n])
    test(`R12: abort(${String(primitive)}) becomes one CancelledError with it as its cause`, async () => {
      const outer = new AbortController();
      const seen: unknown[] = [];
      const error = await errorOf(
        taskGroup(
          async (group) => {
            group.spawn(async ({ signal }) => {
              await aborted(signal);
              seen.push(signal.reason);
            });
            await turn();
            outer.abort(primitive);
            seen.push(await errorOf(sleep(1, { signal: outer.signal })));
            await sleep(1, { signal: group.signal });
          },
          { signal: outer.signal },
        ),
      );
      expect(error).toBeInstanceOf(CancelledError);
      expect(error).toMatchObject({ name: "AbortError", code: "ERR_CANCELLED", kind: "outer", cause: primitive });
      expect(seen).toHaveLength(2);
      expect(seen.every((reason) => reason === error)).toBe(true);
    });

  test("R12: abort() without a reason passes on the platform's own AbortError", async () => {
    const outer = new AbortController();
    outer.abort();
    expect(await errorOf(taskGroup(() => {}, { signal: outer.signal }))).toBe(outer.signal.reason);
  });

  test("R12: a deadline's reason is a CancelledError of kind deadline, not a TimeoutError", async () => {
    let reason: unknown;
    const error = await clock.run(() =>
      errorOf(timeout(10, ({ signal }) => waitUntilAborted(signal, (given) => (reason = given)), { name: "poll" })),
    );
    expect(reason).toBeInstanceOf(CancelledError);
    expect(reason).toMatchObject({ kind: "deadline", message: "poll reached its deadline of 10 ms", group: "poll" });
    expect(error).toMatchObject({ name: "TimeoutError", cause: reason });
  });
});

describe("delivery", () => {
  test("R12: goes from the group down, in the order in which tasks came", async () => {
    const log: string[] = [];
    const listen = (name: string, signal: AbortSignal): void =>
      signal.addEventListener("abort", () => log.push(name), { once: true });
    await taskGroup(async (group) => {
      for (const name of ["first", "second"])
        group.spawn(async ({ signal }) => {
          listen(name, signal);
          await aborted(signal);
        });
      await turn();
      listen("group", group.signal);
      group.cancel();
    });
    expect(log).toEqual(["group", "first", "second"]);
  });

  test("a listener that cancels, spawns and settles others while it is told does not keep anybody from being told", async () => {
    const log: string[] = [];
    await taskGroup(async (group) => {
      const work = (name: string) => async (context: TaskContext) => {
        const error = await errorOf(context.sleep(Infinity));
        log.push(`${name}: ${isCancellation(error)}`);
      };
      const tasks = ["a", "b", "c"].map((name) => group.spawn(work(name)));
      await turn();
      group.signal.addEventListener("abort", () => {
        tasks[1]?.cancel();
        tasks[2]?.cancel();
        group.spawn(work("d"));
      });
      group.cancel();
    });
    expect(log.toSorted()).toEqual(["a: true", "b: true", "c: true", "d: true"]);
  });

  test("R6: a signal that is looked at after the cancellation is born aborted, with the same reason", async () => {
    await taskGroup(async (group) => {
      group.cancel();
      const task = group.spawn(({ signal }) => signal);
      const signal = await task.join();
      expect(signal.reason).toBe(group.signal.reason);
    });
  });
});

describe("lists", () => {
  const clock = useFakeClock();

  test("CANCEL-2: a signal has one listener while it governs anything, however much, and none before and after", async () => {
    const outer = new AbortController();
    const { signal } = outer;
    const listeners = countListeners(signal);
    const now: number[] = [];
    await clock.run(() =>
      taskGroup(
        async (group) => {
          for (let count = 0; count < 10; count++) group.spawn(() => sleep(10, { signal }));
          const waits = [sleep(20, { signal }), timeout(30, ({ sleep: pause }) => pause(20), { signal })];
          now.push(listeners.now);
          await Promise.all(waits);
          now.push(listeners.now);
        },
        { signal },
      ),
    );
    now.push(listeners.now);
    expect({ now, most: listeners.most }).toEqual({ now: [1, 1, 0], most: 1 });
  });

  test("CANCEL-2: a signal gets its listener back each time it governs something again", async () => {
    const { signal } = new AbortController();
    const listeners = countListeners(signal);
    for (let round = 0; round < 3; round++) {
      await clock.run(() => sleep(10, { signal }));
      expect(listeners.now).toBe(0);
    }
    expect(listeners.most).toBe(1);
  });

  test("CANCEL-2: an abort leaves no listener behind", async () => {
    const outer = new AbortController();
    const listeners = countListeners(outer.signal);
    const waits = [1, 2, 3].map(() => errorOf(sleep(10, { signal: outer.signal })));
    outer.abort();
    await Promise.all(waits);
    expect(listeners).toEqual({ now: 0, most: 1 });
  });

  test("CANCEL-2: after everything has settled, nothing hangs in the tree", async () => {
    const outer = new AbortController();
    await clock.run(async () => {
      await errorOf(
        taskGroup(
          async (group) => {
            group.spawn(({ sleep: pause }) => pause(10));
            group.spawn(({ signal }) => timeout(5, ({ sleep: pause }) => pause(10), { signal }));
            outer.signal.addEventListener("abort", () => group.cancel());
            await turn();
            outer.abort();
          },
          { signal: outer.signal },
        ),
      );
    });
    expect(root().kids).toBeUndefined();
  });

  test("CANCEL-3: what is started under the signal of a task that has ended is cancelled with its group", async () => {
    const leaked = new Gate<AbortSignal>();
    const log: unknown[] = [];
    await taskGroup(async (group) => {
      group.spawn(({ signal }) => leaked.open(signal));
      const signal = await leaked.promise;
      await turn();
      const sleeping = errorOf(sleep(Infinity, { signal }));
      group.cancel("enough");
      log.push(await sleeping);
      expect(log).toEqual([group.signal.reason]);
    });
  });

  test("CANCEL-3: what is started under the signal of a group that has ended is cancelled with what was above it", async () => {
    const outer = new AbortController();
    const signal = await taskGroup((group) => group.signal, { signal: outer.signal });
    const sleeping = errorOf(sleep(Infinity, { signal }));
    outer.abort("enough");
    expect(await sleeping).toMatchObject({ cause: "enough" });
  });

  test("CANCEL-1: what outlives its cancelled group stays cancelled, with that reason", async () => {
    const seen: unknown[] = [];
    const late: unknown[] = [];
    const listening = onLateError((error) => void late.push(error));
    const reason = await clock.run(async () => {
      const signal = await taskGroup(async (group) => {
        // Nobody awaits it, and it does not stop.
        void timeout(
          1000,
          async (context) => {
            await sleep(10);
            seen.push(context.cancelled, context.signal.reason, await errorOf(context.sleep(1)));
            context.throwIfCancelled();
          },
          { signal: group.signal },
        ).catch((error: unknown) => seen.push(error));
        await turn();
        group.cancel();
        return group.signal;
      });
      await sleep(20);
      return signal.reason as unknown;
    });
    listening[Symbol.dispose]();
    expect(seen).toHaveLength(4);
    expect(seen[0] === true && seen.slice(1).every((one) => one === reason)).toBe(true);
    expect(late).toEqual([]);
  });

  test("CANCEL-1: a group that outlives the cancelled group above it rejects with that reason, body returned or not", async () => {
    for (const bodyReturns of [true, false]) {
      const results: Promise<unknown>[] = [];
      const reason = await taskGroup(async (outer) => {
        results.push(
          errorOf(
            taskGroup(
              async (inner) => {
                const waiting = inner.spawn(async ({ sleep: pause }) => {
                  await turn();
                  await turn();
                  await pause(1);
                });
                await waiting.settled();
                if (!bodyReturns) inner.signal.throwIfAborted();
              },
              { signal: outer.signal },
            ),
          ),
        );
        await turn();
        outer.cancel();
        return outer.signal.reason as unknown;
      });
      expect((await results[0]) === reason).toBe(true);
    }
  });

  test("R11: work that was abandoned in a cancelled group, and reports that cancellation when the group is long gone, is an echo", async () => {
    const late: unknown[] = [];
    const listening = onLateError((error) => void late.push(error));
    await clock.run(async () => {
      await errorOf(
        taskGroup(async (group) => {
          const running = timeout(10, ({ signal }) => sleep(500).then(() => Promise.reject(signal.reason as Error)), {
            signal: group.signal,
            grace: 0,
          });
          await turn();
          group.cancel();
          await running;
        }),
      );
    });
    await clock.advanceUntilIdle();
    listening[Symbol.dispose]();
    expect(late).toEqual([]);
  });

  test("CANCEL-3: a wait that its task did not await passes to the group, and is cancelled with it", async () => {
    await taskGroup(async (group) => {
      let sleeping: Promise<unknown> | undefined;
      const task = group.spawn(({ sleep: pause }) => {
        sleeping = errorOf(pause(Infinity));
      });
      await task.join();
      group.cancel();
      expect(await sleeping).toBe(group.signal.reason);
    });
  });
});
