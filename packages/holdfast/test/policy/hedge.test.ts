/** When `hedge` starts another attempt, whose outcome it takes, and what becomes of the others. */
import { type AttemptContext, ErrorGroup, hedge, onLateError, suppressedErrors, timeout } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { abortAt, deaf } from "./attempts.ts";

const clock = useFakeClock();

/** What an attempt does: after so many milliseconds it returns a text, or throws an error. */
type Plan = readonly [ms: number, outcome: string | Error];

/** Runs `plans` one for each attempt, and notes what happens. */
class Entrants {
  readonly log: string[] = [];
  readonly #plans: readonly Plan[];

  constructor(...plans: readonly Plan[]) {
    this.#plans = plans;
  }

  readonly run = async ({ attempt, sleep }: AttemptContext): Promise<string> => {
    const [ms, outcome] = this.#plans[attempt - 1] ?? [0, new Error("not planned")];
    this.note(`${attempt} starts`);
    try {
      await sleep(ms);
    } catch (error) {
      this.note(`${attempt} is cancelled`);
      throw error;
    }
    if (typeof outcome !== "string") {
      this.note(`${attempt} fails`);
      throw outcome;
    }
    this.note(`${attempt} returns`);
    return outcome;
  };

  note(what: string): void {
    this.log.push(`${what} at ${clock.now()}`);
  }
}

describe("another attempt", () => {
  test("HEDGE-1: is not started when the first succeeds within the delay", async () => {
    const entrants = new Entrants([99, "first"]);
    expect(await clock.run(() => hedge(entrants.run, { delay: 100 }))).toBe("first");
    expect(entrants.log).toEqual(["1 starts at 0", "1 returns at 99"]);
    expect(clock.pending).toBe(0);
  });

  test("HEDGE-1: is started after the delay; the first that succeeds wins, and the other is cancelled", async () => {
    const entrants = new Entrants([500, "first"], [50, "second"]);
    expect(await clock.run(() => hedge(entrants.run, { delay: 100 }))).toBe("second");
    expect(entrants.log).toEqual(["1 starts at 0", "2 starts at 100", "2 returns at 150", "1 is cancelled at 150"]);
  });

  test("HEDGE-1: leaves the one before in the race", async () => {
    const entrants = new Entrants([120, "first"], [500, "second"]);
    expect(await clock.run(() => hedge(entrants.run, { delay: 100 }))).toBe("first");
    expect(entrants.log.at(-1)).toBe("2 is cancelled at 120");
  });

  test("HEDGE-1: is started each delay after the one before, two in all unless attempts says more", async () => {
    for (const [attempts, starts] of [
      [undefined, 2],
      [1, 1],
      [4, 4],
    ] as const) {
      const begin = clock.now();
      const entrants = new Entrants([1_000, "1"], [1_000, "2"], [1_000, "3"], [1_000, "4"]);
      expect(await clock.run(() => hedge(entrants.run, { delay: 100, attempts }))).toBe("1");
      expect(entrants.log.filter((line) => line.includes("starts"))).toEqual(
        Array.from({ length: starts }, (_each, index) => `${index + 1} starts at ${begin + index * 100}`),
      );
    }
  });

  test("HEDGE-1: is started at once when all that run have failed", async () => {
    const entrants = new Entrants([10, new Error("1")], [10, new Error("2")], [10, "third"]);
    expect(await clock.run(() => hedge(entrants.run, { delay: 100, attempts: 3 }))).toBe("third");
    expect(entrants.log).toEqual([
      "1 starts at 0",
      "1 fails at 10",
      "2 starts at 10",
      "2 fails at 20",
      "3 starts at 20",
      "3 returns at 30",
    ]);
    expect(clock.pending).toBe(0);
  });

  test("HEDGE-1: is not started early while another one still runs", async () => {
    const entrants = new Entrants([1_000, "first"], [10, new Error("2")], [10, "third"]);
    expect(await clock.run(() => hedge(entrants.run, { delay: 100, attempts: 3 }))).toBe("third");
    expect(entrants.log.filter((line) => line.includes("starts"))).toEqual([
      "1 starts at 0",
      "2 starts at 100",
      "3 starts at 200",
    ]);
  });

  test("is only started after failures with delay: Infinity, and with delay: 0 at once", async () => {
    const failing = new Entrants([10, new Error("1")], [10, "second"]);
    expect(await clock.run(() => hedge(failing.run, { delay: Infinity }))).toBe("second");
    expect(clock.now()).toBe(20);
    const both = new Entrants([10, "first"], [5, "second"]);
    expect(await clock.run(() => hedge(both.run, { delay: 0 }))).toBe("second");
    expect(clock.now()).toBe(25);
  });

  test("is told which it is, how many are left, and what failed before", async () => {
    const seen: object[] = [];
    const failure = new Error("1");
    const promise = hedge(
      ({ attempt, retriesLeft, previousError }) => {
        seen.push({ attempt, retriesLeft, previousError });
        if (attempt === 1) throw failure;
        return "second";
      },
      { delay: 100, attempts: 3 },
    );
    expect(await clock.run(() => promise)).toBe("second");
    expect(seen).toEqual([
      { attempt: 1, retriesLeft: 2, previousError: undefined },
      { attempt: 2, retriesLeft: 1, previousError: failure },
    ]);
  });
});

