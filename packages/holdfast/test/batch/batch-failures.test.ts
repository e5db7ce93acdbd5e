/** How many failures are too many, and what becomes of a batch whose input fails. */
import { batch, type BatchOptions, type BatchReport, onLateError } from "holdfast";
import { turn } from "../clock/fake-clock.ts";
import { Gates, numbers, Source } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";

const failure = new Error("failed");

/** Runs one after the other, and says which were. */
async function started(
  items: Iterable<number> | AsyncIterable<number>,
  fails: (item: number) => boolean,
  maxFailures: BatchOptions<number>["maxFailures"],
): Promise<{ readonly started: number; readonly report: BatchReport<number, void> }> {
  let calls = 0;
  const report = await batch(
    items,
    (item) => {
      calls++;
      if (fails(item)) throw failure;
    },
    { concurrency: 1, maxFailures },
  );
  return { started: calls, report };
}

describe("maxFailures", () => {
  for (const [maxFailures, calls] of [
    [0, 1],
    [1, 2],
    [5, 6],
  ] as const)
    test(`of ${maxFailures} stops when more than that have failed`, async () => {
      const { started: count, report } = await started(numbers(20), () => true, maxFailures);
      expect({ count, counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
        count: calls,
        counts: { succeeded: 0, failed: calls, cancelled: 0, notStarted: 20 - calls },
        stoppedBy: "maxFailures",
      });
    });

  test("that is met exactly, at Infinity, or not given stops nothing", async () => {
    for (const maxFailures of [20, Infinity, undefined, "100%", "150%"] as const) {
      const { report } = await started(numbers(20), () => true, maxFailures);
      expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
        counts: { succeeded: 0, failed: 20, cancelled: 0, notStarted: 0 },
        stoppedBy: undefined,
      });
    }
  });

  for (const [percent, calls] of [
    ["0%", 1],
    ["10%", 3],
    ["12.5%", 3],
    ["50%", 11],
  ] as const)
    test(`of ${percent} is of the whole input where its length is known: ${calls - 1} of 20 may fail`, async () => {
      for (const items of [numbers(20), new Set(numbers(20))]) {
        const { started: count, report } = await started(items, () => true, percent);
        expect({ count, stoppedBy: report.stoppedBy }).toEqual({ count: calls, stoppedBy: "maxFailures" });
      }
    });

  test("of n% of an input of unknown length is of those finished, from the 100th on", async () => {
    for (const kind of ["sync", "async"] as const) {
      const source = new Source(numbers(500));
      // Every tenth fails, from the first on: far too many at first, were it not for the sample.
      const { started: count, report } = await started(source[kind](), (item) => item % 10 === 0, "5%");
      expect({ count, counts: report.counts, stoppedBy: report.stoppedBy, last: source.log.at(-1) }).toEqual({
        count: 101,
        counts: { succeeded: 90, failed: 11, cancelled: 0, notStarted: undefined },
        stoppedBy: "maxFailures",
        last: "closed",
      });
    }
  });

  test("of n% of an input of unknown length may stop it with the very 100th item", async () => {
    const { started: count, report } = await started(
      new Source(numbers(500)).sync(),
      (item) => item < 10 || item === 99,
      "10%",
    );
    expect({ count, stoppedBy: report.stoppedBy }).toEqual({ count: 100, stoppedBy: "maxFailures" });
  });

  test("of n% of an input of unknown length stops nothing in an input of less than 100", async () => {
    const { report } = await started(new Source(numbers(99)).sync(), () => true, "5%");
    expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
      counts: { succeeded: 0, failed: 99, cancelled: 0, notStarted: 0 },
      stoppedBy: undefined,
    });
  });

  test("cancels the items that run: they are cancelled, with a reason that says how many failed", async () => {
    const gates = new Gates();
    const promise = batch(numbers(9), (item, context) => gates.runUntilAbort(item, context.index, context), {
      concurrency: 3,
      maxFailures: 0,
      name: "pages",
    });
    await turn();
    gates.fail(1, failure);
    const report = await promise;
    expect(report.results.map(({ index, status }) => [index, status])).toEqual([
      [0, "cancelled"],
      [1, "failed"],
      [2, "cancelled"],
    ]);
    expect(report.failures[0]?.error).toMatchObject({
      name: "AbortError",
      kind: "cancel",
      cause: { message: '1 items of "pages" have failed, more than maxFailures: 0' },
    });
    expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
      counts: { succeeded: 0, failed: 1, cancelled: 2, notStarted: 6 },
      stoppedBy: "maxFailures",
    });
  });

  test("does not count cancelled items as failed", async () => {
    const controller = new AbortController();
    const gates = new Gates();
    const promise = batch(numbers(9), (item, context) => gates.runUntilAbort(item, context.index, context), {
      concurrency: 3,
      maxFailures: 1,
      signal: controller.signal,
    });
    await turn();
    controller.abort();
    expect(await promise).toMatchObject({ stoppedBy: "signal", counts: { failed: 0, cancelled: 3 } });
  });

  test("is not what stopped a batch whose signal came first, though more fail as they stop", async () => {
    const controller = new AbortController();
    const gates = new Gates();
    const promise = batch(numbers(9), (item, context) => gates.run(item, context.index, context), {
      concurrency: 3,
      maxFailures: 0,
      signal: controller.signal,
    });
    await turn();
    controller.abort();
    for (const index of [0, 1, 2]) gates.fail(index, failure);
    expect(await promise).toMatchObject({ stoppedBy: "signal", counts: { failed: 3, cancelled: 0, notStarted: 6 } });
  });
});

