/** How long `retry` waits between its calls. */
import { attemptsOf, retry, retryAfter, type RetryOptions } from "holdfast";
import { FakeClock, useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { Flaky } from "./attempts.ts";

const clock = useFakeClock();

/** The delays that `retry` has recorded, after checking that they are those that passed on the clock. */
async function delaysOf(options: RetryOptions<string>): Promise<number[]> {
  const times: number[] = [];
  const flaky = new Flaky(Infinity);
  const error = await clock.run(() =>
    rejection(
      retry(() => {
        times.push(clock.now());
        return flaky.run();
      }, options),
    ),
  );
  const delays = attemptsOf(error).flatMap(({ delay }) => delay ?? []);
  for (const [index, delay] of delays.entries()) {
    const passed = (times[index + 1] ?? Number.NaN) - (times[index] ?? Number.NaN);
    // A host timer counts whole milliseconds.
    expect(Math.abs(passed - delay)).toBeLessThan(1);
  }
  return delays;
}

/** What the clock's `random` gives, in order: the test's own clock has the same seed. */
function draws(count: number): number[] {
  const twin = new FakeClock();
  return Array.from({ length: count }, () => twin.random());
}

describe("the backoff", () => {
  test('with jitter "none" doubles from baseDelay up to maxDelay', async () => {
    expect(await delaysOf({ retries: 6, baseDelay: 100, maxDelay: 1_000, jitter: "none" })).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  test("by default starts at 200 ms, doubles, ends at 30,000 ms", async () => {
    expect(await delaysOf({ retries: 10, jitter: "none" })).toEqual([
      200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000,
    ]);
  });

  test("grows by factor; 1 keeps it as it is", async () => {
    expect(await delaysOf({ retries: 3, baseDelay: 10, factor: 3, jitter: "none" })).toEqual([10, 30, 90]);
    expect(await delaysOf({ retries: 3, baseDelay: 10, factor: 1, jitter: "none" })).toEqual([10, 10, 10]);
  });

  test('with jitter "full", the default, draws from 0 to the bound', async () => {
    const bounds = [200, 400, 800, 1_600];
    const expected = draws(4).map((draw, index) => draw * (bounds[index] ?? 0));
    expect(await delaysOf({ retries: 4 })).toEqual(expected);
  });

  test('with jitter "equal" draws from half of the bound to the bound', async () => {
    const bounds = [100, 200, 400, 500];
    const expected = draws(4).map((draw, index) => ((bounds[index] ?? 0) * (1 + draw)) / 2);
    expect(await delaysOf({ retries: 4, baseDelay: 100, maxDelay: 500, jitter: "equal" })).toEqual(expected);
  });

  test('with jitter "decorrelated" draws from baseDelay to three times the delay before, up to maxDelay', async () => {
    const expected: number[] = [];
    for (const draw of draws(8)) expected.push(Math.min(900, 100 + draw * ((expected.at(-1) ?? 100) * 3 - 100)));
    expect(await delaysOf({ retries: 8, baseDelay: 100, maxDelay: 900, jitter: "decorrelated" })).toEqual(expected);
  });

  test('with jitter "decorrelated" is never below baseDelay, however short the delay before was', async () => {
    const options = { retries: 3, baseDelay: 100, jitter: "decorrelated" } as const;
    expect(await delaysOf({ ...options, delay: ({ attempt }) => (attempt === 2 ? undefined : 1) })).toEqual([
      1, 100, 1,
    ]);
  });

  for (const jitter of ["full", "equal", "decorrelated", "none"] as const)
    test(`of 0 ms waits a turn, with jitter "${jitter}"`, async () => {
      expect(await delaysOf({ retries: 3, baseDelay: 0, jitter })).toEqual([0, 0, 0]);
    });

  test("never overflows: after 1,500 attempts it is still maxDelay", async () => {
    const delays = await delaysOf({ retries: 1_500, baseDelay: 1, maxDelay: 50, jitter: "none" });
    expect(delays.slice(-2)).toEqual([50, 50]);
    const none = await delaysOf({ retries: 1_500, baseDelay: 0, jitter: "none" });
    expect(none.slice(-2)).toEqual([0, 0]);
  });
});

describe("delay", () => {
  test("overrides the backoff: neither jittered nor capped by maxDelay", async () => {
    expect(
      await delaysOf({ retries: 3, baseDelay: 10, maxDelay: 50, delay: ({ attempt }) => attempt * 1_000 }),
    ).toEqual([1_000, 2_000, 3_000]);
  });

  test("that gives undefined leaves it to the backoff", async () => {
    expect(
      await delaysOf({
        retries: 3,
        baseDelay: 10,
        jitter: "none",
        delay: ({ attempt }) => (attempt === 2 ? 5_000 : undefined),
      }),
    ).toEqual([10, 5_000, 40]);
  });

  test("is given the context of the attempt that failed", async () => {
    const seen: unknown[] = [];
    const flaky = new Flaky(2);
    await clock.run(() =>
      retry(flaky.run, {
        retries: 4,
        delay: ({ attempt, retriesLeft, elapsed, error, result }) => {
          seen.push({ attempt, retriesLeft, elapsed, error, result });
          return 50;
        },
      }),
    );
    const [first, second] = flaky.errors;
    expect(seen).toEqual([
      { attempt: 1, retriesLeft: 4, elapsed: 0, error: first, result: { ok: false, error: first } },
      { attempt: 2, retriesLeft: 3, elapsed: 50, error: second, result: { ok: false, error: second } },
    ]);
  });

  test("may be what a server asked for", async () => {
    const failure = Object.assign(new Error("429"), { response: { headers: new Headers({ "Retry-After": "7" }) } });
    const promise = clock.run(() =>
      rejection(
        retry(
          () => {
            throw failure;
          },
          { retries: 1, delay: ({ error }) => retryAfter(error, { max: 60_000 }) },
        ),
      ),
    );
    expect(await promise).toBe(failure);
    expect(clock.now()).toBe(7_000);
  });

  for (const [value, name, message] of [
    [-1, "RangeError", "retry: delay must be a number of milliseconds >= 0 or Infinity, got -1 (number)"],
    [Number.NaN, "RangeError", "retry: delay must be a number of milliseconds >= 0 or Infinity, got NaN (number)"],
  ] as const)
    test(`of ${value} is refused, and does not hide what the attempt threw`, async () => {
      const flaky = new Flaky(Infinity);
      const error = await rejection(retry(flaky.run, { delay: () => value }));
      expect(error).toMatchObject({ name, message });
      expect(attemptsOf(error).map((attempt) => attempt.error)).toEqual(flaky.errors);
    });

  test("is not asked when no retry is left, nor when shouldRetry said no", async () => {
    const asked: number[] = [];
    const delay = ({ attempt }: { readonly attempt: number }): number => asked.push(attempt);
    await rejection(retry(new Flaky(9).run, { retries: 0, delay }));
    await rejection(retry(new Flaky(9).run, { shouldRetry: () => false, delay }));
    expect(asked).toEqual([]);
  });
});
