/** How often `retry` calls, what it gives to each call, what it throws in the end, and what it refuses. */
import {
  attemptsOf,
  type AttemptContext,
  ErrorGroup,
  findError,
  isRetryable,
  onLateError,
  retry,
  StopRetry,
  suppressedErrors,
  taskGroup,
  TimeoutError,
} from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { Flaky } from "./attempts.ts";

const clock = useFakeClock();
/** Delays that are known: 100, 200, 400, … */
const exact = { baseDelay: 100, jitter: "none" } as const;

describe("calls", () => {
  test("one, when it succeeds at once", async () => {
    const flaky = new Flaky(0);
    for (const options of [undefined, {}, exact, { timeout: 1_000 }])
      expect(await retry(flaky.run, options)).toBe("value");
    expect({ calls: flaky.calls, now: clock.now(), pending: clock.pending }).toEqual({ calls: 4, now: 0, pending: 0 });
  });

  test("RETRY-1: at most four without options, and as many as retries says plus one", async () => {
    for (const [options, calls] of [
      [undefined, 4],
      [{}, 4],
      [{ retries: undefined }, 4],
      [{ retries: 0 }, 1],
      [{ retries: 1 }, 2],
      [{ retries: 7 }, 8],
    ] as const) {
      const flaky = new Flaky(Infinity);
      expect(await clock.run(() => rejection(retry(flaky.run, options)))).toBe(flaky.errors.at(-1));
      expect({ options, calls: flaky.calls }).toEqual({ options, calls });
    }
  });

  test("RETRY-1: one after the other: the next starts when the one before has settled", async () => {
    const log: string[] = [];
    const promise = clock.run(() =>
      retry(
        async ({ attempt, sleep }) => {
          log.push(`${attempt} starts at ${clock.now()}`);
          await sleep(30);
          log.push(`${attempt} ends at ${clock.now()}`);
          if (attempt < 3) throw new Error("not yet");
          return "value";
        },
        { ...exact },
      ),
    );
    expect(await promise).toBe("value");
    expect(log).toEqual([
      "1 starts at 0",
      "1 ends at 30",
      "2 starts at 130",
      "2 ends at 160",
      "3 starts at 360",
      "3 ends at 390",
    ]);
  });

  test("without end, with retries: Infinity", async () => {
    const flaky = new Flaky(2_000);
    expect(await clock.run(() => retry(flaky.run, { retries: Infinity, maxDelay: 10 }))).toBe("value");
    expect(flaky.calls).toBe(2_001);
  });

  test("are told which attempt they are, how many are left, and what the one before threw", async () => {
    const seen: Pick<AttemptContext, "attempt" | "retriesLeft" | "previousError">[] = [];
    const flaky = new Flaky(2);
    const run = ({ attempt, retriesLeft, previousError }: AttemptContext): string => {
      seen.push({ attempt, retriesLeft, previousError });
      return flaky.run();
    };
    await clock.run(() => retry(run, { retries: 5 }));
    expect(seen).toEqual([
      { attempt: 1, retriesLeft: 5, previousError: undefined },
      { attempt: 2, retriesLeft: 4, previousError: flaky.errors[0] },
      { attempt: 3, retriesLeft: 3, previousError: flaky.errors[1] },
    ]);
  });

  test("have a signal, which is another one for each attempt and not aborted", async () => {
    const signals: AbortSignal[] = [];
    const promise = retry(({ signal }) => {
      signals.push(signal);
      throw new Error("no");
    });
    await clock.run(() => rejection(promise));
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false, false]);
    expect(new Set(signals).size).toBe(4);
  });

  test("may throw synchronously, return a value, or return a thenable", async () => {
    expect(await retry(() => "value")).toBe("value");
    const thenable: PromiseLike<string> = {
      // oxlint-disable-next-line unicorn/no-thenable
      then: (resolve) => Promise.resolve("thenable").then(resolve),
    };
    expect(await retry(() => thenable)).toBe("thenable");
    const failure = new Error("sync");
    const promise = retry(
      () => {
        throw failure;
      },
      { retries: 0 },
    );
    expect(await rejection(promise)).toBe(failure);
  });
});

