/** A limit for each item, and what becomes of an item that does not stop. */
import { forEach, map, onLateError, suppressedErrors, TimeoutError } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { describe, expect, test } from "../harness.ts";
import { Gates, numbers, rejection } from "./lanes-gates.ts";

const clock = useFakeClock();

describe("a timeout per item", () => {
  test("fails the item that takes longer, and only limits that item", async () => {
    const failure = await clock.run(() =>
      rejection(
        map([10, 90, 200], async (ms, _index, { sleep }) => await sleep(ms), {
          concurrency: 1,
          timeout: 100,
          name: "fetchPage",
        }),
      ),
    );
    expect(failure).toBeInstanceOf(TimeoutError);
    expect(failure).toMatchObject({
      message: "fetchPage timed out after 100 ms",
      layer: "item",
      timeout: 100,
      unresponsive: [],
    });
    expect(clock.now()).toBe(200);
  });

  test("gives each item a deadline and a signal of its own", async () => {
    const seen = await clock.run(() =>
      map(
        [30, 40],
        async (ms, _index, { deadline, timeLeft, signal, sleep }) => {
          await sleep(ms);
          return { deadline, timeLeft, signal };
        },
        { concurrency: 1, timeout: 100 },
      ),
    );
    expect(seen.map(({ deadline, timeLeft }) => [deadline, timeLeft])).toEqual([
      [100, 100],
      [130, 100],
    ]);
    expect(new Set(seen.map(({ signal }) => signal)).size).toBe(2);
  });

  test("R19: an item that looked at its signal has 1,000 ms to stop, one that did not has none", async () => {
    for (const [looks, at] of [
      [true, 1100],
      [false, 100],
    ] as const) {
      const start = clock.now();
      const failure = await clock.run(() =>
        rejection(
          map(
            ["stuck"],
            (_item, _index, context) => {
              if (looks) expect(context.signal.aborted).toBe(false);
              return new Promise(() => {});
            },
            { concurrency: 1, timeout: 100, name: "stuck" },
          ),
        ),
      );
      expect(failure).toMatchObject({ name: "TimeoutError", unresponsive: [{ task: "stuck", sawSignal: looks }] });
      expect(clock.now() - start).toBe(at);
    }
  });

  test("R19: an explicit grace is honoured, and the lane of an abandoned item goes on", async () => {
    const log: string[] = [];
    const failure = await clock.run(() =>
      rejection(
        forEach(
          ["stuck", "next"],
          (item) => {
            log.push(`${item} at ${clock.now()}`);
            return item === "stuck" ? new Promise(() => {}) : undefined;
          },
          { concurrency: 1, timeout: 100, grace: 50, stopOnError: false },
        ),
      ),
    );
    expect(failure).toMatchObject({ name: "ErrorGroup", errors: [{ name: "TimeoutError", layer: "item" }] });
    expect(log).toEqual(["stuck at 0", "next at 150"]);
  });

  test("R19: what an abandoned item throws later is reported as late, once", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const gates = new Gates();
    const options = { concurrency: 1, timeout: 100, name: "stuck" };
    const failure = await clock.run(() => rejection(map([0], gates.run, options)));
    expect(failure).toMatchObject({ name: "TimeoutError" });
    expect(late).toEqual([]);
    const error = new Error("at last");
    gates.fail(0, error);
    await turn();
    expect(late).toEqual([[error, "stuck"]]);
  });

  test("a value that comes within the grace wins", async () => {
    const mapped = await clock.run(() =>
      map(
        [1],
        async (item, _index, { signal }) => {
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          return item;
        },
        { concurrency: 1, timeout: 100 },
      ),
    );
    expect(mapped).toEqual([1]);
  });

  test("a real error that comes within the grace is thrown, with the timeout suppressed", async () => {
    const failure = new Error("rollback failed");
    const promise = clock.run(() =>
      map(
        [1],
        async (_item, _index, { signal }) => {
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          throw failure;
        },
        { concurrency: 1, timeout: 100 },
      ),
    );
    expect(await rejection(promise)).toBe(failure);
    expect(suppressedErrors(failure)).toMatchObject([{ name: "TimeoutError", layer: "item" }]);
  });

  test("Infinity is none, and so is a delay beyond what hosts can wait for", async () => {
    for (const timeout of [Infinity, 2 ** 40])
      expect(await map([1], () => timeout, { concurrency: 1, timeout })).toEqual([timeout]);
  });

  test("leaves no timer behind", async () => {
    await map(numbers(5), () => 1, { concurrency: 2, timeout: 1_000 });
    expect(clock.pending).toBe(0);
  });
});

describe("a grace", () => {
  test("R19: without one a cancelled item is waited for, as long as it takes", async () => {
    const controller = new AbortController();
    const gates = new Gates();
    let settled = false;
    const options = { concurrency: 1, signal: controller.signal };
    const caught = rejection(map([0], gates.run, options)).finally(() => (settled = true));
    await turn();
    controller.abort();
    await clock.advanceBy(1_000_000);
    expect(settled).toBe(false);
    gates.fail(0, controller.signal.reason);
    expect(await caught).toBe(controller.signal.reason);
  });

  test("R19: counts from the cancellation: after it an item that does not stop is abandoned", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const gates = new Gates();
    const failure = new Error("item 0");
    const caught = rejection(map(numbers(2), gates.run, { concurrency: 2, grace: 500, name: "pages" }));
    await turn();
    gates.fail(0, failure);
    await clock.advanceBy(499);
    expect(gates.running).toEqual([1]);
    await clock.advanceBy(1);
    expect(await caught).toBe(failure);
    const error = new Error("at last");
    gates.fail(1, error);
    await turn();
    expect(late).toEqual([[error, "pages"]]);
  });
});
