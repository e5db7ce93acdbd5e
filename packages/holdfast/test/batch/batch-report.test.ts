/** The account of a batch, for programs (`throwIfFailed`, `retryFailed`), for people (`toString`) and for logs (`toJSON`). */
import { attemptsOf, batch, type BatchReport, ErrorGroup } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { numbers, rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code = "ERR_HTTP";
}

/** Of four pages two are gone, in 30 ms each. */
function pages(): Promise<BatchReport<string, string>> {
  return clock.run(() =>
    batch(
      ["a", "b", "c", "d"],
      async (page, { sleep }) => {
        await sleep(30);
        if (page === "b") throw new HttpError("404 b");
        if (page === "d") throw "gone";
        return page.toUpperCase();
      },
      { concurrency: 1, name: "fetchPage", key: (page) => `page ${page}` },
    ),
  );
}

/** Calls `report.throwIfFailed()` and gives what it throws; undefined when it does not. */
function thrownBy<T, R>(report: BatchReport<T, R>): unknown {
  try {
    report.throwIfFailed();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("throwIfFailed", () => {
  test("throws an ErrorGroup of the errors of all failures, in the order of the input", async () => {
    const report = await pages();
    const error = thrownBy(report);
    expect(error).toBeInstanceOf(ErrorGroup);
    expect(error).toMatchObject({ errors: report.failures.map((result) => result.error), message: report.toString() });
    expect(error).toMatchObject({ errors: [{ message: "404 b" }, "gone"] });
  });

  test("keeps the attempts of each error", async () => {
    const report = await pages();
    const [failure] = report.failures;
    expect(attemptsOf(failure?.error)).toEqual(failure?.attempts);
  });

  test("does nothing when every item succeeded, or there was none", async () => {
    for (const items of [[1, 2], []])
      expect(thrownBy(await batch(items, (item) => item, { concurrency: 1 }))).toBe(undefined);
  });

  test("throws when items failed that were not kept, or were not started", async () => {
    const fail = (): never => {
      throw new Error("no");
    };
    const dropped = await batch([1], fail, { concurrency: 1, keep: "none" });
    expect(thrownBy(dropped)).toMatchObject({ name: "ErrorGroup", errors: [], message: dropped.toString() });
    const stopped = await batch([1], fail, { concurrency: 1, signal: AbortSignal.abort() });
    expect(thrownBy(stopped)).toMatchObject({ name: "ErrorGroup", errors: [], message: stopped.toString() });
  });

  test("throws what the input threw too", async () => {
    const broken = new Error("page 2 is gone");
    function* input(): Generator<number> {
      yield 1;
      throw broken;
    }
    const report = await batch(input(), (item) => item, { concurrency: 1 });
    expect(thrownBy(report)).toMatchObject({ name: "ErrorGroup", errors: [broken] });
  });
});

describe("retryFailed", () => {
  test("runs what failed again, with the same function and options; indexes and keys stay", async () => {
    const calls: string[] = [];
    let isBroken = true;
    const report = await batch(
      ["a", "b", "c", "d"],
      (page, { index, key }) => {
        calls.push(`${index} ${key} ${page}`);
        if (isBroken && page > "b") throw new Error(page);
        return page;
      },
      { concurrency: 1, key: (page) => `page ${page}` },
    );
    calls.length = 0;
    const again = await report.retryFailed();
    expect(calls).toEqual(["2 page c c", "3 page d d"]);
    expect(again.failures.map(({ index, key }) => [index, key])).toEqual([
      [2, "page c"],
      [3, "page d"],
    ]);
    isBroken = false;
    const last = await again.retryFailed();
    expect(last.results.map(({ index, key, status }) => [index, key, status])).toEqual([
      [2, "page c", "succeeded"],
      [3, "page d", "succeeded"],
    ]);
    expect(last.counts).toEqual({ succeeded: 2, failed: 0, cancelled: 0, notStarted: 0 });
    expect(report.counts).toEqual({ succeeded: 2, failed: 2, cancelled: 0, notStarted: 0 });
  });

  test("takes other options", async () => {
    const report = await batch(
      [1, 2],
      (_item, { attempt }) => {
        if (attempt < 3) throw new Error("no");
        return attempt;
      },
      { concurrency: 1 },
    );
    const told: number[] = [];
    const again = await clock.run(() =>
      report.retryFailed({ retry: { retries: 2 }, concurrency: 2, onItem: ({ index }) => told.push(index) }),
    );
    expect({ values: again.values, told: told.toSorted((a, b) => a - b) }).toEqual({ values: [3, 3], told: [0, 1] });
  });

  test("runs what was cancelled, under another signal", async () => {
    const controller = new AbortController();
    const report = await batch(
      numbers(3),
      (item, { signal, throwIfCancelled }) => {
        if (item === 1) controller.abort();
        if (signal === controller.signal) return -1;
        throwIfCancelled();
        return item;
      },
      { concurrency: 1, signal: controller.signal },
    );
    expect(report.counts).toEqual({ succeeded: 1, failed: 0, cancelled: 1, notStarted: 1 });
    const stopped = await report.retryFailed();
    expect({ counts: stopped.counts, stoppedBy: stopped.stoppedBy }).toEqual({
      counts: { succeeded: 0, failed: 0, cancelled: 0, notStarted: 1 },
      stoppedBy: "signal",
    });
    const again = await report.retryFailed({ signal: undefined });
    expect(again.results.map(({ index, status }) => [index, status])).toEqual([[1, "succeeded"]]);
  });

  test('with keep: "failures" works as well', async () => {
    const report = await batch(
      numbers(4),
      (item) => {
        if (item % 2 === 1) throw new Error("odd");
      },
      { concurrency: 2, keep: "failures" },
    );
    expect((await report.retryFailed()).failures.map(({ index }) => index)).toEqual([1, 3]);
  });

  test('with keep: "none" is a TypeError that says what to use, unless nothing failed', async () => {
    const fail = (): never => {
      throw new Error("no");
    };
    const report = await batch([1], fail, { concurrency: 1, keep: "none" });
    expect(await rejection(report.retryFailed())).toMatchObject({
      name: "TypeError",
      message: 'retryFailed needs the failed items, and keep: "none" kept none; use keep: "failures"',
    });
    const fine = await batch([1], (item) => item, { concurrency: 1, keep: "none" });
    expect((await fine.retryFailed()).counts).toEqual({ succeeded: 0, failed: 0, cancelled: 0, notStarted: 0 });
  });

  test("refuses options that can't be", async () => {
    const report = await batch([1], (item) => item, { concurrency: 1 });
    expect(await rejection(report.retryFailed({ concurrency: 0 }))).toBeInstanceOf(RangeError);
  });
});

describe("toString", () => {
  test("is a table of what became of the items, with a sample of each type of error", async () => {
    expect((await pages()).toString()).toBe(
      [
        "fetchPage: 2 of 4 succeeded, 2 failed in 120 ms",
        "  errors  type       example",
        '       1  HttpError  item "page b": 404 b',
        '       1  string     item "page d": gone',
      ].join("\n"),
    );
  });

  test("of a batch without failures is one line", async () => {
    const report = await batch(numbers(3), (item) => item, { concurrency: 1, name: "pages" });
    expect(String(report)).toBe("pages: 3 of 3 succeeded in 0 ms");
  });

  test("says what stopped it, and what was not started", async () => {
    const fail = (): never => {
      throw new Error("no");
    };
    const report = await batch(numbers(5), fail, { concurrency: 1, maxFailures: 1, name: "pages" });
    expect(String(report)).toBe(
      [
        "pages: 0 of 5 succeeded, 2 failed, 3 not started in 0 ms",
        "  stopped by maxFailures",
        "  errors  type   example",
        '       2  Error  item "0": no',
      ].join("\n"),
    );
  });

  test("says that there may be more where the length of the input is not known", async () => {
    function* input(): Generator<number> {
      for (let item = 0; ; item++) yield item;
    }
    const controller = new AbortController();
    const report = await batch(
      input(),
      (item, { throwIfCancelled }) => {
        if (item === 2) controller.abort();
        throwIfCancelled();
      },
      { concurrency: 1, signal: controller.signal, name: "pages" },
    );
    expect(String(report)).toBe(
      ["pages: 2 of at least 3 succeeded, 1 cancelled in 0 ms", "  stopped by signal"].join("\n"),
    );
  });

  test("says what the input threw", async () => {
    // oxlint-disable-next-line require-yield
    function* input(): Generator<number> {
      throw new Error("no cursor");
    }
    const report = await batch(input(), (item) => item, { concurrency: 1, name: "pages" });
    expect(String(report)).toBe(["pages: 0 of 0 succeeded in 0 ms", "  stopped by input: no cursor"].join("\n"));
  });

  test("takes its samples from failed items, not from those that were cancelled", async () => {
    const report = await batch(
      numbers(2),
      async (item, { sleep }) => {
        if (item === 0) await sleep(1e6);
        throw new DOMException("aborted by the server", "AbortError");
      },
      { concurrency: 2, maxFailures: 0, name: "pages" },
    );
    expect(String(report)).toBe(
      [
        "pages: 0 of 2 succeeded, 1 failed, 1 cancelled in 0 ms",
        "  stopped by maxFailures",
        "  errors  type        example",
        '       1  AbortError  item "1": aborted by the server',
      ].join("\n"),
    );
  });

  test("shows the ten most frequent types and counts the others, without samples where none was kept", async () => {
    const report = await batch(
      numbers(24),
      (item) => {
        throw Object.assign(new Error(String(item)), { name: `Error${item % 12}` });
      },
      { concurrency: 1, keep: "none", name: "pages" },
    );
    const lines = String(report).split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "pages: 0 of 24 succeeded, 24 failed in 0 ms",
      "  errors  type",
      "       2  Error0",
      "       2  Error1",
    ]);
    expect(lines).toHaveLength(13);
    expect(lines.at(-1)).toBe("  and 2 more types of error");
  });
  test("keeps a message of many lines, or a very long one, on its line", async () => {
    const report = await batch(
      ["a", "b"],
      (item) => {
        throw item === "a" ? new TypeError("first line\nsecond line") : new RangeError("x".repeat(300));
      },
      { concurrency: 1, name: "pages" },
    );
    expect(String(report).split("\n").slice(2)).toEqual([
      '       1  TypeError   item "0": first line',
      `       1  RangeError  item "1": ${"x".repeat(110)}…`,
    ]);
  });
});