describe("what was not needed", () => {
  test("R21: failures before the winner are tolerated", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    const entrants = new Entrants([10, new Error("1")], [10, "second"]);
    await clock.run(() => hedge(entrants.run, { delay: 100 }));
    expect(late).toEqual([]);
  });

  test("is no late error when it only stops, and its value is dropped when it returns in spite of it", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    const stopping = new Entrants([1_000, "first"], [10, "second"]);
    expect(await clock.run(() => hedge(stopping.run, { delay: 100 }))).toBe("second");
    const value = await clock.run(() =>
      hedge(({ attempt, sleep }) => (attempt === 2 ? "second" : sleep(1_000).catch(() => "first")), { delay: 100 }),
    );
    expect({ value, late }).toEqual({ value: "second", late: [] });
  });

  test("HEDGE-2: is waited for, and what it throws then is reported as late", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const failure = new Error("rollback failed");
    const value = await clock.run(() =>
      hedge(
        async ({ attempt, signal, sleep }) => {
          if (attempt === 2) return "second";
          await sleep(1_000).catch(() => {});
          expect(signal.aborted).toBe(true);
          await turn();
          throw failure;
        },
        { delay: 100, name: "query" },
      ),
    );
    expect(value).toBe("second");
    expect(late).toEqual([[failure, "query"]]);
  });

  test("HEDGE-2: is abandoned when its grace is over: 1,000 ms, 0 if it never looked at its signal, or what grace says", async () => {
    for (const [looks, grace, passed] of [
      [true, undefined, 1_100],
      [false, undefined, 100],
      [false, 200, 300],
      [true, 0, 100],
    ] as const) {
      const begin = clock.now();
      const run = ({ attempt, throwIfCancelled }: AttemptContext): string | Promise<never> => {
        if (attempt === 2) return "second";
        if (looks) throwIfCancelled();
        return deaf();
      };
      expect(await clock.run(() => hedge(run, { delay: 100, grace }))).toBe("second");
      expect({ looks, grace, passed: clock.now() - begin }).toEqual({ looks, grace, passed });
    }
  });
});

describe("when all fail", () => {
  test("an ErrorGroup has all errors in their order", async () => {
    const [first, second] = [new Error("1"), new Error("2")];
    const entrants = new Entrants([150, first], [10, second]);
    const error = await clock.run(() => rejection(hedge(entrants.run, { delay: 100, name: "query" })));
    expect(error).toBeInstanceOf(ErrorGroup);
    expect(error).toMatchObject({ errors: [second, first], message: "all 2 attempts of query failed" });
  });

  test("an ErrorGroup has one error too, and the same object once", async () => {
    const failure = new Error("always");
    const run = (): never => {
      throw failure;
    };
    for (const attempts of [1, 3])
      expect(await clock.run(() => rejection(hedge(run, { delay: 100, attempts })))).toMatchObject({
        errors: [failure],
      });
  });

  test("equal primitives are as many failures", async () => {
    const run = (): Promise<never> => Promise.reject(null);
    expect(await clock.run(() => rejection(hedge(run, { delay: 100 })))).toMatchObject({ errors: [null, null] });
  });
});

