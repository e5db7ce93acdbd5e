/** CPython's Lib/test/test_asyncio/test_waitfor.py, told of `timeout`. The titles carry the names from there; README.md has the list. */
import {
  abortable,
  ErrorGroup,
  isTimeout,
  shield,
  sleep,
  suppressedErrors,
  taskGroup,
  timeout,
  TimeoutError,
} from "holdfast";
import { expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";

const clock = useFakeClock();
const outerReason = new Error("outer");

/** Goes on for `ms` milliseconds after its signal has aborted, then ends by that. */
async function stubborn(signal: AbortSignal, ms: number, log: string[]): Promise<never> {
  await aborted(signal);
  log.push(`aborted at ${clock.now()}`);
  await sleep(ms);
  log.push(`ended at ${clock.now()}`);
  throw signal.reason;
}

test("asyncio test_asyncio_wait_for_cancelled: an outer abort is passed on only after the stubborn work has ended", async () => {
  const log: string[] = [];
  const outer = new AbortController();
  const error = await clock.run(() => {
    void sleep(10).then(() => outer.abort(outerReason));
    return errorOf(
      timeout(10_000, ({ signal }) => stubborn(signal, 500, log), { signal: outer.signal, grace: Infinity }),
    );
  });
  expect(error).toBe(outerReason);
  expect(log).toEqual(["aborted at 10", "ended at 510"]);
  expect(clock.now()).toBe(510);
});

test("asyncio test_asyncio_wait_for_timeout: a timeout is reported only after the stubborn work has ended", async () => {
  const log: string[] = [];
  const error = await clock.run(() =>
    errorOf(timeout(100, ({ signal }) => stubborn(signal, 5000, log), { grace: Infinity })),
  );
  expect(error).toBeInstanceOf(TimeoutError);
  expect(log).toEqual(["aborted at 100", "ended at 5100"]);
  expect(clock.now()).toBe(5100);
});

for (const ms of [0, -1]) {
  test(`asyncio test_wait_for_timeout_less_then_0_or_0_future_done: with a limit of ${ms} ms not even a value that is there already is asked for`, async () => {
    const done = Promise.resolve("done");
    let calls = 0;
    const error = await errorOf(
      timeout(ms, () => {
        calls++;
        return done;
      }),
    );
    expect([calls, isTimeout(error)]).toEqual([0, true]);
  });

  test(`asyncio test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started: with a limit of ${ms} ms the function is not called`, async () => {
    let calls = 0;
    const error = await errorOf(timeout(ms, () => void calls++));
    expect(calls).toBe(0);
    expect(error).toMatchObject({ name: "TimeoutError", timeout: ms, layer: "timeout", unresponsive: [] });
  });

  test(`asyncio test_wait_for_timeout_less_then_0_or_0: with a limit of ${ms} ms a task that runs already is not waited for, and goes on in its group`, async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        const task = group.spawn(async ({ sleep: pause }) => {
          log.push("started");
          await pause(100);
          log.push("finished");
        });
        await sleep(1);
        const error = await errorOf(timeout(ms, ({ signal }) => task.join({ signal })));
        log.push(isTimeout(error) ? "timeout" : "no timeout", task.state);
      }),
    );
    expect(log).toEqual(["started", "timeout", "running", "finished"]);
  });

  test(`asyncio test_wait_for_waits_for_task_cancellation_w_timeout_0: with a limit of ${ms} ms there is nothing to wait for, since nothing has started`, async () => {
    const log: string[] = [];
    const error = await errorOf(timeout(ms, ({ signal }) => stubborn(signal, 500, log), { grace: Infinity }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect([log, clock.now(), clock.made]).toEqual([[], 0, 0]);
  });
}

test("asyncio test_wait_for: the function's finally has run before the TimeoutError is there", async () => {
  const log: string[] = [];
  await clock.run(async () => {
    const error = await errorOf(
      timeout(100, async ({ sleep: pause }) => {
        try {
          await pause(200);
          log.push("not reached");
        } finally {
          log.push(`finally at ${clock.now()}`);
        }
      }),
    );
    log.push(isTimeout(error) ? "timeout" : "no timeout");
  });
  expect(log).toEqual(["finally at 100", "timeout"]);
});

test("asyncio test_wait_for_blocking: without a limit it is the function's value", async () => {
  const value = await clock.run(() =>
    timeout(Infinity, async ({ sleep: pause, deadline }) => {
      await pause(86_400_000);
      return ["done", deadline];
    }),
  );
  expect(value).toEqual(["done", Infinity]);
});

test("asyncio WaitForShield.test_none_timeout: without a limit a shielded function's value comes through", async () => {
  const outer = new AbortController();
  const value = await clock.run(() =>
    timeout(Infinity, ({ signal }) => shield(({ sleep: pause }) => pause(100).then(() => "done"), { signal }), {
      signal: outer.signal,
    }),
  );
  expect(value).toBe("done");
});

test("asyncio test_wait_for_race_condition: a value that is there before the deadline wins, also when both come in one turn", async () => {
  const gate = new Gate<string>();
  const result = timeout(100, ({ signal }) => abortable(gate.promise, { signal }));
  await clock.runCurrent();
  clock.block(100);
  gate.open("value");
  expect(await clock.run(() => result)).toBe("value");
});

test("asyncio test_wait_for_cancellation_race_condition: work that ends with a value in the turn of the abort keeps it", async () => {
  const outer = new AbortController();
  const gate = new Gate<string>();
  const result = timeout(1000, ({ signal }) => abortable(gate.promise, { signal }), { signal: outer.signal });
  gate.open("value");
  await gate.promise;
  outer.abort(outerReason);
  expect(await clock.run(() => result)).toBe("value");
});

test("asyncio test_wait_for_cancel_suppressed: work that swallows the abort and returns gives its value", async () => {
  const outer = new AbortController();
  const swallow = async ({ signal }: { readonly signal: AbortSignal }): Promise<string> => {
    await aborted(signal);
    return "value";
  };
  const [byDeadline, byAbort] = await clock.run(() => {
    void sleep(50).then(() => outer.abort(outerReason));
    return Promise.all([timeout(100, swallow), timeout(1000, swallow, { signal: outer.signal })]);
  });
  expect([byDeadline, byAbort]).toEqual(["value", "value"]);
});

test("asyncio test_wait_for_waits_for_task_cancellation: an asynchronous cleanup is awaited; the TimeoutError's cause is the cancellation", async () => {
  const log: string[] = [];
  let seen: unknown;
  const error = await clock.run(() =>
    errorOf(
      timeout(100, async ({ signal, sleep: pause }) => {
        try {
          await pause(1000);
        } catch (caught) {
          seen = caught;
          await shield(({ sleep: cleanup }) => cleanup(200), { signal });
          log.push(`cleaned up at ${clock.now()}`);
          throw caught;
        }
      }),
    ),
  );
  expect(log).toEqual(["cleaned up at 300"]);
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ cause: seen });
  expect(seen).toMatchObject({ name: "AbortError", kind: "deadline" });
});

