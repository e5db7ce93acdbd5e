import { type Context, onLateError, sleep, suppressedErrors, timeout } from "holdfast";
import { root } from "holdfast/lowlevel";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf } from "./outcome.ts";

const clock = useFakeClock();

/** What `onLateError` was told, with the time; each test looks at all of it. */
let late: unknown[] = [];
let listening: Disposable | undefined;
beforeEach(() => {
  late = [];
  listening = onLateError((error, { task }) => void late.push([error, task, clock.now()]));
});
afterEach(() => listening?.[Symbol.dispose]());

const failure = new Error("work");
const outerReason = new Error("outer");

/** The error of `promise` and the time when it came. */
async function failed(promise: () => Promise<unknown>): Promise<{ error: unknown; at: number }> {
  const error = await clock.run(() => errorOf(promise()));
  return { error, at: clock.now() };
}

describe("grace", () => {
  const stubborn = (look: (context: Context) => unknown) => async (context: Context) => {
    look(context);
    await sleep(5000);
    return "too late";
  };

  const looks: readonly [string, (context: Context) => unknown][] = [
    ["its signal", ({ signal }) => signal],
    ["cancelled", ({ cancelled }) => cancelled],
    ["timeLeft", ({ timeLeft }) => timeLeft],
    ["throwIfCancelled", ({ throwIfCancelled }) => throwIfCancelled()],
    ["sleep", (context) => void context.sleep(1)],
  ];
  for (const [what, look] of looks)
    test(`R19: is 1,000 ms for work that has looked at ${what}`, async () => {
      const { error, at } = await failed(() => timeout(100, stubborn(look), { name: "work" }));
      expect(error).toMatchObject({
        message: 'work timed out after 100 ms; "work" is still running: it did not stop within its grace',
        unresponsive: [{ task: "work", sawSignal: true }],
      });
      expect(at).toBe(1100);
      await clock.advanceUntilIdle();
    });

  test("R19: is 0 for work that never looked at its cancellation, and the error says so", async () => {
    const { error, at } = await failed(() =>
      timeout(
        100,
        stubborn(({ deadline }) => deadline),
        { name: "work" },
      ),
    );
    expect(error).toMatchObject({
      message:
        'work timed out after 100 ms; "work" is still running: it never looked at its signal; pass ({ signal }) on',
      unresponsive: [{ task: "work", sawSignal: false }],
      cause: { kind: "deadline" },
    });
    expect(at).toBe(100);
    await clock.advanceUntilIdle();
  });

  for (const [grace, sawSignal] of [
    [0, true],
    [50, true],
    [50, false],
    [3000, false],
  ] as const)
    test(`R19: an explicit ${grace} is honoured for work that has ${sawSignal ? "" : "not "}looked`, async () => {
      const { error, at } = await failed(() =>
        timeout(100, stubborn(sawSignal ? ({ signal }) => signal : () => {}), { grace }),
      );
      expect(error).toMatchObject({ unresponsive: [{ sawSignal }] });
      expect(at).toBe(100 + grace);
      await clock.advanceUntilIdle();
    });

  test("R19: Infinity waits as long as it takes, and abandons nothing", async () => {
    const { error, at } = await failed(() =>
      timeout(
        100,
        async ({ signal }) => {
          await sleep(1_000_000);
          throw signal.reason;
        },
        { grace: Infinity },
      ),
    );
    expect({ error, at }).toMatchObject({ error: { name: "TimeoutError", unresponsive: [] }, at: 1_000_000 });
  });

  test("R19: with 0, work that has just finished gets the turn to say so", async () => {
    const value = await clock.run(() =>
      timeout(
        100,
        async ({ signal }) => {
          await aborted(signal);
          return "value";
        },
        { grace: 0 },
      ),
    );
    expect(value).toBe("value");
  });
});

describe("a deadline that lost to a real error", () => {
  /** Fails at 150 ms, after its deadline, with an abort from outside in between. */
  const lose = (error: unknown): Promise<{ error: unknown; at: number }> =>
    failed(() => {
      const outer = new AbortController();
      void sleep(120).then(() => outer.abort(outerReason));
      return timeout(
        100,
        async ({ signal }) => {
          await aborted(signal);
          await sleep(50);
          throw error;
        },
        { name: "work", signal: outer.signal },
      );
    });

  test("R13: is beside that error, also when an abort from outside came meanwhile, which is not", async () => {
    const { error, at } = await lose(failure);
    expect({ error, at }).toEqual({ error: failure, at: 150 });
    expect(suppressedErrors(error)).toMatchObject([{ name: "TimeoutError", layer: "timeout", timeout: 100 }]);
    expect(late).toEqual([]);
  });

  test("R3: is a late error when the error is a primitive, which can carry nothing", async () => {
    expect(await lose("text")).toEqual({ error: "text", at: 150 });
    expect(late).toMatchObject([[{ name: "TimeoutError", layer: "timeout", timeout: 100 }, "work", 150]]);
  });
});

