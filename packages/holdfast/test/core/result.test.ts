import { onLateError, settle, sleep, suppressedErrors, taskGroup, TimeoutError } from "holdfast";
import { root } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, abortError, errorOf, Gate } from "./outcome.ts";

const clock = useFakeClock();
const failure = new Error("failure");
const reason = new Error("stop");

function thrower(error: unknown): () => never {
  return () => {
    throw error;
  };
}

describe("one function", () => {
  test("gives its value or its error, the same object, as a Result", async () => {
    expect(await settle(() => "value")).toEqual({ ok: true, value: "value" });
    expect(await settle(async () => "value")).toEqual({ ok: true, value: "value" });
    const failed = await settle(() => Promise.reject(failure));
    expect(failed).toEqual({ ok: false, error: failure });
    expect(!failed.ok && failed.error === failure).toBe(true);
    expect(await settle(thrower(undefined))).toEqual({ ok: false, error: undefined });
  });

  test("R11: an AbortError while nothing of ours is aborted is a Result", async () => {
    const error = abortError();
    expect(await settle(thrower(error))).toEqual({ ok: false, error });
  });
});

describe("a list or a record", () => {
  test("gives Results in the same shape, whatever the order of settling", async () => {
    const results = await clock.run(() => settle([() => sleep(20).then(() => "slow"), thrower(failure), () => "fast"]));
    expect(results).toEqual([
      { ok: true, value: "slow" },
      { ok: false, error: failure },
      { ok: true, value: "fast" },
    ]);
    expect(await settle({ user: () => 1, posts: thrower(failure) })).toEqual({
      user: { ok: true, value: 1 },
      posts: { ok: false, error: failure },
    });
  });

  test("calls all of them at once, in order", async () => {
    const log: string[] = [];
    const gate = new Gate();
    const settled = settle(
      ["a", "b", "c"].map((name) => () => {
        log.push(name);
        return gate.promise;
      }),
    );
    await turn();
    expect(log).toEqual(["a", "b", "c"]);
    gate.open();
    await settled;
  });

  test("cancels nobody because something failed", async () => {
    const results = await settle([
      thrower(failure),
      async ({ signal }) => {
        await turn();
        return signal.aborted;
      },
    ]);
    expect(results[1]).toEqual({ ok: true, value: false });
  });

  test("of nothing is nothing", async () => {
    expect([await settle([]), await settle({})]).toEqual([[], {}]);
  });

  test("keeps a key that looks like a prototype", async () => {
    const runs = Object.fromEntries([["__proto__", () => 1]]);
    expect(Object.entries(await settle(runs))).toEqual([["__proto__", { ok: true, value: 1 }]]);
  });
});

describe("a limit", () => {
  test("R18: that ran out is a Result", async () => {
    const result = await clock.run(() => settle(({ sleep: pause }) => pause(100), { timeout: 30, name: "call" }));
    expect(result).toMatchObject({ ok: false, error: { message: "call timed out after 30 ms", layer: "timeout" } });
    expect(!result.ok && result.error instanceof TimeoutError).toBe(true);
    expect(clock.now()).toBe(30);
  });

  test("R18: each of a list has it, and those in time keep their value", async () => {
    const results = await clock.run(() =>
      settle({ slow: ({ sleep: pause }) => pause(100), fast: () => sleep(10).then(() => "value") }, { timeout: 30 }),
    );
    expect(results).toMatchObject({
      slow: { ok: false, error: { message: "slow timed out after 30 ms" } },
      fast: { ok: true, value: "value" },
    });
  });

  test("R19: waits for work that does not stop, as long as it takes", async () => {
    const result = await clock.run(() => settle(() => sleep(5000).then(() => "late"), { timeout: 30 }));
    expect([result, clock.now()]).toEqual([{ ok: true, value: "late" }, 5000]);
  });

  test("R19: unless there is a grace; then it is abandoned", async () => {
    const result = await clock.run(() => settle(() => sleep(5000), { timeout: 30, grace: 20, name: "call" }));
    expect(result).toMatchObject({ ok: false, error: { unresponsive: [{ task: "call", sawSignal: false }] } });
    expect(clock.now()).toBe(50);
    await clock.advanceUntilIdle();
    expect(root().kids).toBeUndefined();
  });
});

