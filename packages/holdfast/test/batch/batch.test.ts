/** What a batch becomes: each item in its account, with what it was given. What stops a batch, and the report, have files of their own. */
import { batch, type BatchOptions, type ItemContext, type ItemResult, onLateError } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { Gates, numbers, Source } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

const odd = new Error("odd");
/** Fails for odd items, gives ten times the even ones. */
function even(item: number): number {
  if (item % 2 === 1) throw odd;
  return item * 10;
}

describe("the account", () => {
  for (const [kind, make] of [
    ["an array", (items: readonly number[]) => items],
    ["a sync iterator", (items: readonly number[]) => new Source(items).sync()],
    ["an async generator", (items: readonly number[]) => new Source(items).async()],
  ] as const)
    test(`BATCH-1: of ${kind} has every item once, in the order of the input`, async () => {
      const report = await batch(make([4, 3, 2, 1]), even, { concurrency: 2 });
      const base = { attempts: [], duration: 0 };
      const failed = (index: number, item: number): object => ({
        status: "failed",
        ok: false,
        error: odd,
        index,
        key: String(index),
        item,
        duration: 0,
        attempts: [{ attempt: 1, error: odd, startedAt: 0, duration: 0, delay: undefined }],
      });
      expect(report.results).toEqual([
        { status: "succeeded", ok: true, value: 40, index: 0, key: "0", item: 4, ...base },
        failed(1, 3),
        { status: "succeeded", ok: true, value: 20, index: 2, key: "2", item: 2, ...base },
        failed(3, 1),
      ]);
      expect({ ...report }).toEqual({
        results: report.results,
        values: [40, 20],
        failures: [report.results[1], report.results[3]],
        counts: { succeeded: 2, failed: 2, cancelled: 0, notStarted: 0 },
        errorsByType: new Map([["Error", 2]]),
        stoppedBy: undefined,
        inputError: undefined,
      });
    });

  test("is in the order of the input, whatever the order in which items settle", async () => {
    const gates = new Gates();
    const promise = batch(numbers(3), (item, context) => gates.run(item, context.index, context), { concurrency: 3 });
    for (const index of [2, 0, 1]) {
      await turn();
      if (index === 0) gates.fail(index, odd);
      else gates.pass(index);
    }
    const report = await promise;
    expect(report.results.map(({ index, status }) => [index, status])).toEqual([
      [0, "failed"],
      [1, "succeeded"],
      [2, "succeeded"],
    ]);
    expect({ values: report.values, failures: report.failures }).toEqual({
      values: [10, 20],
      failures: [report.results[0]],
    });
  });

  test("of no items is empty", async () => {
    const report = await batch([], even, { concurrency: 1 });
    expect({ ...report }).toEqual({
      results: [],
      values: [],
      failures: [],
      counts: { succeeded: 0, failed: 0, cancelled: 0, notStarted: 0 },
      errorsByType: new Map(),
      stoppedBy: undefined,
      inputError: undefined,
    });
  });

  test("counts errors by name, and what is no error by its type", async () => {
    const errors = [new TypeError("a"), new RangeError("b"), new TypeError("c"), "text", 7, null, undefined, {}];
    const report = await batch(
      errors,
      (error) => {
        throw error;
      },
      { concurrency: 3 },
    );
    expect(Object.fromEntries(report.errorsByType)).toEqual({
      TypeError: 2,
      RangeError: 1,
      string: 1,
      number: 1,
      null: 1,
      undefined: 1,
      object: 1,
    });
  });

  test("has the duration of each item, waits between its attempts included", async () => {
    const report = await clock.run(() =>
      batch(
        [30, 50],
        async (ms, { sleep, attempt }) => {
          await sleep(ms);
          if (attempt === 1) throw odd;
          return ms;
        },
        { concurrency: 1, retry: { baseDelay: 100, jitter: "none" } },
      ),
    );
    expect(report.results.map(({ duration }) => duration)).toEqual([160, 200]);
  });

  test("has the duration of an item that failed, from the very first moment of the clock on", async () => {
    const report = await clock.run(() =>
      batch(
        [30],
        async (ms, { sleep }) => {
          await sleep(ms);
          throw odd;
        },
        { concurrency: 1 },
      ),
    );
    expect(report.failures.map(({ duration }) => duration)).toEqual([30]);
  });
});

describe("concurrency", () => {
  for (const concurrency of [1, 3, Infinity])
    test(`of ${concurrency} is never exceeded, and as many run as there may`, async () => {
      const gates = new Gates();
      const run = (item: number, context: ItemContext): Promise<number> => gates.run(item, context.index, context);
      const promise = batch(numbers(7), run, { concurrency });
      while (gates.started.length < 7 || gates.running.length > 0) {
        await turn();
        gates.pass(gates.running.at(-1) ?? -1);
      }
      expect((await promise).counts.succeeded).toBe(7);
      expect({ most: gates.most, started: gates.started }).toEqual({
        most: Math.min(concurrency, 7),
        started: numbers(7),
      });
    });
});

