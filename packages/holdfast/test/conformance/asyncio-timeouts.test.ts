/**
 * CPython's Lib/test/test_asyncio/test_timeouts.py and test_waitfor.py, by name. A timeout here takes a function, so what concerns entering
 * one twice, or re-scheduling it in a wrong state, can't be written down.
 */
import { onLateError, sleep, suppressedErrors, taskGroup, timeout } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";

const clock = useFakeClock();

class ZeroDivisionError extends Error {}

describe("asyncio.timeout", () => {
  test("asyncio test_timeout_basic: expires in a long sleep", async () => {
    const error = await clock.run(() => errorOf(timeout(10, ({ sleep: pause }) => pause(10_000))));
    expect(error).toMatchObject({ name: "TimeoutError", timeout: 10 });
    expect(clock.now()).toBe(10);
  });

  test("asyncio test_timeout_at_basic: has a deadline that can be read, a point in time", async () => {
    await clock.advanceBy(7);
    const deadlines: number[] = [];
    await clock.run(() =>
      errorOf(
        timeout(10, ({ deadline, sleep: pause }) => {
          deadlines.push(deadline);
          return pause(10_000);
        }),
      ),
    );
    expect([deadlines, clock.now()]).toEqual([[17], 17]);
  });

  test("asyncio test_nested_timeouts: of two with one deadline, the outer one expires", async () => {
    const names: string[] = [];
    const error = await clock.run(() =>
      errorOf(
        timeout(
          10,
          async ({ signal }) => {
            const inner = errorOf(timeout(10, ({ sleep: pause }) => pause(10_000), { signal, name: "inner" }));
            const caught = (await inner) as Error;
            names.push(caught.name);
            throw caught;
          },
          { name: "outer" },
        ),
      ),
    );
    expect([names, (error as Error).message]).toEqual([["AbortError"], "outer timed out after 10 ms"]);
  });

  test("asyncio test_waiter_cancelled: the work sees a cancellation, the caller a TimeoutError", async () => {
    let seen: unknown;
    const error = await clock.run(() =>
      errorOf(timeout(10, ({ signal }) => waitUntilAborted(signal, (reason) => (seen = reason)))),
    );
    expect(seen).toMatchObject({ name: "AbortError", kind: "deadline" });
    expect(error).toMatchObject({ name: "TimeoutError", cause: seen });
  });

  test("asyncio test_timeout_not_called: work that ends in time is not disturbed", async () => {
    await clock.run(() => timeout(10_000, ({ sleep: pause }) => pause(10)));
    expect([clock.now(), clock.pending]).toEqual([10, 0]);
  });

  test("asyncio test_timeout_disabled, test_timeout_at_disabled: Infinity never expires", async () => {
    await clock.run(() => timeout(Infinity, ({ sleep: pause }) => pause(1_000_000)));
    expect(clock.now()).toBe(1_000_000);
  });

  test("asyncio test_timeout_zero, test_timeout_in_the_past: expires at once, and the work is not begun", async () => {
    const log: string[] = [];
    for (const ms of [0, -5])
      expect(await errorOf(timeout(ms, () => void log.push("begun")))).toMatchObject({ name: "TimeoutError" });
    expect([log, clock.now()]).toEqual([[], 0]);
  });

  test("asyncio test_timeout_zero_sleep_zero, test_timeout_in_the_past_sleep_zero: cuts even an empty sleep", async () => {
    const log: string[] = [];
    const work = ({ sleep: pause }: { readonly sleep: (ms: number) => Promise<void> }): Promise<unknown> =>
      pause(0).then(() => log.push("slept"));
    for (const ms of [0, -5]) expect(await errorOf(timeout(ms, work))).toMatchObject({ name: "TimeoutError" });
    expect(log).toEqual([]);
  });

  test("asyncio test_foreign_exception_passed: another error passes unchanged", async () => {
    const failure = new ZeroDivisionError("1/0");
    const error = await errorOf(
      timeout(10, () => {
        throw failure;
      }),
    );
    expect([error === failure, suppressedErrors(error)]).toEqual([true, []]);
  });

  test("asyncio test_timeout_exception_context: what the work rejected with is the cause of the TimeoutError", async () => {
    const error = await clock.run(() =>
      errorOf(
        timeout(10, async ({ signal, sleep: pause }) => {
          try {
            await pause(10_000);
          } catch (caught) {
            throw Object.assign(new Error("gave up", { cause: caught }), { name: "AbortError" });
          } finally {
            expect(signal.aborted).toBe(true);
          }
        }),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", cause: { message: "gave up", cause: { kind: "deadline" } } });
  });

  test("asyncio test_foreign_exception_on_timeout: an error of the cleanup wins, and the TimeoutError is reachable from it", async () => {
    const error = await clock.run(() =>
      errorOf(
        timeout(10, async ({ signal }) => {
          await waitUntilAborted(signal, () => new ZeroDivisionError("1/0"));
        }),
      ),
    );
    expect(error).toBeInstanceOf(ZeroDivisionError);
    expect(suppressedErrors(error)).toMatchObject([{ name: "TimeoutError" }]);
  });

  test("asyncio test_foreign_cancel_doesnt_timeout_if_not_expired: an abort from outside is no TimeoutError", async () => {
    const outer = new AbortController();
    const error = await clock.run(() => {
      void sleep(5).then(() => outer.abort("outer"));
      return errorOf(timeout(10_000, ({ sleep: pause }) => pause(10_000), { signal: outer.signal }));
    });
    expect([(error as Error).cause, clock.now()]).toEqual(["outer", 5]);
  });

  test("asyncio test_outer_task_is_not_cancelled: after the TimeoutError was caught, the caller goes on", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async ({ signal, cancelled }) => {
        await errorOf(timeout(10, ({ sleep: pause }) => pause(10_000), { signal }));
        await sleep(1, { signal });
        log.push(`went on, ${cancelled}`);
      }),
    );
    expect(log).toEqual(["went on, false"]);
  });

  test("asyncio test_nested_timeouts_concurrent: both passed while the program blocked; the inner one is caught, the outer one still expires", async () => {
    const log: string[] = [];
    const error = await clock.run(() =>
      errorOf(
        timeout(
          20,
          async ({ signal, sleep: pause }) => {
            const inner = errorOf(timeout(10, (context) => context.sleep(10_000), { signal, name: "inner" }));
            await turn();
            clock.block(30);
            log.push(((await inner) as Error).name);
            await pause(10_000);
          },
          { name: "outer" },
        ),
      ),
    );
    // Which of the two the inner one reports depends on whose timer the host calls first.
    expect(log).toHaveLength(1);
    expect([(error as Error).message, clock.now()]).toEqual(["outer timed out after 20 ms", 30]);
  });

  test("asyncio test_nested_timeouts_loop_busy: after the inner one was caught, a later wait is bounded by the outer one", async () => {
    const log: string[] = [];
    const error = await clock.run(() =>
      errorOf(
        timeout(
          100,
          async ({ signal, sleep: pause }) => {
            log.push(((await errorOf(timeout(10, (context) => context.sleep(10_000), { signal }))) as Error).name);
            clock.block(50);
            await pause(10_000);
          },
          { name: "outer" },
        ),
      ),
    );
    expect([log, (error as Error).message, clock.now()]).toEqual([
      ["TimeoutError"],
      "outer timed out after 100 ms",
      100,
    ]);
  });

  test("asyncio test_nested_timeout_in_finally: a fresh timeout under no signal works in the cleanup of an expired one", async () => {
    const log: unknown[] = [];
    await clock.run(() =>
      errorOf(
        timeout(10, async ({ sleep: pause }) => {
          try {
            await pause(10_000);
          } finally {
            log.push(await errorOf(timeout(20, (context) => context.sleep(10_000), { name: "cleanup" })));
          }
        }),
      ),
    );
    expect(log).toMatchObject([{ message: "cleanup timed out after 20 ms" }]);
    expect(clock.now()).toBe(30);
  });

  test("asyncio test_timeout_after_cancellation: a new timeout works after a cancellation that was swallowed", async () => {
    const outer = new AbortController();
    const error = await clock.run(async () => {
      const sleeping = errorOf(sleep(10_000, { signal: outer.signal }));
      outer.abort();
      await sleeping;
      return await errorOf(timeout(10, ({ sleep: pause }) => pause(10_000)));
    });
    expect(error).toMatchObject({ name: "TimeoutError" });
  });

  test("asyncio test_timeout_taskgroup: around a group whose child fails in its cleanup, the group's error wins", async () => {
    const error = await clock.run(() =>
      errorOf(
        timeout(10, ({ signal }) =>
          taskGroup(
            (group) => {
              group.spawn((context) => waitUntilAborted(context.signal, () => new ZeroDivisionError("1/0")));
            },
            { signal },
          ),
        ),
      ),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [{ message: "1/0" }] });
    expect(suppressedErrors(error)).toMatchObject([{ name: "TimeoutError" }]);
  });
});

