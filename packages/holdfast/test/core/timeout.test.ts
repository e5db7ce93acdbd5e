import { CancelledError, sleep, suppressedErrors, timeout, TimeoutError } from "holdfast";
import { root } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("work");

/** The error of `promise` and the time when it came. */
async function failed(promise: () => Promise<unknown>): Promise<{ error: unknown; at: number }> {
  const error = await clock.run(() => errorOf(promise()));
  return { error, at: clock.now() };
}

describe("in time", () => {
  test("gives the value, sooner than the limit", async () => {
    expect(await clock.run(() => timeout(100, () => sleep(30).then(() => "value")))).toBe("value");
    expect({ now: clock.now(), pending: clock.pending }).toEqual({ now: 30, pending: 0 });
  });

  test("gives a value that is no promise, and rejects for a synchronous throw", async () => {
    expect(await timeout(100, () => "value")).toBe("value");
    const thrower = (): never => {
      throw failure;
    };
    expect(await errorOf(timeout(100, thrower))).toBe(failure);
  });

  test("R3: rejects with the work's own error, the same object, with nothing suppressed", async () => {
    const { error, at } = await failed(() => timeout(100, () => sleep(30).then(() => Promise.reject(failure))));
    expect(error).toBe(failure);
    expect({ at, suppressed: suppressedErrors(error) }).toEqual({ at: 30, suppressed: [] });
  });

  test("calls the work before it returns, once, with a context", () => {
    const calls: unknown[][] = [];
    void timeout(100, (...args) => void calls.push([args.length, typeof args[0].sleep]));
    expect(calls).toEqual([[1, "function"]]);
  });

  test("R18: Infinity is no limit, and makes no timer", async () => {
    expect(await timeout(Infinity, ({ deadline, timeLeft }) => [deadline, timeLeft, clock.made])).toEqual([
      Infinity,
      Infinity,
      0,
    ]);
  });
});

describe("too late", () => {
  test("R18: rejects with a TimeoutError that says what, which limit and why", async () => {
    const { error, at } = await failed(() =>
      timeout(100, async function fetchUser({ sleep: pause }): Promise<void> {
        await pause(1000);
      }),
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      name: "TimeoutError",
      code: "ERR_TIMEOUT",
      message: "fetchUser timed out after 100 ms",
      timeout: 100,
      layer: "timeout",
      unresponsive: [],
    });
    expect((error as Error).cause).toBeInstanceOf(CancelledError);
    expect((error as Error).cause).toMatchObject({ kind: "deadline" });
    expect(at).toBe(100);
  });

  test("OPERATION-2: a value that comes during the grace is the outcome", async () => {
    const value = await clock.run(() =>
      timeout(100, async ({ signal }) => {
        await aborted(signal);
        await sleep(500);
        return "value";
      }),
    );
    expect([value, clock.now()]).toEqual(["value", 600]);
  });

  test("OPERATION-2: a value of work that blocked beyond its limit is the outcome", async () => {
    const value = await clock.run(() =>
      timeout(100, async () => {
        await turn();
        clock.block(500);
        return "value";
      }),
    );
    expect(value).toBe("value");
  });

  test("R18: a real error that comes during the grace is thrown, with the TimeoutError beside it", async () => {
    const { error, at } = await failed(() =>
      timeout(100, async ({ signal }) => {
        await aborted(signal);
        await sleep(50);
        throw failure;
      }),
    );
    expect({ error, at }).toEqual({ error: failure, at: 150 });
    expect(suppressedErrors(error)).toMatchObject([{ name: "TimeoutError", timeout: 100, unresponsive: [] }]);
  });

  test("R18: a caught timeout leaves the caller's signal alive", async () => {
    const outer = new AbortController();
    await failed(() => timeout(10, ({ sleep: pause }) => pause(20), { signal: outer.signal }));
    await clock.run(() => sleep(10, { signal: outer.signal }));
    expect(outer.signal.aborted).toBe(false);
  });
});

