/** What people report of other libraries about trying again. See README.md. */
import {
  attemptsOf,
  isRetryable,
  retry,
  retryAfter,
  retryBudget,
  type RetryContext,
  sleep,
  StopRetry,
  suppressedErrors,
  TimeoutError,
  timeout,
} from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { abortAt, deaf, Flaky } from "../policy/attempts.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const reason = new Error("the user left");

describe("an abort", () => {
  test("cockatiel: wakes a backoff sleep at once, and its reason is thrown, not the last attempt's error", async () => {
    const flaky = new Flaky(Infinity);
    const options = { baseDelay: 1_000, jitter: "none", signal: abortAt(clock, 10, reason) } as const;
    const error = await clock.run(() => rejection(retry(flaky.run, options)));
    expect({ error, at: clock.now(), calls: flaky.calls }).toEqual({ error: reason, at: 10, calls: 1 });
    expect(suppressedErrors(error)).toEqual(flaky.errors);
  });

  test("exponential-backoff#69, async-retry: there is one at all, and the attempt sees it", async () => {
    const seen: unknown[] = [];
    const error = await clock.run(() =>
      rejection(
        retry(
          async ({ signal, sleep: wait }) => {
            await wait(1_000).catch(() => {});
            seen.push(signal.aborted);
            signal.throwIfAborted();
          },
          { signal: abortAt(clock, 10, reason) },
        ),
      ),
    );
    expect([error, seen, clock.now()]).toEqual([reason, [true], 10]);
  });

  test("p-retry: frees the caller though the attempt hangs and ignores it", async () => {
    const error = await clock.run(() => rejection(retry(deaf, { signal: abortAt(clock, 10, reason) })));
    expect([error, clock.now()]).toEqual([reason, 10]);
  });

  test("p-retry: gives an attempt that can stop its grace, and waits for it", async () => {
    const log: string[] = [];
    const error = await clock.run(() =>
      rejection(
        retry(
          async ({ signal }) => {
            await sleep(60_000, { signal }).catch(() => {});
            await sleep(200);
            log.push(`${clock.now()}: cleaned up`);
            signal.throwIfAborted();
          },
          { signal: abortAt(clock, 10, reason) },
        ),
      ),
    );
    expect([error, ...log]).toEqual([reason, "210: cleaned up"]);
  });
});

