/** What `batch` refuses: a rejection that names the option and the value, before anything is called. */
import { batch } from "holdfast";
import { rejection, Source } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";

/** As a caller without types sees it. Methods, unlike functions, may ask for less than they take. */
const call: { call(items: unknown, run: unknown, options: unknown): Promise<unknown> }["call"] = batch;

const duration = "must be a number of milliseconds >= 0 or Infinity, got";
const count = "must be an integer >= 1 or Infinity, got";
const cases: readonly (readonly [options: object | undefined, name: string, message: string])[] = [
  [undefined, "TypeError", `batch: concurrency ${count} undefined`],
  [{}, "TypeError", `batch: concurrency ${count} undefined`],
  [{ concurrency: 0 }, "RangeError", `batch: concurrency ${count} 0 (number)`],
  [{ concurrency: 2.5 }, "RangeError", `batch: concurrency ${count} 2.5 (number)`],
  [{ concurrency: "5" }, "TypeError", `batch: concurrency ${count} "5" (string)`],
  [{ key: "id" }, "TypeError", 'batch: key takes a function, got "id" (string)'],
  [{ onItem: 1 }, "TypeError", "batch: onItem takes a function, got 1 (number)"],
  [{ timeout: -1 }, "RangeError", `batch: timeout ${duration} -1 (number)`],
  [{ totalTimeout: Number.NaN }, "RangeError", `batch: totalTimeout ${duration} NaN (number)`],
  [{ grace: "1s" }, "TypeError", `batch: grace ${duration} "1s" (string)`],
  [{ keep: "some" }, "TypeError", 'batch: keep must be one of "all", "failures", "none", got "some" (string)'],
  [{ maxFailures: -1 }, "RangeError", "batch: maxFailures must be an integer >= 0 or Infinity, got -1 (number)"],
  [{ maxFailures: 0.5 }, "RangeError", "batch: maxFailures must be an integer >= 0 or Infinity, got 0.5 (number)"],
  ...["5", "-5%", "five%", "5 %", "%"].map(
    (maxFailures) =>
      [
        { maxFailures },
        "RangeError",
        `batch: maxFailures must be a number or a percentage like "5%", got "${maxFailures}"`,
      ] as const,
  ),
  [
    { retry: { retries: -1 } },
    "RangeError",
    "batch: retry: retries must be an integer >= 0 or Infinity, got -1 (number)",
  ],
  [
    { retry: { jitter: "x" } },
    "TypeError",
    'batch: retry: jitter must be one of "full", "equal", "decorrelated", "none", got "x" (string)',
  ],
  [{ retry: { totalTimeout: Number.NaN } }, "RangeError", `batch: retry: totalTimeout ${duration} NaN (number)`],
  [{ retry: { shouldRetry: 1 } }, "TypeError", "batch: retry: shouldRetry takes a function, got 1 (number)"],
  [
    { retry: { signal: new AbortController().signal } },
    "TypeError",
    "batch: retry takes no signal of its own; pass signal to batch",
  ],
  [{ retry: { name: "load" } }, "TypeError", "batch: retry takes no name of its own; pass name to batch"],
  [{ signal: {} }, "TypeError", "signal must be an AbortSignal, got object"],
];

describe("an option", () => {
  for (const [options, name, message] of cases)
    test(`that can't be is named with what was got: ${message}`, async () => {
      const source = new Source([1]);
      let calls = 0;
      const settings = options === undefined || "concurrency" in options ? options : { concurrency: 1, ...options };
      const given = message.includes("undefined") ? options : settings;
      expect(await rejection(call(source.sync(), () => calls++, given))).toMatchObject({ name, message });
      expect({ calls, log: source.log }).toEqual({ calls: 0, log: [] });
    });
});

test("items that are none are refused", async () => {
  for (const [items, got] of [
    [undefined, "undefined"],
    [null, "null"],
    [5, "number"],
    [{}, "object"],
  ])
    expect(await rejection(call(items, () => 1, { concurrency: 1 }))).toMatchObject({
      name: "TypeError",
      message: `batch takes an iterable or async iterable of items, got ${String(got)}`,
    });
});

test("a promise where the function belongs is refused", async () => {
  expect(await rejection(call([1], Promise.resolve(1), { concurrency: 1 }))).toMatchObject({
    name: "TypeError",
    message:
      "batch takes a function, got a promise: its work runs already and can't be cancelled; pass () => work() instead of work()",
  });
});