describe("an outer abort", () => {
  test("R7: that came before: nothing is called, the reason is thrown", async () => {
    let called = false;
    const signal = AbortSignal.abort(reason);
    expect(await errorOf(settle([() => void (called = true)], { signal }))).toBe(reason);
    expect(called).toBe(false);
  });

  test("R18: rejects with the reason, once all have settled", async () => {
    const outer = new AbortController();
    const error = await clock.run(() => {
      void sleep(10).then(() => outer.abort(reason));
      return errorOf(
        settle(
          [
            ({ sleep: pause }) => pause(Infinity),
            async ({ signal }) => {
              await aborted(signal);
              await sleep(500);
            },
          ],
          { signal: outer.signal },
        ),
      );
    });
    expect([error, clock.now()]).toEqual([reason, 510]);
  });

  test("R21: errors that came before are in the reason's suppressed errors", async () => {
    const outer = new AbortController();
    const stop = new Error("stop");
    const result = errorOf(
      settle([thrower(failure), () => "value", ({ sleep: pause }) => pause(Infinity)], { signal: outer.signal }),
    );
    await turn();
    outer.abort(stop);
    expect(await result).toBe(stop);
    expect(suppressedErrors(stop)).toEqual([failure]);
  });

  test("R21: errors that a reason which is no object can't carry are carried by the CancelledError for it", async () => {
    const outer = new AbortController();
    const result = errorOf(settle([thrower(failure), ({ sleep: pause }) => pause(Infinity)], { signal: outer.signal }));
    await turn();
    outer.abort(null);
    const error = await result;
    expect(error).toMatchObject({ code: "ERR_CANCELLED", cause: null });
    expect(suppressedErrors(error)).toEqual([failure]);
  });

  test("R13: when nothing was cut short by it, the results stand", async () => {
    const outer = new AbortController();
    const result = settle(
      [
        async ({ signal }) => {
          await aborted(signal);
          return "value";
        },
        async ({ signal }) => {
          await aborted(signal);
          throw failure;
        },
      ],
      { signal: outer.signal },
    );
    await turn();
    outer.abort(reason);
    expect(await result).toEqual([
      { ok: true, value: "value" },
      { ok: false, error: failure },
    ]);
  });

  test("R19: with a grace, work that does not stop is abandoned that long after the abort", async () => {
    const outer = new AbortController();
    const late: unknown[] = [];
    const listening = onLateError((one) => void late.push(one));
    const error = await clock.run(() => {
      void sleep(10).then(() => outer.abort(reason));
      return errorOf(
        settle([() => sleep(5000).then(thrower(failure))], { signal: outer.signal, grace: 20, timeout: 1000 }),
      );
    });
    expect([error, clock.now()]).toEqual([reason, 30]);
    await clock.advanceUntilIdle();
    listening[Symbol.dispose]();
    expect(late).toEqual([failure]);
  });

  test("that the first of a list makes keeps those after it from being called: they own nothing", async () => {
    const outer = new AbortController();
    let called = false;
    const runs = [() => outer.abort(reason), () => void (called = true)];
    expect(await errorOf(settle(runs, { signal: outer.signal }))).toBe(reason);
    expect(called).toBe(false);
  });

  test("of a task's group passes through it as an echo", async () => {
    const error = await errorOf(
      taskGroup(async (group) => {
        group.spawn(({ signal }) => settle([({ sleep: pause }) => pause(Infinity)], { signal }));
        await turn();
        throw failure;
      }),
    );
    expect(error).toMatchObject({ errors: [failure] });
  });
});

describe("a caller's mistakes", () => {
  const mistakes: readonly [string, unknown, string][] = [
    ["a number", 5, "settle takes a function, got 5 (number)"],
    ["null", null, "settle takes a function, got null"],
    ["a string", "run", 'settle takes a function, got "run" (string)'],
    ["a list with a promise", [() => 1, Promise.resolve()], 'settle: "1" takes a function, got a promise'],
    ["a record with a number", { user: 5 }, 'settle: "user" takes a function, got 5 (number)'],
  ];
  for (const [what, input, message] of mistakes)
    test(`R23: ${what} is a TypeError as a rejection, and nothing is called`, async () => {
      const error = await errorOf(settle(input as () => void));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message.startsWith(message)).toBe(true);
    });

  test("R23: a limit or grace that is none is a RangeError as a rejection", async () => {
    for (const options of [{ timeout: -1 }, { timeout: Number.NaN }, { grace: -1 }, { grace: Number.NaN }])
      expect(await errorOf(settle(() => {}, options))).toBeInstanceOf(RangeError);
  });
});