describe("an input that throws", () => {
  for (const kind of ["sync", "async"] as const)
    test(`in the middle (${kind}): the items before it are all accounted for, and those that run finish`, async () => {
      const broken = new Error("page 3 is gone");
      function* sync(): Generator<number> {
        yield* [0, 1, 2];
        throw broken;
      }
      async function* later(): AsyncGenerator<number> {
        yield* sync();
      }
      const gates = new Gates();
      const items = kind === "sync" ? sync() : later();
      const promise = batch(items, (item, context) => gates.run(item, context.index, context), { concurrency: 4 });
      await turn();
      expect(gates.contexts.map(({ cancelled }) => cancelled)).toEqual([false, false, false]);
      gates.pass(0);
      gates.fail(1, failure);
      gates.pass(2);
      const report = await promise;
      expect(report.results.map(({ index, status }) => [index, status])).toEqual([
        [0, "succeeded"],
        [1, "failed"],
        [2, "succeeded"],
      ]);
      expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
        counts: { succeeded: 2, failed: 1, cancelled: 0, notStarted: 0 },
        stoppedBy: "input",
      });
      expect(report.inputError).toBe(broken);
    });

  test("stays what stopped the batch, whatever happens to the items that still run", async () => {
    const broken = new Error("page 3 is gone");
    function* input(): Generator<number> {
      yield* [0, 1, 2];
      throw broken;
    }
    const controller = new AbortController();
    const gates = new Gates();
    const promise = batch(input(), (item, context) => gates.runUntilAbort(item, context.index, context), {
      concurrency: 4,
      maxFailures: 0,
      signal: controller.signal,
    });
    await turn();
    gates.fail(0, failure);
    await turn();
    controller.abort();
    const report = await promise;
    expect({ counts: report.counts, stoppedBy: report.stoppedBy, inputError: report.inputError }).toEqual({
      counts: { succeeded: 0, failed: 1, cancelled: 2, notStarted: 0 },
      stoppedBy: "input",
      inputError: broken,
    });
  });

  test("when it is asked for its iterator is one that failed before its first item", async () => {
    const broken = new Error("no cursor");
    const input: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => {
        throw broken;
      },
    };
    const report = await batch(input, () => 1, { concurrency: 2 });
    expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
      counts: { succeeded: 0, failed: 0, cancelled: 0, notStarted: 0 },
      stoppedBy: "input",
    });
    expect(report.inputError).toBe(broken);
  });

  test("a primitive is known by stoppedBy, even undefined", async () => {
    for (const thrown of ["text", undefined, null]) {
      // oxlint-disable-next-line require-yield
      function* input(): Generator<number> {
        throw thrown;
      }
      const report = await batch(input(), () => 1, { concurrency: 1 });
      expect({ stoppedBy: report.stoppedBy, inputError: report.inputError }).toEqual({
        stoppedBy: "input",
        inputError: thrown,
      });
    }
  });

  test("when it is closed, after maxFailures, is reported as late: no failure of an item is replaced", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    const closing = new Error("cursor");
    const input: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => {
          throw closing;
        },
      }),
    };
    const { report } = await started(input, () => true, 0);
    expect({ stoppedBy: report.stoppedBy, errors: report.failures.map(({ error }) => error), late }).toEqual({
      stoppedBy: "maxFailures",
      errors: [failure],
      late: [closing],
    });
  });
});

test("a set from which items go as they are done has never less than nothing left", async () => {
  const items = new Set(numbers(4));
  const controller = new AbortController();
  const report = await batch(
    items,
    (item) => {
      items.delete(item);
      if (item === 2) controller.abort();
    },
    { concurrency: 1, signal: controller.signal },
  );
  expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
    counts: { succeeded: 3, failed: 0, cancelled: 0, notStarted: 0 },
    stoppedBy: "signal",
  });
});

test("an array that grows while it is worked on is counted at its new length", async () => {
  const items = [0, 1];
  const gates = new Gates();
  const controller = new AbortController();
  const promise = batch(items, (item, context) => gates.run(item, context.index, context), {
    concurrency: 2,
    signal: controller.signal,
  });
  await turn();
  items.push(2, 3, 4, 5);
  for (const index of [0, 1]) gates.pass(index);
  await turn();
  controller.abort();
  for (const index of gates.running) gates.pass(index);
  const report = await promise;
  expect({ counts: report.counts, stoppedBy: report.stoppedBy }).toEqual({
    counts: { succeeded: 4, failed: 0, cancelled: 0, notStarted: 2 },
    stoppedBy: "signal",
  });
});