describe("what is thrown", () => {
  test("RETRY-2: is the last attempt's error itself, with every attempt in attemptsOf", async () => {
    const flaky = new Flaky(Infinity);
    const promise = clock.run(() =>
      retry(
        async ({ sleep }) => {
          await sleep(7);
          return flaky.run();
        },
        { ...exact, retries: 2 },
      ),
    );
    const error = await rejection(promise);
    expect(error).toBe(flaky.errors[2]);
    expect(attemptsOf(error)).toEqual([
      { attempt: 1, error: flaky.errors[0], startedAt: 0, duration: 7, delay: 100 },
      { attempt: 2, error: flaky.errors[1], startedAt: 107, duration: 7, delay: 200 },
      { attempt: 3, error: flaky.errors[2], startedAt: 314, duration: 7, delay: undefined },
    ]);
    expect(suppressedErrors(error)).toEqual([]);
  });

  test("is not changed: a frozen error will do", async () => {
    const failure = Object.freeze(new Error("frozen"));
    const promise = retry(
      () => {
        throw failure;
      },
      { retries: 0 },
    );
    expect(await rejection(promise)).toBe(failure);
    expect(attemptsOf(failure)).toHaveLength(1);
  });

  test("when it is a primitive, those before it are reported as late, once each", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const errors: unknown[] = [new Error("first"), "second", "third"];
    const promise = clock.run(() =>
      retry(
        ({ attempt }) => {
          throw errors[attempt - 1];
        },
        { retries: 2, name: "poll" },
      ),
    );
    expect(await rejection(promise)).toBe("third");
    expect(late).toEqual([
      [errors[0], "poll"],
      ["second", "poll"],
    ]);
    expect(attemptsOf("third")).toEqual([]);
  });

  test("R21: attempts before a success are tolerated: nothing is reported", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    expect(await clock.run(() => retry(new Flaky(3).run))).toBe("value");
    expect(late).toEqual([]);
  });

  test("in a task group is a failure of its task, with the attempts", async () => {
    const flaky = new Flaky(Infinity);
    const error = await clock.run(() =>
      rejection(taskGroup(({ spawn }) => void spawn(({ signal }) => retry(flaky.run, { retries: 1, signal })))),
    );
    expect(error).toBeInstanceOf(ErrorGroup);
    const found = findError(error, (leaf) => attemptsOf(leaf).length > 0);
    expect(found).toBe(flaky.errors[1]);
    expect(attemptsOf(found).map((attempt) => attempt.error)).toEqual(flaky.errors);
  });

  test("by a retry in a retry has the attempts of the inner one", async () => {
    const flaky = new Flaky(Infinity);
    const error = await clock.run(() =>
      rejection(retry(({ signal }) => retry(flaky.run, { retries: 1, signal }), { retries: 1 })),
    );
    expect(error).toBe(flaky.errors[3]);
    // The outer one saw the error last, as its own second attempt.
    expect(attemptsOf(error).map((attempt) => attempt.error)).toEqual([flaky.errors[1], flaky.errors[3]]);
    expect(attemptsOf(flaky.errors[1]).map((attempt) => attempt.error)).toEqual([flaky.errors[0], flaky.errors[1]]);
  });
});