describe("asyncio.wait_for", () => {
  test("asyncio test_asyncio_wait_for_timeout: returns only after a stubborn task has ended", async () => {
    const log: string[] = [];
    const error = await clock.run(() =>
      errorOf(
        timeout(10, async ({ signal }) => {
          await waitUntilAborted(signal).catch(() => {});
          await sleep(300);
          log.push("ended");
          throw signal.reason;
        }),
      ),
    );
    log.push((error as Error).name);
    expect([log, clock.now()]).toEqual([["ended", "TimeoutError"], 310]);
  });

  test("asyncio test_asyncio_wait_for_cancelled: the same for an abort from outside", async () => {
    const outer = new AbortController();
    const log: string[] = [];
    const error = await clock.run(() => {
      void sleep(10).then(() => outer.abort("outer"));
      return errorOf(
        timeout(
          10_000,
          async ({ signal }) => {
            await waitUntilAborted(signal).catch(() => {});
            await sleep(300);
            log.push("ended");
            throw signal.reason;
          },
          { signal: outer.signal },
        ),
      );
    });
    expect([log, (error as Error).cause, clock.now()]).toEqual([["ended"], "outer", 310]);
  });

  test("asyncio test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started: is not begun", async () => {
    let begun = false;
    for (const ms of [0, -1]) await errorOf(timeout(ms, () => void (begun = true)));
    expect(begun).toBe(false);
  });

  test("asyncio test_wait_for: the work's finally has run before the TimeoutError", async () => {
    const log: string[] = [];
    await clock.run(() =>
      timeout(100, async ({ sleep: pause }) => {
        try {
          await pause(10_000);
        } finally {
          log.push("finally");
        }
      }).catch((error: unknown) => log.push((error as Error).name)),
    );
    expect(log).toEqual(["finally", "TimeoutError"]);
  });

  test("asyncio test_wait_for_blocking: without a limit gives the value", async () => {
    expect(await clock.run(() => timeout(Infinity, () => sleep(10).then(() => "done")))).toBe("done");
  });

  test("asyncio test_wait_for_race_condition: a value from before the deadline wins, in the same turn too", async () => {
    const gate = new Gate<string>();
    const result = clock.run(() => {
      clock.setTimer(() => gate.open("ok"), 100);
      return timeout(100, () => gate.promise);
    });
    expect(await result).toBe("ok");
  });

  test("asyncio test_wait_for_cancellation_race_condition, test_wait_for_cancel_suppressed: work that swallows the abort and returns has its value", async () => {
    const outer = new AbortController();
    const value = await clock.run(() => {
      void sleep(10).then(() => outer.abort());
      return timeout(
        100,
        async ({ signal }) => {
          await waitUntilAborted(signal).catch(() => {});
          return "value";
        },
        { signal: outer.signal },
      );
    });
    expect(value).toBe("value");
  });

  test("asyncio test_wait_for_waits_for_task_cancellation: asynchronous cleanup is awaited, and the cause is the echo", async () => {
    const log: string[] = [];
    const error = await clock.run(() =>
      errorOf(
        timeout(10, async ({ sleep: pause }) => {
          try {
            await pause(10_000);
          } finally {
            await sleep(100);
            log.push("cleaned up");
          }
        }),
      ),
    );
    expect([log, error]).toMatchObject([["cleaned up"], { name: "TimeoutError", cause: { kind: "deadline" } }]);
  });

  test("asyncio test_wait_for_reraises_exception_during_cancellation: an error of the cleanup wins", async () => {
    const error = await clock.run(() =>
      errorOf(timeout(10, ({ signal }) => waitUntilAborted(signal, () => new ZeroDivisionError("1/0")))),
    );
    expect(error).toBeInstanceOf(ZeroDivisionError);
  });

  test("asyncio test_cancel_wait_for: an abort from outside reaches the work", async () => {
    const outer = new AbortController();
    const log: unknown[] = [];
    const error = await clock.run(() => {
      void sleep(10).then(() => outer.abort("outer"));
      return errorOf(
        timeout(100, ({ signal }) => waitUntilAborted(signal, (reason) => (log.push(reason), reason)), {
          signal: outer.signal,
        }),
      );
    });
    expect(log).toEqual([error]);
  });

  test("asyncio test_wait_for_issue86296: after an abort in the turn in which the work ends, the next wait rejects", async () => {
    const outer = new AbortController();
    const log: unknown[] = [];
    await clock.run(async () => {
      const { signal } = outer;
      const gate = new Gate<string>();
      const running = timeout(100, () => gate.promise, { signal });
      gate.open("value");
      outer.abort("outer");
      log.push(await running, ((await errorOf(sleep(1, { signal }))) as Error).cause);
    });
    expect(log).toEqual(["value", "outer"]);
  });

  test("asyncio WaitForShieldTests.test_shielded_timeout: work that a group outside owns survives the timeout", async () => {
    const late: unknown[] = [];
    const listening = onLateError((error) => void late.push(error));
    const log: unknown[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        const task = group.spawn(() => sleep(100).then(() => "value"));
        const error = await errorOf(timeout(10, ({ signal }) => task.join({ signal })));
        log.push((error as Error).name, task.state, await task.join());
      }),
    );
    listening[Symbol.dispose]();
    expect([log, late]).toEqual([["TimeoutError", "running", "value"], []]);
  });
});