test("asyncio test_wait_for_reraises_exception_during_cancellation: an error of the cleanup wins over the timeout, which stays beside it", async () => {
  const failure = new Error("cleanup");
  const error = await clock.run(() =>
    errorOf(
      timeout(100, async ({ sleep: pause }) => {
        try {
          await pause(1000);
        } finally {
          // oxlint-disable-next-line no-unsafe-finally
          throw failure;
        }
      }),
    ),
  );
  expect(error).toBe(failure);
  expect(suppressedErrors(error)).toMatchObject([{ name: "TimeoutError", timeout: 100 }]);
});

test("asyncio test_cancel_blocking_wait_for: without a limit an outer abort reaches the work", async () => {
  const outer = new AbortController();
  const error = await clock.run(() => {
    void sleep(10).then(() => outer.abort(outerReason));
    return errorOf(timeout(Infinity, ({ signal }) => waitUntilAborted(signal), { signal: outer.signal }));
  });
  expect([error, clock.now()]).toEqual([outerReason, 10]);
});

test("asyncio test_cancel_wait_for: within the limit an outer abort reaches the work, and is no timeout", async () => {
  const outer = new AbortController();
  const reasons: unknown[] = [];
  const error = await clock.run(() => {
    void sleep(10).then(() => outer.abort(outerReason));
    return errorOf(
      timeout(
        60_000,
        async ({ signal }) => {
          try {
            await waitUntilAborted(signal);
          } finally {
            reasons.push(signal.reason);
          }
        },
        { signal: outer.signal },
      ),
    );
  });
  expect([error, clock.now(), reasons]).toEqual([outerReason, 10, [outerReason]]);
});

test("asyncio test_wait_for_issue86296: when the abort comes in the turn in which the work ends, the caller gets no further than its next wait", async () => {
  const outer = new AbortController();
  const log: string[] = [];
  const gate = new Gate<string>();
  const result = taskGroup(
    async (group) => {
      log.push(await timeout(1000, ({ signal }) => abortable(gate.promise, { signal }), { signal: group.signal }));
      await sleep(1000, { signal: group.signal });
      log.push("not reached");
    },
    { signal: outer.signal },
  );
  await clock.runCurrent();
  gate.open("value");
  await gate.promise;
  outer.abort(outerReason);
  expect(await errorOf(result)).toBe(outerReason);
  expect(log).toEqual(["value"]);
});

test("asyncio WaitForShieldTests.test_zero_timeout: with no time at all a task of the group around is left alone", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      const task = group.spawn(async ({ sleep: pause }) => {
        await pause(100);
        log.push("finished");
        return "value";
      });
      log.push(isTimeout(await errorOf(timeout(0, ({ signal }) => task.join({ signal })))) ? "timeout" : "no timeout");
      log.push(await task.join());
    }),
  );
  expect(log).toEqual(["timeout", "finished", "value"]);
});

test("asyncio WaitForShieldTests.test_shielded_timeout: a task of the group around survives the timeout of who waits for it", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      const task = group.spawn(async ({ sleep: pause }) => {
        await pause(200);
        return "value";
      });
      const error = await errorOf(timeout(100, ({ signal }) => task.join({ signal })));
      log.push(`${isTimeout(error) ? "timeout" : "no timeout"} at ${clock.now()}, ${task.state}`);
      log.push(`${await task.join()} at ${clock.now()}`);
    }),
  );
  expect(log).toEqual(["timeout at 100, running", "value at 200"]);
});

test("asyncio WaitForShieldTests.test_shielded_timeout: what its group owns can still fail it after the timeout", async () => {
  const failure = new Error("late");
  const error = await clock.run(() =>
    errorOf(
      taskGroup(async (group) => {
        const task = group.spawn(async ({ sleep: pause }) => {
          await pause(200);
          throw failure;
        });
        await errorOf(timeout(100, ({ signal }) => task.join({ signal })));
      }),
    ),
  );
  expect(error).toBeInstanceOf(ErrorGroup);
  expect(error).toMatchObject({ errors: [failure] });
});