describe("toJSON", () => {
  test("counts all attempts of an item that had more than its history keeps", async () => {
    const failing = batch(["a"], () => Promise.reject(new Error("no")), {
      concurrency: 1,
      retry: { retries: 149, baseDelay: 0 },
    });
    await clock.advanceUntilIdle();
    const report = await failing;
    expect(report.failures[0]?.attempts.length).toBe(100);
    expect(report.toJSON()).toMatchObject({ failures: [{ attempts: 150 }] });
  });

  test("has the counts, the errors by type, and of each failure what names it", async () => {
    expect(JSON.parse(JSON.stringify(await pages()))).toEqual({
      name: "fetchPage",
      duration: 120,
      counts: { succeeded: 2, failed: 2, cancelled: 0, notStarted: 0 },
      errorsByType: { HttpError: 1, string: 1 },
      failures: [
        {
          index: 1,
          key: "page b",
          status: "failed",
          error: { name: "HttpError", code: "ERR_HTTP", message: "404 b" },
          attempts: 1,
          duration: 30,
        },
        {
          index: 3,
          key: "page d",
          status: "failed",
          error: { name: "string", message: "gone" },
          attempts: 1,
          duration: 30,
        },
      ],
    });
  });

  test("says what stopped it and what the input threw", async () => {
    function* input(): Generator<number> {
      yield 1;
      throw new Error("no cursor");
    }
    const report = await batch(input(), (item) => item, { concurrency: 1, name: "pages" });
    expect(JSON.parse(JSON.stringify(report))).toEqual({
      name: "pages",
      duration: 0,
      counts: { succeeded: 1, failed: 0, cancelled: 0, notStarted: 0 },
      stoppedBy: "input",
      inputError: "no cursor",
      errorsByType: {},
      failures: [],
    });
  });

  test("survives whatever was thrown: symbols, objects without a prototype, errors whose code is no string", async () => {
    const thrown = [Symbol("s"), Object.create(null), 1n, Object.assign(new Error("big"), { code: 1n })];
    const report = await batch(
      thrown,
      (error) => {
        throw error;
      },
      { concurrency: 1 },
    );
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      failures: [
        { error: { name: "symbol", message: "Symbol(s)" } },
        { error: { name: "object" } },
        { error: { name: "bigint", message: "1" } },
        { error: { name: "Error", message: "big" } },
      ],
    });
    expect(String(report)).toContain("0 of 4 succeeded, 4 failed");
  });
});
