/** What ends a batch before its input does, what that does to the items, and what the report says of it. */
import { batch, type BatchOptions, type ItemContext, onLateError, sleep } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { countListeners, Gates, numbers, rejection, Source } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

const failure = new Error("failed");
const fail = (): never => {
  throw failure;
};

/** As runs of a batch. */
function runs(gates: Gates): {
  [K in "run" | "runUntilAbort"]: (item: number, context: ItemContext) => Promise<number>;
} {
  return {
    run: (item, context) => gates.run(item, context.index, context),
    runUntilAbort: (item, context) => gates.runUntilAbort(item, context.index, context),
  };
}

describe("a signal", () => {
  test("that is aborted already: nothing is called, and the report says why", async () => {
    for (const kind of ["array", "sync", "async"] as const) {
      const source = new Source([1, 2]);
      const items = kind === "array" ? [1, 2] : source[kind]();
      const told: unknown[] = [];
      const report = await batch(items, fail, {
        concurrency: 1,
        signal: AbortSignal.abort(),
        onItem: (result) => told.push(result),
      });
      expect({ kind, counts: report.counts, stoppedBy: report.stoppedBy, log: source.log, told }).toEqual({
        kind,
        counts: { succeeded: 0, failed: 0, cancelled: 0, notStarted: kind === "array" ? 2 : undefined },
        stoppedBy: "signal",
        log: [],
        told: [],
      });
    }
  });

  for (const kind of ["array", "sync", "async"] as const)
    test(`in the middle of ${kind === "array" ? "an array" : `an iterator (${kind})`} cancels the running items and starts no other`, async () => {
      const controller = new AbortController();
      const gates = new Gates();
      const items = kind === "array" ? numbers(9) : new Source(numbers(9))[kind]();
      const options = { concurrency: 2, signal: controller.signal };
      const promise = batch(items, runs(gates).runUntilAbort, options);
      await turn();
      gates.pass(0);
      await turn();
      gates.fail(1, failure);
      await turn();
      controller.abort(new Error("enough"));
      const report = await promise;
      expect(report.results.map(({ index, status }) => [index, status])).toEqual([
        [0, "succeeded"],
        [1, "failed"],
        [2, "cancelled"],
        [3, "cancelled"],
      ]);
      expect(report.failures.slice(1).map(({ error }) => error)).toEqual([
        controller.signal.reason,
        controller.signal.reason,
      ]);
      expect({ counts: report.counts, stoppedBy: report.stoppedBy, types: [...report.errorsByType] }).toEqual({
        counts: { succeeded: 1, failed: 1, cancelled: 2, notStarted: kind === "array" ? 5 : undefined },
        stoppedBy: "signal",
        types: [["Error", 1]],
      });
    });

  test("that cuts short the last items says so, though no item is left to start", async () => {
    for (const retry of [undefined, { retries: 2 }]) {
      const controller = new AbortController();
      const gates = new Gates();
      const options: BatchOptions<number, number> = { concurrency: 2, signal: controller.signal, retry };
      const promise = batch(numbers(2), runs(gates).runUntilAbort, options);
      await turn();
      controller.abort();
      const report = await promise;
      expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
        counts: { succeeded: 0, failed: 0, cancelled: 2, notStarted: 0 },
        stoppedBy: "signal",
      });
    }
  });

  test("that comes when the last items run, and cuts none of them short, has stopped nothing", async () => {
    const controller = new AbortController();
    const gates = new Gates();
    const promise = batch(numbers(2), runs(gates).run, { concurrency: 2, signal: controller.signal });
    await turn();
    controller.abort();
    gates.pass(0);
    gates.fail(1, failure);
    const report = await promise;
    expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
      counts: { succeeded: 1, failed: 1, cancelled: 0, notStarted: 0 },
      stoppedBy: undefined,
    });
  });

  test("during a wait between attempts cancels the item at once, with its attempts", async () => {
    const controller = new AbortController();
    const promise = batch([1], fail, {
      concurrency: 1,
      signal: controller.signal,
      retry: { baseDelay: 1_000, jitter: "none" },
    });
    await clock.advanceBy(300);
    controller.abort(new Error("enough"));
    const report = await promise;
    expect(report.results).toMatchObject([
      {
        status: "cancelled",
        error: controller.signal.reason,
        attempts: [{ attempt: 1, error: failure }],
        duration: 300,
      },
    ]);
  });

  test("waits for items that don't look at it, as long as they take; their values count", async () => {
    const controller = new AbortController();
    const gates = new Gates();
    const promise = batch(numbers(3), runs(gates).run, { concurrency: 1, signal: controller.signal });
    await turn();
    controller.abort();
    await clock.advanceBy(1e6);
    gates.pass(0);
    const report = await promise;
    expect({ values: report.values, counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
      values: [0],
      counts: { succeeded: 1, failed: 0, cancelled: 0, notStarted: 2 },
      stoppedBy: "signal",
    });
  });

  test("R19: with a grace abandons an item that does not stop: it is cancelled, and its late error is reported", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const controller = new AbortController();
    const gates = new Gates();
    const promise = batch(numbers(3), runs(gates).run, {
      concurrency: 1,
      signal: controller.signal,
      grace: 500,
      name: "pages",
    });
    await turn();
    controller.abort(new Error("enough"));
    await clock.advanceBy(500);
    const report = await promise;
    expect(report.results.map(({ status, duration }) => [status, duration])).toEqual([["cancelled", 500]]);
    gates.fail(0, failure);
    await turn();
    expect(late).toEqual([[failure, 'item "0"']]);
  });

  test("R19: with a timeout, but no grace, waits for items all the same, up to their own deadline", async () => {
    const controller = new AbortController();
    clock.setTimer(() => controller.abort(), 50);
    const report = await clock.run(() =>
      batch([300, 500], (ms) => sleep(ms).then(() => ms), {
        concurrency: 2,
        timeout: 400,
        signal: controller.signal,
      }),
    );
    expect(report.results.map(({ status, duration }) => [status, duration])).toEqual([
      ["succeeded", 300],
      ["cancelled", 400],
    ]);
    await clock.advanceUntilIdle();
  });

  test("R16: has no listener left when the batch is over", async () => {
    const controller = new AbortController();
    const listeners = countListeners(controller.signal);
    const options = { concurrency: 2, signal: controller.signal };
    await batch(numbers(5), (item) => (item === 2 ? fail() : item), { ...options, timeout: 50, totalTimeout: 500 });
    await batch(numbers(5), fail, { ...options, maxFailures: 0 });
    expect(listeners.count).toBe(0);
    const promise = batch(numbers(2), (_item, { sleep: rest }) => rest(1e6), options);
    await turn();
    expect(listeners.count).toBe(1);
    controller.abort();
    await promise;
    expect(listeners.count).toBe(0);
  });
});

