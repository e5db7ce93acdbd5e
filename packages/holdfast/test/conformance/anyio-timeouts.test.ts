/** The tests of `fail_after` and `move_on_after` in anyio's test_taskgroups.py. The titles carry the names from there; README.md has the list. */
import { CancelledError, ErrorGroup, shield, sleep, taskGroup, timeout, TimeoutError } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate } from "../core/outcome.ts";

const clock = useFakeClock();
const outerReason = new Error("outer");
const never = 86_400_000;

for (const [name, ms] of [
  ["anyio test_fail_after[instant]", 0],
  ["anyio test_fail_after[delayed]", 50],
] as const)
  test(`${name}: a limit of ${ms} ms is a TimeoutError after ${ms} ms`, async () => {
    const error = await clock.run(() => errorOf(timeout(ms, ({ sleep: pause }) => pause(never))));
    expect(error).toMatchObject({ name: "TimeoutError", timeout: ms });
    expect(clock.now()).toBe(ms);
  });

test("anyio test_fail_after_no_timeout: Infinity is no limit, and no timer", async () => {
  const seen = await timeout(Infinity, ({ deadline, timeLeft }) => [deadline, timeLeft]);
  expect([seen, clock.made]).toEqual([[Infinity, Infinity], 0]);
});

test("anyio test_fail_after_after_cancellation: a limit works after a cancelled group", async () => {
  const error = await clock.run(() =>
    errorOf(
      taskGroup(async (group) => {
        await errorOf(
          taskGroup(async (cancelled) => {
            cancelled.cancel();
            await sleep(never, { signal: cancelled.signal });
          }),
        );
        return await timeout(100, ({ sleep: pause }) => pause(never), { signal: group.signal });
      }),
    ),
  );
  expect((error as ErrorGroup).errors).toMatchObject([{ name: "TimeoutError", timeout: 100 }]);
  expect(clock.now()).toBe(100);
});

test("anyio test_fail_after_reason: the error says what had run out of time", async () => {
  const error = await clock.run(() =>
    errorOf(timeout(50, ({ sleep: pause }) => pause(never), { name: "fetch of the price list" })),
  );
  expect((error as Error).message).toBe("fetch of the price list timed out after 50 ms");
});

test("anyio test_fail_at*: a point in time is a limit too: what is left until then", async () => {
  clock.block(1000);
  const until = 1500;
  const error = await clock.run(() => errorOf(timeout(until - clock.now(), ({ sleep: pause }) => pause(never))));
  expect(error).toBeInstanceOf(TimeoutError);
  expect(clock.now()).toBe(until);
  // One that has passed already, and one that never comes.
  expect(await errorOf(timeout(until - clock.now() - 1, () => "value"))).toBeInstanceOf(TimeoutError);
  expect(await timeout(Infinity - clock.now(), () => "value")).toBe("value");
});

test("anyio test_fail_after_cancelled_before_deadline: a cancel before the deadline is no timeout", async () => {
  const error = await clock.run(() =>
    errorOf(
      taskGroup(
        async (group) => {
          group.cancel("enough");
          await sleep(never, { signal: group.signal });
        },
        { timeout: 100 },
      ),
    ),
  );
  expect(error).toBeInstanceOf(CancelledError);
  expect(error).toMatchObject({ kind: "cancel", cause: "enough" });
});

test("anyio test_fail_after_scope_cancelled_before_timeout: a cancel is the first cause, also when the deadline passes before anybody notices", async () => {
  const error = await clock.run(() =>
    errorOf(
      taskGroup(
        async (group) => {
          group.cancel();
          clock.block(1000);
          await turn();
          await sleep(never, { signal: group.signal });
        },
        { timeout: 100 },
      ),
    ),
  );
  expect(error).toMatchObject({ name: "AbortError", kind: "cancel" });
});

describe("anyio test_move_on_after*", () => {
  for (const ms of [0, 50])
    test(`anyio test_move_on_after*: after ${ms} ms the fallback's value is the outcome`, async () => {
      const value = await clock.run(() =>
        timeout(ms, ({ sleep: pause }) => pause(never), { fallback: (error) => error.timeout }),
      );
      expect([value, clock.now()]).toEqual([ms, ms]);
    });

  test("anyio test_move_on_after*: in time the fallback is not called", async () => {
    let calls = 0;
    const value = await clock.run(() =>
      timeout(50, ({ sleep: pause }) => pause(10).then(() => "value"), { fallback: () => calls++ }),
    );
    expect([value, calls]).toEqual(["value", 0]);
  });

  test("anyio test_move_on_after*: without a limit nothing is moved on from", async () => {
    const value = await clock.run(() =>
      timeout(Infinity, ({ sleep: pause }) => pause(never).then(() => "value"), { fallback: () => "moved on" }),
    );
    expect(value).toBe("value");
  });
});

test("anyio test_move_on_at*: the fallback is called at the point in time, or at once when that has passed", async () => {
  clock.block(1000);
  const limit = (until: number): Promise<string> =>
    timeout(until - clock.now(), ({ sleep: pause }) => pause(never).then(() => "value"), {
      fallback: () => `moved on at ${clock.now()}`,
    });
  expect(await clock.run(() => limit(1100))).toBe("moved on at 1100");
  expect(await clock.run(() => limit(500))).toBe("moved on at 1100");
});

test("anyio test_nested_move_on_after: the outer limit ends the inner work, and only the outer fallback is called", async () => {
  const log: string[] = [];
  const value = await clock.run(() =>
    timeout(
      100,
      async ({ signal }) => {
        const inner = await timeout(
          1000,
          async ({ sleep: pause, deadline }) => {
            log.push(`deadline ${deadline}`);
            await pause(never);
          },
          { signal, fallback: () => "inner" },
        );
        log.push("not reached");
        return inner;
      },
      { fallback: () => "outer" },
    ),
  );
  expect([value, clock.now(), log]).toEqual(["outer", 100, ["deadline 100"]]);
});

