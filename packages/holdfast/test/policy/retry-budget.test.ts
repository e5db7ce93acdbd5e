/** What a budget lets through, how `retry` asks it, and what it refuses to be. */
import * as fc from "fast-check";
import { attemptsOf, batch, onLateError, retry, retryBudget, type RetryBudgetEvent } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { abortAt, Flaky } from "./attempts.ts";

const clock = useFakeClock();
const exact = { baseDelay: 100, jitter: "none" } as const;

describe("retryBudget", () => {
  test("has ten retries a second, for ten seconds, without any call, and one for each five calls", () => {
    const budget = retryBudget();
    expect(budget.available).toBe(100);
    for (let call = 0; call < 14; call++) budget.deposit();
    expect(budget.available).toBe(102);
    budget.deposit();
    expect(budget.available).toBe(103);
  });

  test("counts exactly: a hundred calls with a ratio of 0.29 are 29 retries, not a little less", () => {
    const budget = retryBudget({ ratio: 0.29, minPerSecond: 0 });
    for (let call = 0; call < 100; call++) budget.deposit();
    expect(budget.available).toBe(29);
    const granted = Array.from({ length: 31 }, () => budget.withdraw("call")).filter(Boolean).length;
    expect({ granted, available: budget.available, refused: budget.refused }).toEqual({
      granted: 29,
      available: 0,
      refused: 2,
    });
  });

  test("forgets calls and retries after ten seconds, without a timer", async () => {
    const budget = retryBudget({ ratio: 1, minPerSecond: 0.1 });
    const seen: number[] = [];
    budget.deposit();
    await clock.advanceBy(4_000);
    budget.deposit();
    expect([budget.withdraw("a"), budget.withdraw("a"), budget.withdraw("a"), budget.withdraw("a")]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    for (const ms of [5_999, 1, 3_999, 1, 1e9]) {
      await clock.advanceBy(ms);
      seen.push(budget.available);
    }
    // The first call is over at 10,000, what the second earned and the retries took at 14,000.
    expect(seen).toEqual([0, 0, 0, 1, 1]);
    expect({ pending: clock.pending, made: clock.made }).toEqual({ pending: 0, made: 0 });
  });

  test("BUDGET-1: of the last ten seconds, retries are at most ratio for each call and minPerSecond for each second", async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ wait: fc.oneof(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 9_000, max: 30_000 })) }),
        fc.record({ calls: fc.integer({ min: 1, max: 20 }) }),
        fc.record({ retries: fc.integer({ min: 1, max: 20 }) }),
      ),
      { maxLength: 60 },
    );
    const options = fc.record({
      ratio: fc.constantFrom(0, 0.1, 0.2, 0.5, 1, 3),
      minPerSecond: fc.constantFrom(0, 0.1, 0.5, 1, 10),
    });
    await fc.assert(
      fc.asyncProperty(steps, options, async (list, { ratio, minPerSecond }) => {
        const budget = retryBudget({ ratio, minPerSecond });
        const calls: number[] = [];
        const retries: number[] = [];
        const recent = (seconds: readonly number[]): number =>
          seconds.filter((second) => second > Math.floor(clock.now() / 1000) - 10).length;
        for (const step of list) {
          if ("wait" in step) await clock.advanceBy(step.wait);
          const second = Math.floor(clock.now() / 1000);
          if ("calls" in step)
            for (let call = 0; call < step.calls; call++) {
              budget.deposit();
              calls.push(second);
            }
          if ("retries" in step)
            for (let call = 0; call < step.retries; call++) {
              const left = 10 * minPerSecond + ratio * recent(calls) - recent(retries);
              const available = Math.max(0, Math.floor(Math.round(left * 1000) / 1000));
              expect(budget.available).toBe(available);
              expect(budget.withdraw("call")).toBe(available > 0);
              if (available > 0) retries.push(second);
            }
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  }, 30_000);

  for (const [options, name, message] of [
    [{ ratio: -1 }, "RangeError", "retryBudget: ratio must be a finite number >= 0, got -1 (number)"],
    [{ ratio: Number.NaN }, "RangeError", "retryBudget: ratio must be a finite number >= 0, got NaN (number)"],
    [{ ratio: "0.1" }, "TypeError", "retryBudget: ratio must be a finite number >= 0, got 0.1 (string)"],
    [
      { minPerSecond: Infinity },
      "RangeError",
      "retryBudget: minPerSecond must be a finite number >= 0, got Infinity (number)",
    ],
    [{ onEvent: true }, "TypeError", "retryBudget: onEvent takes a function, got true (boolean)"],
  ] as const)
    test(`refuses what can't be: ${message}`, () => {
      const make: { call(options: unknown): unknown }["call"] = retryBudget;
      let error: unknown;
      try {
        make(options);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ name, message });
    });
});

