/** trio's test_timeouts.py and what test_mock_clock.py says of a clock for tests. The titles carry the names from there; README.md has the list. */
import { shield, sleep, taskGroup, timeout, TimeoutError } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";

const clock = useFakeClock();
const outerReason = new Error("outer");

test("trio test_sleep: a sleep lasts as long as it says, from whenever it is called", async () => {
  const ends: number[] = [];
  await clock.run(async () => {
    await sleep(1000);
    ends.push(clock.now());
    await sleep(1000);
    ends.push(clock.now());
  });
  expect(ends).toEqual([1000, 2000]);
});

test("trio test_sleep: a sleep of 0 ms lets others run", async () => {
  const log: string[] = [];
  await clock.run(async () => {
    void Promise.resolve().then(() => log.push("another"));
    await sleep(0);
    log.push("after");
  });
  expect(log).toEqual(["another", "after"]);
});

test("trio test_sleep: a sleep of 0 ms under an expired limit rejects", async () => {
  const log: string[] = [];
  const error = await clock.run(() =>
    errorOf(
      timeout(10, async ({ sleep: pause }) => {
        clock.block(20);
        await turn();
        await pause(0).catch((caught: unknown) => {
          log.push((caught as Error).name);
          throw caught;
        });
      }),
    ),
  );
  // The deadline is over, but its timer comes first only in the next turn: the sleep is the wait in which it does.
  expect(log).toEqual(["AbortError"]);
  expect(error).toBeInstanceOf(TimeoutError);
});

test("trio test_move_on_after: with a fallback a limit that ran out is no error", async () => {
  const log: string[] = [];
  const value = await clock.run(() =>
    timeout(
      30,
      async ({ sleep: pause }) => {
        await pause(60_000);
        log.push("not reached");
        return "value";
      },
      { fallback: (error) => `nothing after ${error.timeout} ms` },
    ),
  );
  expect([value, clock.now(), log]).toEqual(["nothing after 30 ms", 30, []]);
});

test("trio test_context_shields_from_outer: a shielded limit ignores what is around it until the grace is over", async () => {
  const outer = new AbortController();
  const log: string[] = [];
  const error = await clock.run(() =>
    errorOf(
      shield(
        ({ signal }) =>
          timeout(
            60_000,
            async ({ sleep: pause, cancelled }) => {
              outer.abort(outerReason);
              log.push(`cancelled: ${cancelled}`);
              await pause(10);
              log.push(`still there at ${clock.now()}`);
              await pause(60_000);
              log.push("not reached");
            },
            { signal },
          ),
        { signal: outer.signal, grace: 100 },
      ),
    ),
  );
  expect(error).toBe(outerReason);
  expect([log, clock.now()]).toEqual([["cancelled: false", "still there at 10"], 100]);
});

test("trio test_move_on_after_moves_on_even_if_shielded: a limit's own deadline acts inside a shield", async () => {
  const outer = new AbortController();
  outer.abort(outerReason);
  const value = await clock.run(() =>
    shield(({ signal }) => timeout(10, ({ sleep: pause }) => pause(60_000), { signal, fallback: () => "moved on" }), {
      signal: outer.signal,
      grace: Infinity,
    }),
  );
  expect([value, clock.now()]).toEqual(["moved on", 10]);
});

test("trio test_fail_after_fails_even_if_shielded: a limit's own deadline is a TimeoutError inside a shield, though all around is aborted", async () => {
  const outer = new AbortController();
  outer.abort(outerReason);
  const error = await clock.run(() =>
    errorOf(
      shield(({ signal }) => timeout(10, ({ sleep: pause }) => pause(60_000), { signal }), {
        signal: outer.signal,
        grace: Infinity,
      }),
    ),
  );
  expect(error).toBeInstanceOf(TimeoutError);
  expect(clock.now()).toBe(10);
});

