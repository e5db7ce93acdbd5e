/** What `fallback` covers, what it leaves alone, and where the covered error is found. */
import { fallback, onLateError, retry, sleep, suppressedErrors, timeout, TimeoutError } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { abortAt } from "./attempts.ts";

const clock = useFakeClock();
const failure = new Error("503");
const fail = (): never => {
  throw failure;
};

describe("a failure", () => {
  test("is covered: the fallback is given the error, and its outcome is the call's", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    const seen: unknown[] = [];
    for (const run of [fail, () => Promise.reject(failure), async () => fail()])
      expect(await fallback(run, { fallback: (error) => seen.push(error) })).toBe(seen.length);
    expect(seen).toEqual([failure, failure, failure]);
    // R21: tolerated.
    expect(late).toEqual([]);
  });

  test("is not there when the function returns: the fallback is not called", async () => {
    let calls = 0;
    expect(await fallback(() => "value", { fallback: () => ++calls })).toBe("value");
    expect(calls).toBe(0);
  });

  test("may be a TimeoutError, or an AbortError of the function's own making", async () => {
    const late = await clock.run(() =>
      fallback(({ signal }) => timeout(10, ({ sleep: rest }) => rest(50), { signal }), { fallback: (error) => error }),
    );
    expect(late).toBeInstanceOf(TimeoutError);
    const abort = new DOMException("mine", "AbortError");
    expect(await fallback(() => Promise.reject(abort), { fallback: (error) => error })).toBe(abort);
  });

  test("may be undefined", async () => {
    expect(await fallback(() => Promise.reject(undefined), { fallback: (error) => [error] })).toEqual([undefined]);
  });

  test("that when does not mean is thrown as it is", async () => {
    const asked: unknown[] = [];
    const promise = fallback(fail, { fallback: () => "covered", when: (error) => asked.push(error) < 1 });
    expect(await rejection(promise)).toBe(failure);
    expect({ asked, suppressed: suppressedErrors(failure) }).toEqual({ asked: [failure], suppressed: [] });
  });

  test("of the fallback, or of when, is thrown with the covered one in its suppressedErrors", async () => {
    for (const options of [
      {
        fallback: (): never => {
          throw new Error("second");
        },
      },
      { fallback: () => Promise.reject(new Error("second")) },
      {
        fallback: () => "covered",
        when: (): never => {
          throw new Error("second");
        },
      },
    ]) {
      const error = await rejection(fallback(fail, options));
      expect(error).toMatchObject({ message: "second" });
      expect(suppressedErrors(error)).toEqual([failure]);
    }
  });

  test("that the fallback rethrows is itself, a primitive too", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    for (const thrown of [new Error("again"), "text"]) {
      const promise = fallback(() => Promise.reject(thrown), {
        fallback: (error) => {
          throw error;
        },
      });
      expect(await rejection(promise)).toBe(thrown);
      expect(suppressedErrors(thrown)).toEqual([]);
    }
    expect(late).toEqual([]);
  });

  test("R21: of a fallback that throws a primitive: the covered error is reported as late", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    expect(await rejection(fallback(fail, { fallback: () => Promise.reject("text"), name: "user" }))).toBe("text");
    expect(late).toEqual([[failure, "user"]]);
  });
});

describe("an abort", () => {
  const never = (): never => {
    throw new Error("the fallback was called");
  };

  test("R7: that came before calls nothing, and its reason is thrown", async () => {
    const signal = AbortSignal.abort(new Error("gone"));
    expect(await rejection(fallback(never, { fallback: never, signal }))).toBe(signal.reason);
  });

  test("FALLBACK-1: is not covered, whatever was made of it", async () => {
    for (const make of [(reason: unknown) => reason, () => new DOMException("aborted", "AbortError")]) {
      const signal = abortAt(clock, 10);
      const promise = fallback(
        async (context) => {
          await context.sleep(50).catch((reason: unknown) => {
            expect(context.signal.aborted).toBe(true);
            throw make(reason);
          });
        },
        { fallback: never, signal },
      );
      expect(await clock.run(() => rejection(promise))).toBe(signal.reason);
    }
  });

  test("FALLBACK-1: of which the function fails really: that failure is thrown, and not covered", async () => {
    const signal = abortAt(clock, 10);
    const promise = fallback(({ sleep: rest }) => rest(50).catch(fail), { fallback: never, signal });
    expect(await clock.run(() => rejection(promise))).toBe(failure);
  });

  test("of which the function returns all the same: the value wins", async () => {
    const signal = abortAt(clock, 10);
    const promise = fallback(({ sleep: rest }) => rest(50).catch(() => "value"), { fallback: never, signal });
    expect(await clock.run(() => promise)).toBe("value");
  });

  test("during the fallback reaches it; the reason is thrown, with the covered error in its suppressedErrors", async () => {
    for (const make of [(reason: unknown) => reason, () => new DOMException("aborted", "AbortError")]) {
      const signal = abortAt(clock, 10);
      const promise = fallback(fail, {
        fallback: (_error, context) =>
          context.sleep(50).catch((reason: unknown) => {
            expect(context.signal.aborted).toBe(true);
            throw make(reason);
          }),
        signal,
      });
      expect(await clock.run(() => rejection(promise))).toBe(signal.reason);
      expect(suppressedErrors(signal.reason)).toEqual([failure]);
    }
  });

  test("of a task that a deadline above cuts short is not covered", async () => {
    const promise = timeout(10, ({ signal }) => fallback(({ sleep: rest }) => rest(50), { fallback: never, signal }));
    expect(await clock.run(() => rejection(promise))).toMatchObject({ name: "TimeoutError", timeout: 10 });
  });
});

test("fallback around a retry covers the last error", async () => {
  const promise = fallback(({ signal }) => retry(fail, { retries: 1, signal }), { fallback: (error) => ({ error }) });
  expect(await clock.run(() => promise)).toEqual({ error: failure });
});

describe("a caller's mistake is a rejection:", () => {
  const call: { call(run: unknown, options?: unknown): Promise<unknown> }["call"] = fallback;
  for (const [options, message] of [
    [undefined, "fallback: fallback takes a function, got undefined"],
    [{ fallback: "value" }, 'fallback: fallback takes a function, got "value" (string)'],
    [{ fallback: fail, when: true }, "fallback: when takes a function, got true (boolean)"],
    [{ fallback: fail, signal: {} }, "signal must be an AbortSignal, got object"],
  ] as const)
    test(message, async () => {
      let calls = 0;
      expect(await rejection(call(() => calls++, options))).toMatchObject({ name: "TypeError", message });
      expect(calls).toBe(0);
    });

  test("a promise where the function belongs", async () => {
    expect(await rejection(call(sleep(0), { fallback: fail }))).toMatchObject({ name: "TypeError" });
    await clock.advanceUntilIdle();
  });
});