describe("retry with a budget", () => {
  test("adds to it with each first attempt and takes from it with each retry", async () => {
    const budget = retryBudget({ ratio: 1, minPerSecond: 0.5 });
    expect(await retry(() => "value", { budget })).toBe("value");
    expect(budget.available).toBe(6);
    expect(await clock.run(() => retry(new Flaky(2).run, { ...exact, budget, timeout: 50 }))).toBe("value");
    expect({ available: budget.available, refused: budget.refused }).toEqual({ available: 5, refused: 0 });
  });

  test("that is used up throws the attempt's error at once, with the attempts before it; the budget's onEvent is told", async () => {
    const events: RetryBudgetEvent[] = [];
    const budget = retryBudget({
      ratio: 0,
      minPerSecond: 0.1,
      name: "api",
      onEvent: (event) => void events.push(event),
    });
    const flaky = new Flaky(Infinity);
    const error = await clock.run(() => rejection(retry(flaky.run, { ...exact, budget, name: "fetch user" })));
    expect(error).toBe(flaky.errors[1]);
    expect(attemptsOf(error).map(({ attempt, delay }) => [attempt, delay])).toEqual([
      [1, 100],
      [2, undefined],
    ]);
    expect(clock.now()).toBe(100);
    expect(events).toEqual([{ type: "reject", policy: "api", call: "fetch user", at: 100 }]);
    expect(budget.refused).toBe(1);
  });

  test("bounds a storm: of a hundred calls that fail three times over, only what the budget has is added", async () => {
    const budget = retryBudget({ ratio: 0.1, minPerSecond: 0 });
    const flaky = new Flaky(Infinity);
    await clock.run(() =>
      Promise.all(Array.from({ length: 100 }, () => rejection(retry(flaky.run, { ...exact, budget })))),
    );
    expect({ calls: flaky.calls, available: budget.available }).toEqual({ calls: 110, available: 0 });
  });

  test("is not asked for what is not tried again anyway, nor after an abort", async () => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 0.1 });
    const controller = new AbortController();
    await rejection(retry(new Flaky(1).run, { budget, retries: 0 }));
    await rejection(retry(new Flaky(1).run, { budget, shouldRetry: () => false }));
    const onFailedAttempt = (): void => controller.abort();
    await rejection(retry(new Flaky(1).run, { budget, signal: controller.signal, onFailedAttempt }));
    expect({ available: budget.available, refused: budget.refused }).toEqual({ available: 1, refused: 0 });
  });

  test("that is used up has a refused value returned, as without retries left", async () => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 0 });
    expect(await retry(({ attempt }) => attempt, { budget, shouldRetryResult: () => true })).toBe(1);
    expect(budget.refused).toBe(1);
  });

  test("is that of a batch's items too", async () => {
    const budget = retryBudget({ ratio: 0.5, minPerSecond: 0 });
    const flaky = new Flaky(Infinity);
    const report = await clock.run(() =>
      batch([1, 2, 3, 4], flaky.run, { concurrency: 4, retry: { ...exact, budget } }),
    );
    expect(report.failures.map(({ attempts }) => attempts.length).toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2]);
  });

  test("R17: whose onEvent throws works all the same; that is a late error", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const broken = new Error("hook");
    const budget = retryBudget({
      ratio: 0,
      minPerSecond: 0,
      onEvent: () => {
        throw broken;
      },
    });
    const flaky = new Flaky(Infinity);
    expect(await rejection(retry(flaky.run, { budget, signal: abortAt(clock, 1) }))).toBe(flaky.errors[0]);
    expect(late).toEqual([[broken, "retryBudget: onEvent"]]);
    await clock.advanceUntilIdle();
  });

  test("of one's own making is as good, and what is none is refused", async () => {
    const log: string[] = [];
    const budget = {
      available: 0,
      refused: 0,
      deposit: () => void log.push("deposit"),
      withdraw: (call: string) => log.push(`withdraw for ${call}`) < 3,
    };
    await clock.run(() => rejection(retry(new Flaky(9).run, { budget, name: "poll" })));
    expect(log).toEqual(["deposit", "withdraw for poll", "withdraw for poll"]);
    const call: { call(run: unknown, options: unknown): Promise<unknown> }["call"] = retry;
    for (const wrong of [3, null, {}])
      expect(await rejection(call(() => 1, { budget: wrong }))).toMatchObject({
        name: "TypeError",
        message: `retry: budget must be what retryBudget() makes, got ${String(wrong)}`,
      });
  });
});