describe("a total timeout", () => {
  test("cancels the running items, starts no other, and the report says so", async () => {
    const report = await clock.run(() =>
      batch([50, 200, 10, 10], (ms, context) => context.sleep(ms), { concurrency: 1, totalTimeout: 120 }),
    );
    expect(report.results.map(({ status, duration }) => [status, duration])).toEqual([
      ["succeeded", 50],
      ["cancelled", 70],
    ]);
    expect(report.failures[0]?.error).toMatchObject({ name: "AbortError", kind: "deadline" });
    expect({ counts: report.counts, stoppedBy: report.stoppedBy, now: clock.now() }).toEqual({
      counts: { succeeded: 1, failed: 0, cancelled: 1, notStarted: 2 },
      stoppedBy: "timeout",
      now: 120,
    });
  });

  test("that cuts short the last item says so, though no item is left to start", async () => {
    const report = await clock.run(() =>
      batch([200], (ms, context) => context.sleep(ms), { concurrency: 3, totalTimeout: 120 }),
    );
    expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
      counts: { succeeded: 0, failed: 0, cancelled: 1, notStarted: 0 },
      stoppedBy: "timeout",
    });
  });

  test("does not wait for an input that is stuck", async () => {
    const input: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    };
    const report = await clock.run(() => batch(input, fail, { concurrency: 2, totalTimeout: 120 }));
    expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
      counts: { succeeded: 0, failed: 0, cancelled: 0, notStarted: undefined },
      stoppedBy: "timeout",
    });
  });

  test("of 0 starts nothing", async () => {
    const gates = new Gates();
    const report = await batch(numbers(2), runs(gates).run, { concurrency: 1, totalTimeout: 0 });
    expect({ started: gates.started, counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
      started: [],
      counts: { succeeded: 0, failed: 0, cancelled: 0, notStarted: 2 },
      stoppedBy: "timeout",
    });
  });

  test("is not what stopped it when a signal came first, nor the other way round: the first cause stays", async () => {
    for (const [abortAt, stoppedBy] of [
      [50, "signal"],
      [150, "timeout"],
    ] as const) {
      const controller = new AbortController();
      clock.setTimer(() => controller.abort(), abortAt);
      const report = await clock.run(() =>
        batch(numbers(2), () => sleep(300), { concurrency: 1, totalTimeout: 100, signal: controller.signal }),
      );
      expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
        counts: { succeeded: 1, failed: 0, cancelled: 0, notStarted: 1 },
        stoppedBy,
      });
    }
  });

  test("that is never reached leaves no timer", async () => {
    const report = await batch([1], (item) => item, { concurrency: 1, totalTimeout: 50, timeout: 20 });
    expect({ stoppedBy: report.stoppedBy, pending: clock.pending }).toEqual({ stoppedBy: undefined, pending: 0 });
  });
});