describe("the context of an item", () => {
  test("has its index, key, attempt, signal and deadline", async () => {
    const seen: unknown[] = [];
    await clock.run(() =>
      batch(
        ["a", "b"],
        (item, { index, key, attempt, retriesLeft, previousError, signal, deadline, timeLeft }) => {
          seen.push([item, index, key, attempt, retriesLeft, previousError, signal.aborted, deadline, timeLeft]);
          if (item === "b" && attempt === 1) throw odd;
        },
        {
          concurrency: 1,
          key: (item) => `key ${item}`,
          retry: { retries: 2, baseDelay: 100, jitter: "none" },
          timeout: 50,
          totalTimeout: 120,
        },
      ),
    );
    expect(seen).toEqual([
      ["a", 0, "key a", 1, 2, undefined, false, 50, 50],
      ["b", 1, "key b", 1, 2, undefined, false, 50, 50],
      ["b", 1, "key b", 2, 1, odd, false, 120, 20],
    ]);
  });
});

describe("key", () => {
  test("is given item and index, and may repeat: items with one key stay two items", async () => {
    const report = await batch(["x", "x"], (item) => item, {
      concurrency: 2,
      key: (item, index) => `${item}${index > 5 ? index : ""}`,
    });
    expect(report.results.map(({ key, index }) => [key, index])).toEqual([
      ["x", 0],
      ["x", 1],
    ]);
  });

  test("that throws fails its item alone, which is not called", async () => {
    const failure = new Error("no id");
    const called: number[] = [];
    const report = await batch([1, 2, 3], (item) => called.push(item), {
      concurrency: 1,
      key: (item) => {
        if (item === 2) throw failure;
        return `item ${item}`;
      },
    });
    expect({ called, counts: report.counts, failures: report.failures }).toEqual({
      called: [1, 3],
      counts: { succeeded: 2, failed: 1, cancelled: 0, notStarted: 0 },
      failures: [
        { status: "failed", ok: false, error: failure, index: 1, key: "", item: 2, attempts: [], duration: 0 },
      ],
    });
  });
});

describe("keep", () => {
  const cases: readonly (readonly [BatchOptions<number>["keep"], number[], number[], number[]])[] = [
    [undefined, [0, 1, 2, 3], [0, 20], [1, 3]],
    ["all", [0, 1, 2, 3], [0, 20], [1, 3]],
    ["failures", [1, 3], [], [1, 3]],
    ["none", [], [], []],
  ];
  for (const [keep, results, values, failures] of cases)
    test(`of ${String(keep)} keeps what it says, counts all, and tells onItem of all`, async () => {
      const told: number[] = [];
      const report = await batch(numbers(4), even, { concurrency: 1, keep, onItem: ({ index }) => told.push(index) });
      expect({
        results: report.results.map(({ index }) => index),
        values: report.values,
        failures: report.failures.map(({ index }) => index),
        counts: report.counts,
        errorsByType: Object.fromEntries(report.errorsByType),
        told,
      }).toEqual({
        results,
        values,
        failures,
        counts: { succeeded: 2, failed: 2, cancelled: 0, notStarted: 0 },
        errorsByType: { Error: 2 },
        told: [0, 1, 2, 3],
      });
    });
});

describe("onItem", () => {
  test("is called as each item settles, with the very result that the report keeps", async () => {
    const told: ItemResult<number, number>[] = [];
    const gates = new Gates();
    const promise = batch(numbers(3), (item, context) => gates.run(item, context.index, context), {
      concurrency: 3,
      onItem: (result) => told.push(result),
    });
    await turn();
    gates.fail(2, odd);
    await turn();
    expect(told.map(({ index, status }) => [index, status])).toEqual([[2, "failed"]]);
    gates.pass(0);
    gates.pass(1);
    const report = await promise;
    expect(told.map(({ index }) => index)).toEqual([2, 0, 1]);
    for (const result of told) expect(report.results[result.index]).toBe(result);
  });

  test("R17: that throws, or rejects, harms no item: what it threw is reported as late, once", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const broken = new Error("hook");
    const hooks: readonly (() => unknown)[] = [
      () => {
        throw broken;
      },
      () => Promise.reject(broken),
    ];
    for (const onItem of hooks) {
      const report = await batch([1, 2], (item) => item, { concurrency: 1, name: "pages", onItem });
      await turn();
      expect(report.values).toEqual([1, 2]);
      expect(late.splice(0)).toEqual([
        [broken, "pages: onItem"],
        [broken, "pages: onItem"],
      ]);
    }
  });
});

test("BATCH-2: rejects for no item, whatever that throws, and leaves no rejection unhandled", async () => {
  const thrown = [
    odd,
    "text",
    undefined,
    null,
    new DOMException("aborted", "AbortError"),
    Object.freeze(new Error("f")),
  ];
  const report = await batch(
    thrown,
    async (error, { index }) => {
      for (let hop = 0; hop < index; hop++) await Promise.resolve();
      throw error;
    },
    { concurrency: 2 },
  );
  await turn();
  expect(report.failures.map(({ status, error }) => [status, error])).toEqual(thrown.map((error) => ["failed", error]));
});