describe("nested", () => {
  test("R18: with equal deadlines there is one TimeoutError, the outermost's", async () => {
    const inner: unknown[] = [];
    const { error, at } = await failed(() =>
      timeout(
        100,
        async ({ signal }) => {
          try {
            await timeout(100, ({ sleep: pause }) => pause(Infinity), { signal, name: "inner" });
          } catch (caught) {
            inner.push(caught);
            throw caught;
          }
        },
        { name: "outer" },
      ),
    );
    expect({ error, at }).toMatchObject({ error: { message: "outer timed out after 100 ms" }, at: 100 });
    expect(inner).toMatchObject([{ name: "AbortError", kind: "deadline", group: "outer" }]);
  });

  test("R18: the inner one, when it is shorter, is an ordinary error that the outer work may catch", async () => {
    const value = await clock.run(() =>
      timeout(100, async ({ signal }) => {
        const error = await errorOf(timeout(30, ({ sleep: pause }) => pause(Infinity), { signal }));
        await sleep(50, { signal });
        return error;
      }),
    );
    expect(value).toMatchObject({ name: "TimeoutError", timeout: 30 });
    expect(clock.now()).toBe(80);
  });

  test("R18: a longer one inside is cut by the outer one, which is not an inner isTimeout's to catch", async () => {
    const { error, at } = await failed(() =>
      timeout(30, async ({ signal }) => {
        try {
          await timeout(100, ({ sleep: pause }) => pause(Infinity), { signal });
        } catch (caught) {
          if ((caught as Error).name === "TimeoutError") return "swallowed";
          throw caught;
        }
        return "finished";
      }),
    );
    expect({ error, at }).toMatchObject({ error: { name: "TimeoutError", timeout: 30 }, at: 30 });
  });

  test("R18: the deadline that work reads is the nearest of all above, and timeLeft counts down to it", async () => {
    const seen: number[] = [];
    await clock.run(() =>
      timeout(100, async ({ signal, deadline }) => {
        await sleep(20);
        seen.push(deadline);
        await timeout(500, (inner) => void seen.push(inner.deadline, inner.timeLeft), { signal });
        await timeout(50, (inner) => void seen.push(inner.deadline, inner.timeLeft), { signal });
        // Another signal, another tree.
        await timeout(500, (inner) => void seen.push(inner.deadline));
      }),
    );
    expect(seen).toEqual([100, 100, 80, 70, 50, 520]);
  });

  test("R18: timeLeft is never negative", async () => {
    const left = await clock.run(() =>
      timeout(10, (context) => {
        clock.block(50);
        return context.timeLeft;
      }),
    );
    expect(left).toBe(0);
  });
});

describe("arguments", () => {
  for (const ms of [0, -1, -Infinity, -0])
    test(`R18: ${ms} rejects with a TimeoutError without calling the work`, async () => {
      let called = false;
      const error = await errorOf(timeout(ms, () => void (called = true), { name: "work" }));
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ timeout: ms, message: `work timed out after ${ms} ms` });
      expect({ called, made: clock.made }).toEqual({ called: false, made: 0 });
    });

  test("R18: NaN is a RangeError", async () => {
    const error = await errorOf(timeout(Number.NaN, () => {}));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      message: "timeout: ms must be a number of milliseconds >= 0 or Infinity, got NaN (number)",
    });
  });

  for (const ms of ["100", "-1", null, undefined, [], 10n])
    test(`R23: ${typeof ms} ${JSON.stringify(ms, (_, value: unknown) => (typeof value === "bigint" ? "10n" : value))} is a TypeError, and the work is not called`, async () => {
      let called = false;
      const error = await errorOf(timeout(ms as unknown as number, () => void (called = true)));
      expect(error).toBeInstanceOf(TypeError);
      expect(called).toBe(false);
    });

  for (const [grace, kind] of [
    [-1, RangeError],
    [Number.NaN, RangeError],
    ["5", TypeError],
    [null, TypeError],
  ] as const)
    test(`R23: a grace of ${String(grace)} is a ${kind.name}`, async () => {
      const error = await errorOf(timeout(10, () => {}, { grace: grace as unknown as number }));
      expect(error).toBeInstanceOf(kind);
    });

  test("R23: a promise instead of a function is a TypeError, as a rejection", async () => {
    const error = await errorOf(timeout(10, Promise.resolve() as unknown as () => void));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: /^timeout takes a function, got a promise/u });
  });

  test("R18: delays beyond 2^31 - 1 ms work", async () => {
    const limit = 2 ** 31 + 5000;
    const { error, at } = await failed(() => timeout(limit, ({ sleep: pause }) => pause(Infinity)));
    expect({ error, at }).toMatchObject({ error: { timeout: limit }, at: limit });
  });

  test("OPERATION-3: work that settles leaves no timer, however it settles", async () => {
    const gate = new Gate();
    const running = timeout(100, () => gate.promise);
    expect(clock.pending).toBe(1);
    gate.open();
    await running;
    expect(clock.pending).toBe(0);
    await errorOf(timeout(100, () => Promise.reject(failure)));
    const outer = new AbortController();
    const waiting = errorOf(timeout(100, ({ signal }) => waitUntilAborted(signal), { signal: outer.signal }));
    outer.abort();
    await waiting;
    expect({ pending: clock.pending, kids: root().kids }).toEqual({ pending: 0, kids: undefined });
  });
});