test("trio test_fail: work that lasts longer than its limit fails", async () => {
  const error = await clock.run(() => errorOf(timeout(10, ({ sleep: pause }) => pause(60_000))));
  expect(error).toMatchObject({ name: "TimeoutError", code: "ERR_TIMEOUT", timeout: 10, layer: "timeout" });
  expect(clock.now()).toBe(10);
});

test("trio test_fail: work that ends in time gives its value", async () => {
  const value = await clock.run(() => timeout(10, ({ sleep: pause }) => pause(9).then(() => "value")));
  expect([value, clock.now()]).toEqual(["value", 9]);
});

describe("trio test_timeouts_raise_value_error", () => {
  const nothing = (): void => {};
  const wrong: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["sleep(-1)", () => sleep(-1)],
    ["sleep(NaN)", () => sleep(NaN)],
    ["timeout(NaN)", () => timeout(NaN, nothing)],
    ["timeout with a grace of -1", () => timeout(1, nothing, { grace: -1 })],
    ["taskGroup with a timeout of -1", () => taskGroup(nothing, { timeout: -1 })],
    ["taskGroup with a timeout of NaN", () => taskGroup(nothing, { timeout: NaN })],
    ["shield with a grace of NaN", () => shield(nothing, { signal: new AbortController().signal, grace: NaN })],
  ];
  for (const [name, call] of wrong)
    test(`trio test_timeouts_raise_value_error: ${name} is refused with a rejection`, async () => {
      expect(await errorOf(call())).toBeInstanceOf(RangeError);
    });
});

test("trio test_timeouts_raise_value_error: a limit below 0 is one that has passed", async () => {
  expect(await errorOf(timeout(-1, () => "value"))).toBeInstanceOf(TimeoutError);
});

test("trio test_timeout_deadline_on_entry: the deadline is counted from the call", async () => {
  clock.block(1000);
  const seen = await timeout(500, ({ deadline, timeLeft }) => [deadline, timeLeft]);
  clock.block(1000);
  const later = await timeout(500, ({ deadline, timeLeft }) => [deadline, timeLeft]);
  expect([seen, later]).toEqual([
    [1500, 500],
    [2500, 500],
  ]);
});

test("trio test_timeout_deadline_on_entry: a limit of a task is counted from its start, not from the spawn", async () => {
  const gate = new Gate();
  const deadlines = await clock.run(() =>
    taskGroup(
      async (group) => {
        group.spawn(() => gate.promise);
        const second = group.spawn(({ deadline }) => deadline, { timeout: 500 });
        await sleep(1000);
        gate.open();
        return [await second.join(), clock.now()];
      },
      { concurrency: 1 },
    ),
  );
  expect(deadlines).toEqual([1500, 1000]);
});

test("trio test_mock_clock*: nothing passes by itself, and turning it fires what is due, in order", async () => {
  const log: string[] = [];
  const waits = [30, 10, 20].map((ms) => sleep(ms).then(() => log.push(`${ms} at ${clock.now()}`)));
  await turn();
  expect([clock.now(), log]).toEqual([0, []]);
  await clock.advanceBy(20);
  expect([clock.now(), log]).toEqual([20, ["10 at 10", "20 at 20"]]);
  await clock.advanceBy(10);
  await Promise.all(waits);
  expect([clock.now(), log]).toEqual([30, ["10 at 10", "20 at 20", "30 at 30"]]);
});

test("trio test_mock_clock_autojump: the clock jumps only when everything is idle", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup((group) => {
      group.spawn(async ({ sleep: pause }) => {
        await pause(60_000);
        log.push(`woken at ${clock.now()}`);
      });
      group.spawn(async () => {
        for (let step = 0; step < 1000; step++) await Promise.resolve();
        log.push(`busy until ${clock.now()}`);
      });
    }),
  );
  expect(log).toEqual(["busy until 0", "woken at 60000"]);
});

test("trio test_mock_clock_autojump: a body that waits for something without a timer is told so", async () => {
  const error = await errorOf(clock.run(() => new Gate().promise));
  expect((error as Error).message).toBe("nothing is ready and no timer runs at 0 ms: the body would wait for ever");
});