describe("a timeout per attempt", () => {
  test("fails the item, with a TimeoutError, layer attempt; the others go on", async () => {
    const report = await clock.run(() =>
      batch([10, 200, 20], (ms, context) => context.sleep(ms), { concurrency: 1, timeout: 50, name: "pages" }),
    );
    expect(report.results.map(({ status }) => status)).toEqual(["succeeded", "failed", "succeeded"]);
    expect(report.failures[0]?.error).toMatchObject({
      name: "TimeoutError",
      layer: "attempt",
      message: 'item "1" timed out after 50 ms',
    });
    expect(report.stoppedBy).toBe(undefined);
  });

  test("goes before one in retry, which does as well alone", async () => {
    for (const options of [
      { timeout: 50, retry: { retries: 0, timeout: 70 } },
      { retry: { retries: 0, timeout: 50 } },
    ]) {
      const report = await clock.run(() =>
        batch([200], (ms, context) => context.sleep(ms), { concurrency: 1, ...options }),
      );
      expect(report.failures[0]?.error).toMatchObject({ name: "TimeoutError", timeout: 50 });
    }
  });

  test("R19: an item that never looked at its signal is abandoned at once, its place is given to the next", async () => {
    const log: string[] = [];
    const report = await clock.run(() =>
      batch(
        ["stuck", "next"],
        (item) => {
          log.push(`${item} at ${clock.now()}`);
          return item === "stuck" ? new Promise(() => {}) : item;
        },
        { concurrency: 1, timeout: 50 },
      ),
    );
    expect(log).toEqual(["stuck at 0", "next at 50"]);
    expect(report.failures[0]?.error).toMatchObject({ name: "TimeoutError", unresponsive: [{ sawSignal: false }] });
  });

  test("R19: one that looked has 1,000 ms, and a grace is honoured", async () => {
    for (const [grace, duration, retryGrace] of [
      [undefined, 1_050, undefined],
      [30, 80, undefined],
      [30, 80, 500],
      [undefined, 120, 70],
    ] as const) {
      const report = await clock.run(() =>
        batch([1], (_item, context) => (context.cancelled ? 1 : new Promise(() => {})), {
          concurrency: 1,
          timeout: 50,
          grace,
          retry: { retries: 0, grace: retryGrace },
        }),
      );
      expect(report.failures.map((result) => result.duration)).toEqual([duration]);
    }
  });
});

test("a batch rejects for none of these", async () => {
  expect(await rejection(batch([1], fail, { concurrency: 1 }).then((report) => report.throwIfFailed()))).toMatchObject({
    name: "ErrorGroup",
  });
});