describe("StopRetry", () => {
  test("ends it at once: what it carries is thrown, the same object, with the attempts", async () => {
    const flaky = new Flaky(1);
    const failure = new Error("404");
    const asked: unknown[] = [];
    const promise = clock.run(() =>
      retry(
        ({ attempt }) => {
          if (attempt === 2) throw new StopRetry(failure);
          return flaky.run();
        },
        { shouldRetry: ({ error }) => asked.push(error) > 0 },
      ),
    );
    expect(await rejection(promise)).toBe(failure);
    expect(asked).toEqual(flaky.errors);
    expect(attemptsOf(failure).map(({ attempt, delay }) => [attempt, delay === undefined])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(suppressedErrors(failure)).toEqual([]);
  });

  test("may carry a primitive", async () => {
    const promise = retry(() => {
      throw new StopRetry("gone");
    });
    expect(await rejection(promise)).toBe("gone");
  });

  test("says what it is", () => {
    const failure = new Error("404");
    expect(new StopRetry(failure)).toMatchObject({
      name: "StopRetry",
      code: "ERR_STOP_RETRY",
      message: "404",
      cause: failure,
    });
    expect(new StopRetry("gone").message).toBe("gone");
    expect(new StopRetry(Object.create(null)).message).toBe("an error that can't be read");
  });

  test("of another copy of the package is known by its code", async () => {
    const failure = new Error("404");
    const flaky = new Flaky(0);
    const promise = retry(() => {
      flaky.calls++;
      throw Object.assign(new Error("stop", { cause: failure }), { code: "ERR_STOP_RETRY" });
    });
    expect(await rejection(promise)).toBe(failure);
    expect(flaky.calls).toBe(1);
  });
});

describe("isRetryable", () => {
  const cases: readonly (readonly [string, unknown, boolean])[] = [
    ["an ordinary error", new Error("500"), true],
    ["a TypeError, which fetch throws when the network is down", new TypeError("fetch failed"), true],
    ["a timeout of ours", new TimeoutError("fetch", 5, "attempt"), true],
    ["a timeout of the platform", new DOMException("late", "TimeoutError"), true],
    ["a primitive", "text", true],
    ["undefined", undefined, true],
    ["null", null, true],
    ["a group of such", new ErrorGroup([new Error("500"), new TypeError("fetch failed")]), true],
    ["a group in which one is not, however deep", new ErrorGroup([new ErrorGroup([new StopRetry(1)]), "text"]), false],
    ["what Promise.any throws, where one success would do", new AggregateError([new StopRetry(1), "text"]), true],
    ["a cancellation", new DOMException("aborted", "AbortError"), false],
    ["StopRetry", new StopRetry(1), false],
    ["a ReferenceError, which is a bug", new ReferenceError("x is not defined"), false],
    ["a SyntaxError, which is a bug", new SyntaxError("unexpected token"), false],
    ...["ERR_CIRCUIT_OPEN", "ERR_BULKHEAD_FULL", "ERR_RATE_LIMITED", "ERR_QUEUE_CLOSED", "ERR_GROUP_CLOSED"].map(
      (code) => [`a refusal (${code})`, Object.assign(new Error("no"), { code }), false] as const,
    ),
  ];
  for (const [what, error, verdict] of cases)
    test(`is ${verdict} for ${what}, and retry goes by it`, async () => {
      expect(isRetryable(error)).toBe(verdict);
      // A primitive can't carry the attempts before it.
      using _ = onLateError(() => {});
      let calls = 0;
      const promise = retry(
        () => {
          calls++;
          throw error;
        },
        { retries: 1 },
      );
      await clock.run(() => rejection(promise));
      expect(calls).toBe(verdict ? 2 : 1);
    });
});

describe("a caller's mistake", () => {
  const duration = "must be a number of milliseconds >= 0 or Infinity, got";
  const cases: readonly (readonly [options: object, error: string, message: string])[] = [
    [{ retries: -1 }, "RangeError", "retry: retries must be an integer >= 0 or Infinity, got -1 (number)"],
    [{ retries: 1.5 }, "RangeError", "retry: retries must be an integer >= 0 or Infinity, got 1.5 (number)"],
    [{ retries: "3" }, "TypeError", 'retry: retries must be an integer >= 0 or Infinity, got "3" (string)'],
    [{ baseDelay: -1 }, "RangeError", `retry: baseDelay ${duration} -1 (number)`],
    [{ maxDelay: Number.NaN }, "RangeError", `retry: maxDelay ${duration} NaN (number)`],
    [{ factor: 0.5 }, "RangeError", "retry: factor must be a number >= 1, got 0.5"],
    [{ factor: Number.NaN }, "RangeError", "retry: factor must be a number >= 1, got NaN"],
    [
      { jitter: "some" },
      "TypeError",
      'retry: jitter must be one of "full", "equal", "decorrelated", "none", got "some" (string)',
    ],
    [{ timeout: -1 }, "RangeError", `retry: timeout ${duration} -1 (number)`],
    [{ timeout: "1s" }, "TypeError", `retry: timeout ${duration} "1s" (string)`],
    [{ totalTimeout: Number.NaN }, "RangeError", `retry: totalTimeout ${duration} NaN (number)`],
    [{ totalTimeout: null }, "TypeError", `retry: totalTimeout ${duration} null`],
    [{ grace: -1 }, "RangeError", `retry: grace ${duration} -1 (number)`],
    [{ delay: 100 }, "TypeError", "retry: delay takes a function, got 100 (number)"],
    [{ shouldRetry: true }, "TypeError", "retry: shouldRetry takes a function, got true (boolean)"],
    [{ shouldRetryResult: null }, "TypeError", "retry: shouldRetryResult takes a function, got null"],
    [{ onFailedAttempt: "log" }, "TypeError", 'retry: onFailedAttempt takes a function, got "log" (string)'],
    [{ signal: {} }, "TypeError", "signal must be an AbortSignal, got object"],
  ];
  for (const [options, name, message] of cases)
    test(`is a rejection that names the option and the value: ${message}`, async () => {
      const flaky = new Flaky(0);
      // Methods, unlike functions, may be asked for less than they take: a caller without types.
      const call: { call(run: unknown, options: unknown): Promise<unknown> }["call"] = retry;
      expect(await rejection(call(flaky.run, options))).toMatchObject({ name, message });
      expect(flaky.calls).toBe(0);
    });

  test("is a rejection: a promise or nothing where the function belongs, with and without options", async () => {
    const call: { call(run: unknown, options?: unknown): Promise<unknown> }["call"] = retry;
    for (const options of [undefined, {}]) {
      expect(await rejection(call(undefined, options))).toMatchObject({
        name: "TypeError",
        message: "retry takes a function, got undefined",
      });
      expect(await rejection(call(Promise.resolve(1), options))).toMatchObject({
        name: "TypeError",
        message:
          "retry takes a function, got a promise: its work runs already and can't be cancelled; pass () => work() instead of work()",
      });
    }
  });
});

test("attemptsOf is empty for what no retry threw", () => {
  for (const error of [new Error("bare"), "text", undefined, null, 3]) expect(attemptsOf(error)).toEqual([]);
});