describe("abandoned work", () => {
  const abandon = (end: (reason: unknown) => unknown): Promise<{ error: unknown; at: number }> =>
    failed(() =>
      timeout(
        100,
        async ({ signal }) => {
          await sleep(500);
          return await (end(signal.reason) as Promise<never>);
        },
        { name: "work", grace: 50 },
      ),
    );

  test("OPERATION-1: a late value is dropped without a word", async () => {
    const { error, at } = await abandon(() => "value");
    await clock.advanceUntilIdle();
    expect({ error, at, late }).toMatchObject({ error: { name: "TimeoutError" }, at: 150, late: [] });
  });

  test("R19: a late error goes to onLateError, once, with the name of the work", async () => {
    const { error } = await abandon(() => Promise.reject(failure));
    expect(late).toEqual([]);
    await clock.advanceUntilIdle();
    expect(error).toMatchObject({ name: "TimeoutError" });
    expect(late).toEqual([[failure, "work", 500]]);
    expect(suppressedErrors(error)).toEqual([]);
  });

  test("R11: a late echo is nobody's business", async () => {
    await abandon((reason) => Promise.reject(reason));
    await clock.advanceUntilIdle();
    expect(late).toEqual([]);
  });

  test("R19: a late error of work that never looked at its signal is reported, too", async () => {
    await failed(() => timeout(100, () => sleep(500).then(() => Promise.reject(failure)), { name: "work" }));
    await clock.advanceUntilIdle();
    expect(late).toEqual([[failure, "work", 500]]);
  });

  test("OPERATION-3: stays in the tree until it ends, then nothing of it does", async () => {
    await abandon(() => "value");
    expect(root().kids).toBeDefined();
    await clock.advanceUntilIdle();
    expect({ kids: root().kids, pending: clock.pending }).toEqual({ kids: undefined, pending: 0 });
  });
});

describe("and an outer abort", () => {
  test("R7: under a signal that is aborted already, the work is not called; its reason goes before any TimeoutError", async () => {
    let called = false;
    const signal = AbortSignal.abort(outerReason);
    for (const ms of [100, 0, -1, Infinity])
      expect(await errorOf(timeout(ms, () => void (called = true), { signal }))).toBe(outerReason);
    expect(called).toBe(false);
  });

  test("R13: before the deadline: its reason is thrown as soon as the work stops", async () => {
    const outer = new AbortController();
    const { error, at } = await failed(async () => {
      void sleep(30).then(() => outer.abort(outerReason));
      await timeout(100, ({ sleep: pause }) => pause(Infinity), { signal: outer.signal });
    });
    expect({ error, at }).toEqual({ error: outerReason, at: 30 });
  });

  test("R19: of work that does not stop: its reason is thrown at deadline + grace", async () => {
    const outer = new AbortController();
    const { error, at } = await failed(async () => {
      void sleep(30).then(() => outer.abort(outerReason));
      await timeout(100, () => sleep(5000), { signal: outer.signal, grace: 200 });
    });
    expect({ error, at }).toEqual({ error: outerReason, at: 300 });
    await clock.advanceUntilIdle();
    expect(late).toEqual([]);
  });

  test("R13: after the deadline, during the grace: its reason goes before the TimeoutError", async () => {
    const outer = new AbortController();
    const { error, at } = await failed(async () => {
      void sleep(150).then(() => outer.abort(outerReason));
      await timeout(
        100,
        async ({ signal }) => {
          await sleep(200);
          throw signal.reason;
        },
        { signal: outer.signal },
      );
    });
    expect({ error, at }).toEqual({ error: outerReason, at: 200 });
  });

  test("R13: a value or a real error goes before both", async () => {
    const outer = new AbortController();
    const run = (end: () => unknown): Promise<unknown> =>
      timeout(
        100,
        async () => {
          await sleep(150);
          outer.abort(outerReason);
          return await end();
        },
        { signal: outer.signal, grace: 100 },
      );
    expect(await clock.run(() => run(() => "value"))).toBe("value");
    const { signal } = new AbortController();
    expect(
      await failed(() => timeout(10, () => sleep(20).then(() => Promise.reject(failure)), { signal, grace: 100 })),
    ).toMatchObject({ error: failure });
  });

  test("after it has settled changes nothing", async () => {
    const outer = new AbortController();
    const result = timeout(100, () => "value", { signal: outer.signal });
    await result;
    outer.abort();
    expect(await result).toBe("value");
  });
});