describe("an abort", () => {
  test("R7: that came before calls nothing, and its reason is thrown", async () => {
    const entrants = new Entrants([0, "first"]);
    const signal = AbortSignal.abort(new Error("gone"));
    expect(await rejection(hedge(entrants.run, { delay: 100, signal }))).toBe(signal.reason);
    expect(entrants.log).toEqual([]);
  });

  test("HEDGE-1: cancels all attempts and starts none; the reason is thrown, with what had failed", async () => {
    const failure = new Error("2");
    const entrants = new Entrants([1_000, "first"], [10, failure], [10, "third"]);
    const signal = abortAt(clock, 150);
    expect(await clock.run(() => rejection(hedge(entrants.run, { delay: 100, attempts: 3, signal })))).toBe(
      signal.reason,
    );
    expect(suppressedErrors(signal.reason)).toEqual([failure]);
    expect(entrants.log.at(-1)).toBe("1 is cancelled at 150");
    expect({ now: clock.now(), pending: clock.pending }).toEqual({ now: 150, pending: 0 });
  });

  test("by the function itself, synchronously, starts no other", async () => {
    const controller = new AbortController();
    let calls = 0;
    const promise = hedge(
      ({ throwIfCancelled }) => {
        calls++;
        controller.abort(new Error("enough"));
        throwIfCancelled();
      },
      { delay: 0, signal: controller.signal },
    );
    expect(await clock.run(() => rejection(promise))).toBe(controller.signal.reason);
    await clock.advanceUntilIdle();
    expect(calls).toBe(1);
  });

  test("when all attempts run is its reason, and no failure of theirs", async () => {
    const entrants = new Entrants([1_000, "first"], [1_000, "second"]);
    const signal = abortAt(clock, 150);
    expect(await clock.run(() => rejection(hedge(entrants.run, { delay: 100, signal })))).toBe(signal.reason);
    expect(suppressedErrors(signal.reason)).toEqual([]);
  });

  test("R13: during which the last of all attempts fails really is an ErrorGroup: nothing was cut short", async () => {
    const [first, second] = [new Error("1"), new Error("rollback failed")];
    const promise = hedge(
      async ({ attempt, sleep }) => {
        if (attempt === 1) throw first;
        await sleep(1_000).catch(() => {});
        throw second;
      },
      { delay: 100, signal: abortAt(clock, 50) },
    );
    expect(await clock.run(() => rejection(promise))).toMatchObject({ name: "ErrorGroup", errors: [first, second] });
  });

  test("of which one returns all the same: the value wins", async () => {
    const signal = abortAt(clock, 50);
    const promise = hedge(({ sleep }) => sleep(1_000).catch(() => "value"), { delay: 100, signal });
    expect(await clock.run(() => promise)).toBe("value");
  });

  test("by a deadline around it is that deadline's TimeoutError", async () => {
    const entrants = new Entrants([1_000, "first"], [1_000, "second"]);
    const error = await clock.run(() =>
      rejection(timeout(150, ({ signal }) => hedge(entrants.run, { delay: 100, signal }))),
    );
    expect(error).toMatchObject({ name: "TimeoutError", timeout: 150 });
    expect(entrants.log.slice(2)).toEqual(["1 is cancelled at 150", "2 is cancelled at 150"]);
  });
});

describe("a caller's mistake is a rejection:", () => {
  for (const [options, name, message] of [
    [undefined, "TypeError", "hedge: delay must be a number of milliseconds >= 0 or Infinity, got undefined"],
    [{}, "TypeError", "hedge: delay must be a number of milliseconds >= 0 or Infinity, got undefined"],
    [{ delay: -1 }, "RangeError", "hedge: delay must be a number of milliseconds >= 0 or Infinity, got -1 (number)"],
    [{ delay: 1, attempts: 0 }, "RangeError", "hedge: attempts must be an integer >= 1 or Infinity, got 0 (number)"],
    [
      { delay: 1, grace: -1 },
      "RangeError",
      "hedge: grace must be a number of milliseconds >= 0 or Infinity, got -1 (number)",
    ],
    [{ delay: 1, signal: 3 }, "TypeError", "signal must be an AbortSignal, got number"],
  ] as const)
    test(`${message} (${JSON.stringify(options)})`, async () => {
      let calls = 0;
      const call: { call(run: unknown, options: unknown): Promise<unknown> }["call"] = hedge;
      expect(await rejection(call(() => calls++, options))).toMatchObject({ name, message });
      expect(calls).toBe(0);
    });

  test("a promise where the function belongs", async () => {
    const call: { call(run: unknown, options: unknown): Promise<unknown> }["call"] = hedge;
    expect(await rejection(call(Promise.resolve(1), { delay: 1 }))).toMatchObject({ name: "TypeError" });
  });
});