test("anyio test_nested_move_on_after: the inner limit ends the inner work, and the outer work goes on", async () => {
  const value = await clock.run(() =>
    timeout(
      1000,
      async ({ signal, sleep: pause }) => {
        const inner = await timeout(100, (context) => context.sleep(never), { signal, fallback: () => "inner" });
        await pause(100);
        return inner;
      },
      { fallback: () => "outer" },
    ),
  );
  expect([value, clock.now()]).toEqual(["inner", 200]);
});

test("anyio test_cancel_scope_cleared: nothing is left of a limit that ran out", async () => {
  await clock.run(() =>
    taskGroup(async (group) => {
      await timeout(100, ({ sleep: pause }) => pause(never), { signal: group.signal, fallback: () => {} });
      await sleep(0, { signal: group.signal });
    }),
  );
  expect(clock.now()).toBe(100);
});

test("anyio test_shielded_deadline: a shield keeps a deadline off; a limit inside has its own", async () => {
  const deadlines: number[] = [];
  await clock.run(() =>
    timeout(10_000, async ({ signal, deadline }) => {
      deadlines.push(deadline);
      await shield(
        async (context) => {
          deadlines.push(context.deadline);
          await timeout(1_000_000, (inner) => void deadlines.push(inner.deadline), { signal: context.signal });
        },
        { signal },
      );
      await timeout(1_000_000, (inner) => void deadlines.push(inner.deadline), { signal });
    }),
  );
  expect(deadlines).toEqual([10_000, Infinity, 1_000_000, 10_000]);
});

test("anyio test_deadline_reached_on_start: a group whose time is over from the start cancels the first wait of its body", async () => {
  const log: string[] = [];
  const error = await clock.run(() =>
    errorOf(
      taskGroup(
        async ({ signal }) => {
          await sleep(0, { signal });
          log.push("not reached");
        },
        { timeout: 0 },
      ),
    ),
  );
  expect(error).toMatchObject({ name: "TimeoutError", layer: "group", timeout: 0 });
  expect(log).toEqual([]);
});

test("anyio test_deadline_moved: a deadline never moves; who needs more time calls again, who needs less nests", async () => {
  const seen: number[] = [];
  const value = await clock.run(async () => {
    const first = await timeout(
      100,
      async ({ signal, deadline, sleep: pause }) => {
        seen.push(deadline);
        await timeout(50, (inner) => void seen.push(inner.deadline), { signal });
        await timeout(500, (inner) => void seen.push(inner.deadline), { signal });
        await pause(never);
        return "in time";
      },
      { fallback: () => "again" },
    );
    return [first, await timeout(500, ({ sleep: pause }) => pause(400).then(() => "in time"))];
  });
  expect(seen).toEqual([100, 50, 100]);
  expect([value, clock.now()]).toEqual([["again", "in time"], 500]);
});

test("anyio test_timeout_error_with_multiple_cancellations: around a group of many it is one TimeoutError", async () => {
  const ended: string[] = [];
  const error = await clock.run(() =>
    errorOf(
      timeout(100, ({ signal }) =>
        taskGroup(
          async (group) => {
            for (const name of ["a", "b", "c"])
              group.spawn(({ sleep: pause }) => pause(never).finally(() => ended.push(name)));
            await sleep(never, { signal: group.signal });
          },
          { signal },
        ),
      ),
    ),
  );
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ layer: "timeout", timeout: 100 });
  expect(ended).toEqual(["a", "b", "c"]);
});

test("anyio test_nested_fail_after: an outer cancel is not reported as the inner limit's", async () => {
  const log: string[] = [];
  const value = await clock.run(() =>
    taskGroup(async (group) => {
      group.spawn(async ({ signal }) => {
        const error = await errorOf(timeout(1000, ({ sleep: pause }) => pause(never), { signal }));
        log.push(error === signal.reason ? "the reason" : String(error));
      });
      await sleep(10);
      group.cancel();
      // Past the inner deadline, before anybody has noticed.
      clock.block(5000);
      return "value";
    }),
  );
  expect([value, log]).toEqual(["value", ["the reason"]]);
});

test("anyio test_nested_shield: a limit inside a shield is a TimeoutError, though all around is cancelled", async () => {
  const error = await clock.run(() =>
    errorOf(
      taskGroup((group) => {
        group.spawn(({ signal }) =>
          shield(
            (context) => timeout(200, ({ sleep: pause }) => pause(never), { signal: context.signal, name: "flush" }),
            { signal },
          ),
        );
        void turn().then(() => group.cancel());
      }),
    ),
  );
  expect(error).toBeInstanceOf(ErrorGroup);
  expect((error as ErrorGroup).errors).toMatchObject([{ name: "TimeoutError", timeout: 200 }]);
  expect(clock.now()).toBe(200);
});

test("anyio test_cancelled_not_caught: a limit that ran out while nobody waited has cut nothing short", async () => {
  const outer = new AbortController();
  const value = await timeout(
    100,
    () => {
      clock.block(1000);
      outer.abort(outerReason);
      return "value";
    },
    { signal: outer.signal },
  );
  expect(value).toBe("value");
});

test("anyio test_cancelled_not_caught: a group that was cancelled and ended without a wait gives its value", async () => {
  const gate = new Gate();
  const value = await taskGroup(async (group) => {
    group.spawn(async ({ signal }) => {
      await aborted(signal);
      gate.open();
    });
    await turn();
    group.cancel();
    await gate.promise;
    return "value";
  });
  expect(value).toBe("value");
});