describe("a timeout around", () => {
  test("cockatiel: leaves no further attempt after it", async () => {
    const flaky = new Flaky(Infinity);
    const around = timeout(150, (context) =>
      retry(flaky.run, { signal: context.signal, baseDelay: 100, jitter: "none", retries: 10 }),
    );
    expect(await clock.run(() => rejection(around))).toBeInstanceOf(TimeoutError);
    expect([clock.now(), flaky.calls]).toEqual([150, 2]);
    await clock.advanceBy(10_000);
    expect(flaky.calls).toBe(2);
  });

  test("p-retry, maxRetryTime: ends an attempt that runs, not only the next one", async () => {
    let stopped: number | undefined;
    const error = await clock.run(() =>
      rejection(
        retry(
          async ({ signal }) => {
            await sleep(10_000, { signal }).catch(() => (stopped = clock.now()));
            signal.throwIfAborted();
          },
          { totalTimeout: 300 },
        ),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", layer: "total" });
    expect([stopped, clock.now()]).toEqual([300, 300]);
  });

  test("of an attempt is told from that of all of them", async () => {
    const error = await clock.run(() =>
      rejection(retry(({ sleep: wait }) => wait(1_000), { timeout: 100, retries: 1, baseDelay: 1 })),
    );
    expect(error).toMatchObject({ name: "TimeoutError", layer: "attempt" });
  });
});

describe("the number of retries", () => {
  test("p-retry, cockatiel, abort-controller-x, exponential-backoff: is of the calls after the first; the first attempt is 1", async () => {
    const seen: number[] = [];
    await clock.run(() =>
      rejection(
        retry(
          ({ attempt }) => {
            seen.push(attempt);
            throw reason;
          },
          { retries: 3 },
        ),
      ),
    );
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});

describe("Retry-After", () => {
  const limited = (header: string): Error =>
    Object.assign(new Error("429"), { response: { headers: new Headers({ "retry-after": header }) } });

  test("async-retry#68, ky#504: takes the place of the backoff, in seconds or as a date, capped", async () => {
    const starts: number[] = [];
    const answers = ["3", "Thu, 01 Jan 2026 00:00:10 GMT", "86400"];
    await clock.run(() =>
      retry(
        ({ attempt }) => {
          starts.push(clock.now());
          const answer = answers[attempt - 1];
          if (answer !== undefined) throw limited(answer);
        },
        { baseDelay: 1, delay: ({ error }) => retryAfter(error, { max: 60_000 }) },
      ),
    );
    expect(starts).toEqual([0, 3_000, 10_000, 70_000]);
  });

  test("p-retry: is not added to the computed delay", async () => {
    const starts: number[] = [];
    await clock.run(() =>
      retry(
        ({ attempt }) => {
          starts.push(clock.now());
          if (attempt === 1) throw limited("2");
        },
        { baseDelay: 500, jitter: "none", delay: ({ error }) => retryAfter(error) },
      ),
    );
    expect(starts).toEqual([0, 2_000]);
  });
});

describe("what is tried again", () => {
  test("p-retry#37, p-retry#51: a TypeError is, a bug in the program is not, and the rule can be replaced", async () => {
    const callsOf = async (error: Error, shouldRetry?: (context: RetryContext<never>) => boolean): Promise<number> => {
      let calls = 0;
      const run = (): never => {
        calls++;
        throw error;
      };
      await clock.run(() => rejection(retry(run, { retries: 2, shouldRetry })));
      return calls;
    };
    expect([
      await callsOf(new TypeError("fetch failed")),
      await callsOf(new ReferenceError("x is not defined")),
      await callsOf(new ReferenceError("x is not defined"), () => true),
      await callsOf(new TypeError("bug"), ({ error }) => !(error instanceof TypeError) && isRetryable(error)),
    ]).toEqual([3, 1, 3, 1]);
  });

  test("async-retry#69: nothing after a StopRetry, and its error itself is thrown", async () => {
    let calls = 0;
    const run = (): never => {
      calls++;
      throw new StopRetry(reason);
    };
    expect([await rejection(retry(run)), calls]).toEqual([reason, 1]);
  });
});

describe("what is thrown in the end", () => {
  test("tenacity#24, tenacity#185: is the last error itself, with every attempt in attemptsOf", async () => {
    const flaky = new Flaky(Infinity);
    const error = await clock.run(() => rejection(retry(flaky.run, { retries: 2, baseDelay: 100, jitter: "none" })));
    expect(error).toBe(flaky.errors[2]);
    expect(attemptsOf(error).map((attempt) => [attempt.attempt, attempt.error, attempt.delay])).toEqual([
      [1, flaky.errors[0], 100],
      [2, flaky.errors[1], 200],
      [3, flaky.errors[2], undefined],
    ]);
  });
});

describe("a server that is down", () => {
  test("resilience4j#172: gets no more retries than the callers' budget, and of few callers at least the floor", async () => {
    const load = async (callers: number): Promise<number> => {
      const budget = retryBudget({ ratio: 0.1, minPerSecond: 1 });
      let calls = 0;
      const run = (): never => {
        calls++;
        throw reason;
      };
      await clock.run(() =>
        Promise.allSettled(Array.from({ length: callers }, () => retry(run, { budget, baseDelay: 1 }))),
      );
      return calls;
    };
    // Ten seconds' floor is 10; of 1,000 callers a tenth is 100.
    expect([await load(1_000), await load(1)]).toEqual([1_110, 4]);
  });

  test("resilience4j#172: without a budget it gets four times the load", async () => {
    let calls = 0;
    const run = (): never => {
      calls++;
      throw reason;
    };
    await clock.run(() => Promise.allSettled(Array.from({ length: 1_000 }, () => retry(run, { baseDelay: 1 }))));
    expect(calls).toBe(4_000);
  });
});

describe("the delays", () => {
  test("p-retry: are jittered unless told otherwise, so that callers don't come back together", async () => {
    const secondCalls = new Set<number>();
    await clock.run(() =>
      Promise.all(
        Array.from({ length: 50 }, () =>
          retry(
            ({ attempt }) => {
              if (attempt === 1) throw reason;
              secondCalls.add(clock.now());
            },
            { baseDelay: 10_000 },
          ),
        ),
      ),
    );
    expect(secondCalls.size).toBeGreaterThan(40);
    expect(Math.max(...secondCalls)).toBeLessThanOrEqual(10_000);
  });
});
