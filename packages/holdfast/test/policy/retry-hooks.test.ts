/** What `retry` asks of the functions in its options: when, with what, and what becomes of what they throw. */
import { attemptsOf, retry, type RetryContext, StopRetry, suppressedErrors } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { Flaky } from "./attempts.ts";

const clock = useFakeClock();

function fieldsOf<T>({ attempt, retriesLeft, elapsed, result, error }: RetryContext<T>): object {
  return { attempt, retriesLeft, elapsed, result, error };
}

describe("onFailedAttempt", () => {
  test("is called after every attempt that failed, the last one too", async () => {
    const seen: object[] = [];
    const flaky = new Flaky(Infinity);
    const promise = clock.run(() =>
      retry(flaky.run, {
        retries: 2,
        baseDelay: 100,
        jitter: "none",
        onFailedAttempt: (context) => void seen.push(fieldsOf(context)),
      }),
    );
    await rejection(promise);
    const [first, second, third] = flaky.errors;
    expect(seen).toEqual([
      { attempt: 1, retriesLeft: 2, elapsed: 0, error: first, result: { ok: false, error: first } },
      { attempt: 2, retriesLeft: 1, elapsed: 100, error: second, result: { ok: false, error: second } },
      { attempt: 3, retriesLeft: 0, elapsed: 300, error: third, result: { ok: false, error: third } },
    ]);
  });

  test("is not called when nothing failed", async () => {
    let calls = 0;
    await retry(() => "value", { onFailedAttempt: () => void calls++ });
    expect(calls).toBe(0);
  });

  test("is called before shouldRetry, and waited for before the delay begins", async () => {
    const log: string[] = [];
    const note = (what: string): void => void log.push(`${what} at ${clock.now()}`);
    const flaky = new Flaky(1);
    const promise = clock.run(() =>
      retry(
        () => {
          note("attempt");
          return flaky.run();
        },
        {
          baseDelay: 100,
          jitter: "none",
          onFailedAttempt: async ({ sleep }) => {
            note("onFailedAttempt");
            await sleep(40);
          },
          shouldRetry: async ({ sleep }) => {
            note("shouldRetry");
            await sleep(5);
            return true;
          },
        },
      ),
    );
    expect(await promise).toBe("value");
    expect(log).toEqual(["attempt at 0", "onFailedAttempt at 0", "shouldRetry at 40", "attempt at 145"]);
  });
});

describe("shouldRetry", () => {
  test("that says no ends it with the attempt's error", async () => {
    const flaky = new Flaky(Infinity);
    const seen: object[] = [];
    const promise = clock.run(() =>
      retry(flaky.run, {
        retries: 9,
        shouldRetry: (context) => {
          seen.push(fieldsOf(context));
          return context.attempt < 2;
        },
      }),
    );
    expect(await rejection(promise)).toBe(flaky.errors[1]);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toEqual({
      attempt: 1,
      retriesLeft: 9,
      elapsed: 0,
      error: flaky.errors[0],
      result: { ok: false, error: flaky.errors[0] },
    });
  });

  test("may be asynchronous", async () => {
    const flaky = new Flaky(Infinity);
    expect(await rejection(retry(flaky.run, { shouldRetry: async () => false }))).toBe(flaky.errors[0]);
  });

  test("replaces isRetryable: it may have a bug tried again", async () => {
    let calls = 0;
    const promise = clock.run(() =>
      retry(
        () => {
          calls++;
          throw new ReferenceError("bug");
        },
        { retries: 2, shouldRetry: () => true },
      ),
    );
    await rejection(promise);
    expect(calls).toBe(3);
  });

  test("is not asked when no retry is left, nor after StopRetry", async () => {
    let asked = 0;
    const shouldRetry = (): boolean => ++asked > 0;
    await rejection(retry(new Flaky(1).run, { retries: 0, shouldRetry }));
    const stop = (): never => {
      throw new StopRetry(new Error("404"));
    };
    await rejection(retry(stop, { shouldRetry }));
    expect(asked).toBe(0);
  });
});

