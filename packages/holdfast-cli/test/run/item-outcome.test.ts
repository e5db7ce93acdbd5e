import { StopRetry } from "holdfast";
import { describeError } from "../../src/handler/error-facts.ts";
import { itemOutcome } from "../../src/run/item-outcome.ts";
import { expect, test } from "../harness.ts";

class OrderError extends Error {}

const attempt = (number: number, error: unknown) => ({
  attempt: number,
  error,
  startedAt: number * 100,
  duration: 7,
  delay: undefined,
});

test("an error is known by its name, its constructor's where it has no other, and its code", () => {
  expect(
    [
      new TypeError("a"),
      new OrderError("b"),
      Object.assign(new Error("c"), { code: "ECONNRESET" }),
      Object.assign(new Error("d"), { code: 42, name: "Odd" }),
      new StopRetry(new OrderError("inside")),
      "text",
      Object.assign(new Error("e"), { message: { deep: 1 } }),
    ].map(describeError),
  ).toEqual([
    { errorName: "TypeError", errorCode: undefined, message: "a" },
    { errorName: "OrderError", errorCode: undefined, message: "b" },
    { errorName: "Error", errorCode: "ECONNRESET", message: "c" },
    { errorName: "Odd", errorCode: "42", message: "d" },
    { errorName: "OrderError", errorCode: undefined, message: "inside" },
    { errorName: "string", errorCode: undefined, message: "text" },
    { errorName: "Error", errorCode: undefined, message: "{ deep: 1 }" },
  ]);
});

test("a wrapper without a code is told with what it wraps: fetch says only that it failed", () => {
  const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  expect(
    [
      new TypeError("fetch failed", { cause: reset }),
      Object.assign(new Error("query failed", { cause: reset }), { code: "ERR_QUERY" }),
      new Error("says it already: read ECONNRESET", { cause: reset }),
      new Error("odd", { cause: "a string" }),
    ].map(describeError),
  ).toEqual([
    { errorName: "TypeError", errorCode: "ECONNRESET", message: "fetch failed: read ECONNRESET" },
    { errorName: "Error", errorCode: "ERR_QUERY", message: "query failed: read ECONNRESET" },
    { errorName: "Error", errorCode: "ECONNRESET", message: "says it already: read ECONNRESET" },
    { errorName: "Error", errorCode: undefined, message: "odd" },
  ]);
});

test("the stack has the causes below it, up to three", () => {
  const error = ["four", "three", "two", "one"].reduce<Error | undefined>(
    (cause, message) => new OrderError(message, { cause }),
    new OrderError("five"),
  );
  const outcome = itemOutcome({
    status: "failed",
    ok: false,
    error,
    index: 0,
    key: "0",
    item: { index: 0, key: undefined, item: 1 },
    attempts: [attempt(1, error)],
    duration: 1,
  });
  expect([...(outcome.error?.stack ?? "").matchAll(/^(caused by: )?Error: (\w+)$/gm)].map(([line]) => line)).toEqual([
    "Error: one",
    "caused by: Error: two",
    "caused by: Error: three",
    "caused by: Error: four",
  ]);
});

test("an item that succeeded at its third attempt keeps both failures", () => {
  const outcome = itemOutcome({
    status: "succeeded",
    ok: true,
    value: '"v"',
    index: 90,
    key: "90",
    item: { index: 9, key: "k", item: 1 },
    attempts: [attempt(1, new OrderError("one")), attempt(2, new OrderError("two"))],
    duration: 250,
  });
  expect(outcome).toEqual({
    index: 9,
    key: "k",
    state: "succeeded",
    attempts: 3,
    startedAt: Math.round(performance.timeOrigin + 100),
    duration: 250,
    output: '"v"',
    error: undefined,
    sample: undefined,
    failedAttempts: [1, 2].map((number) => ({
      attempt: number,
      startedAt: Math.round(performance.timeOrigin + number * 100),
      duration: 7,
      errorName: "OrderError",
      errorCode: undefined,
      message: number === 1 ? "one" : "two",
      stack: expect.stringContaining("item-outcome.test.ts"),
    })),
  });
});

test("a dead item keeps its last error and itself, cut to what a report can show", () => {
  const error = new OrderError("x".repeat(5_000));
  const outcome = itemOutcome({
    status: "failed",
    ok: false,
    error,
    index: 0,
    key: "0",
    item: { index: 0, key: undefined, item: { text: "y".repeat(9_000) } },
    attempts: [attempt(1, error)],
    duration: 7,
  });
  expect([
    outcome.state,
    outcome.attempts,
    outcome.output,
    outcome.error?.message.length,
    outcome.sample?.length,
    outcome.error === outcome.failedAttempts[0],
  ]).toEqual(["dead", 1, undefined, 2_001, 2_001, true]);
});