describe("shouldRetryResult", () => {
  test("has a value treated like a failure, without an error", async () => {
    const seen: object[] = [];
    const promise = clock.run(() =>
      retry(({ attempt, previousError }) => ({ attempt, previousError }), {
        baseDelay: 100,
        jitter: "none",
        shouldRetryResult: ({ attempt }) => attempt < 3,
        onFailedAttempt: (context) => void seen.push(fieldsOf(context)),
      }),
    );
    expect(await promise).toEqual({ attempt: 3, previousError: undefined });
    expect(clock.now()).toBe(300);
    const refused = (attempt: number): object => ({ ok: true, value: { attempt, previousError: undefined } });
    expect(seen).toEqual([
      { attempt: 1, retriesLeft: 3, elapsed: 0, error: undefined, result: refused(1) },
      { attempt: 2, retriesLeft: 2, elapsed: 100, error: undefined, result: refused(2) },
    ]);
  });

  test("is given the value and the context of its attempt", async () => {
    const seen: unknown[] = [];
    const promise = retry(() => "value", {
      retries: 2,
      shouldRetryResult: (value, context) => {
        seen.push([value, fieldsOf(context)]);
        return false;
      },
    });
    expect(await promise).toBe("value");
    expect(seen).toEqual([
      ["value", { attempt: 1, retriesLeft: 2, elapsed: 0, error: undefined, result: { ok: true, value: "value" } }],
    ]);
  });

  test("that still refuses when no retry is left has the value returned all the same", async () => {
    let calls = 0;
    const promise = clock.run(() => retry(() => ++calls, { retries: 2, shouldRetryResult: () => true }));
    expect(await promise).toBe(3);
  });

  test("does not ask shouldRetry: a refused value has been judged", async () => {
    let asked = 0;
    const promise = clock.run(() =>
      retry(({ attempt }) => attempt, {
        shouldRetryResult: (value) => value < 2,
        shouldRetry: () => ++asked < 0,
      }),
    );
    expect(await promise).toBe(2);
    expect(asked).toBe(0);
  });

  test("works in a limited attempt too", async () => {
    const promise = clock.run(() =>
      retry(({ attempt }) => attempt, { timeout: 50, shouldRetryResult: (value) => value < 3 }),
    );
    expect(await promise).toBe(3);
  });

  test("leaves refused attempts in the history of an error that comes later", async () => {
    const failure = new Error("second");
    const promise = clock.run(() =>
      retry(
        ({ attempt }) => {
          if (attempt === 2) throw failure;
          return attempt;
        },
        { retries: 1, shouldRetryResult: () => true },
      ),
    );
    expect(await rejection(promise)).toBe(failure);
    expect(attemptsOf(failure).map(({ attempt, error }) => [attempt, error])).toEqual([
      [1, undefined],
      [2, failure],
    ]);
  });
});

describe("a hook that throws", () => {
  const broken = new Error("hook");
  const thrower = (): never => {
    throw broken;
  };
  for (const [hook, options] of [
    ["onFailedAttempt", { onFailedAttempt: thrower }],
    ["onFailedAttempt, by a rejection", { onFailedAttempt: () => Promise.reject(broken) }],
    ["shouldRetry", { shouldRetry: thrower }],
    ["shouldRetry, by a rejection", { shouldRetry: () => Promise.reject(broken) }],
    ["delay", { delay: thrower }],
  ] as const)
    test(`(${hook}) ends it: that is what is thrown, with the attempts in its suppressedErrors`, async () => {
      const flaky = new Flaky(Infinity);
      const promise = retry(flaky.run, options);
      expect(await rejection(promise)).toBe(broken);
      expect(flaky.calls).toBe(1);
      expect(suppressedErrors(broken)).toContain(flaky.errors[0]);
      expect(attemptsOf(broken).map((attempt) => attempt.error)).toEqual(flaky.errors);
    });

  test("(shouldRetryResult) ends it: that is what is thrown", async () => {
    const failure = new Error("result");
    const promise = retry(() => "value", {
      shouldRetryResult: () => {
        throw failure;
      },
    });
    expect(await rejection(promise)).toBe(failure);
  });

  test("(onFailedAttempt) what it rethrows of the attempt is that attempt's error, and not suppressed by itself", async () => {
    const flaky = new Flaky(Infinity);
    const promise = retry(flaky.run, {
      onFailedAttempt: ({ error }) => {
        throw error;
      },
    });
    expect(await rejection(promise)).toBe(flaky.errors[0]);
    expect(suppressedErrors(flaky.errors[0])).toEqual([]);
  });
});
