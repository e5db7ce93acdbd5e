import {
  CancelledError,
  ErrorGroup,
  GroupClosedError,
  isCancellation,
  isTimeout,
  TaskCancelledError,
  TimeoutError,
} from "holdfast";
import { checkCount, checkDuration, checkFunction, checkOneOf } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";

const cause = new Error("cause");

describe("R22: an error class of the core has a name, a code, data fields and a cause", () => {
  const classes: readonly [Error, Readonly<Record<string, unknown>>][] = [
    [
      new CancelledError("request was cancelled", "sibling", "request", cause),
      { name: "AbortError", code: "ERR_CANCELLED", kind: "sibling", group: "request", cause },
    ],
    [
      new TaskCancelledError("poll", cause),
      {
        name: "TaskCancelledError",
        code: "ERR_TASK_CANCELLED",
        task: "poll",
        cause,
        message: 'task "poll" was cancelled',
      },
    ],
    [
      new TimeoutError("poll", 100, "item", cause, [{ task: "poll", spawnedAt: "at x", sawSignal: false }]),
      {
        name: "TimeoutError",
        code: "ERR_TIMEOUT",
        timeout: 100,
        layer: "item",
        cause,
        unresponsive: [{ task: "poll", spawnedAt: "at x", sawSignal: false }],
      },
    ],
    [new GroupClosedError("request", "poll"), { name: "GroupClosedError", code: "ERR_GROUP_CLOSED", group: "request" }],
    [new ErrorGroup([cause]), { name: "ErrorGroup", code: "ERR_ERROR_GROUP" }],
  ];
  for (const [error, fields] of classes) {
    test(`${error.constructor.name} does`, () => {
      expect(error).toMatchObject(fields);
      expect(error).toBeInstanceOf(Error);
    });

    test(`${error.constructor.name} keeps its name when a minifier renames the class`, () => {
      const Renamed = { x: class extends (error.constructor as typeof Error) {} }.x;
      expect(Reflect.get(Renamed.prototype, "name", error)).toBe(fields["name"]);
      expect(String(error)).toBe(`${String(fields["name"])}: ${error.message}`);
    });
  }

  test("without a cause, none has an own property for it", () => {
    const errors = [new CancelledError("m", "cancel", "g"), new TimeoutError("m", 1, "timeout")];
    expect(errors.map((error) => Object.hasOwn(error, "cause"))).toEqual([false, false]);
  });

  test("a TimeoutError says of each that is still running why", () => {
    const error = new TimeoutError("all", 100, "total", undefined, [
      { task: "a", spawnedAt: undefined, sawSignal: true },
      { task: "b", spawnedAt: undefined, sawSignal: false },
    ]);
    expect(error.message).toBe(
      'all timed out after 100 ms; "a" is still running: it did not stop within its grace; "b" is still running: it never looked at its signal; pass ({ signal }) on',
    );
  });
});

describe("guards look at names, not at classes", () => {
  const named = (name: string): Error => Object.assign(new Error("x"), { name });

  test("isTimeout is true of ours, of the platform's, of another copy's, and of nothing else", () => {
    const platform = new DOMException("late", "TimeoutError");
    expect(
      [new TimeoutError("x", 1, "timeout"), platform, named("TimeoutError"), { name: "TimeoutError" }].map(isTimeout),
    ).toEqual([true, true, true, true]);
    expect([named("AbortError"), named("Error"), "TimeoutError", undefined, null, 5].map(isTimeout)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test("isCancellation is true of ours and of the platform's AbortError", () => {
    const platform = new DOMException("aborted", "AbortError");
    expect(
      [new CancelledError("x", "cancel", "g"), platform, named("AbortError")].map((one) => isCancellation(one)),
    ).toEqual([true, true, true]);
  });

  test("no deadline of ours is an inner isTimeout's to catch", () => {
    expect(isTimeout(new CancelledError("x", "deadline", "g"))).toBe(false);
  });
});

describe("R23: what is said to a caller who passed something that can't be", () => {
  const said = (check: () => void): string => {
    try {
      check();
    } catch (error) {
      return String(error);
    }
    return "nothing";
  };

  test("names the argument, what it must be, the value and its type", () => {
    expect([
      said(() => checkDuration("wait: ms", -1)),
      said(() => checkDuration("wait: ms", "5")),
      said(() => checkDuration("wait: ms", 0, 1)),
      said(() => checkCount("map: concurrency", 1.5, 1)),
      said(() => checkCount("map: concurrency", null, 1)),
      said(() => checkCount("map: concurrency", [1], 1)),
      said(() => checkFunction("map", Promise.resolve())),
      said(() => checkFunction("map", {})),
      said(() => checkOneOf("retry: jitter", "ful", ["full", "none"])),
      said(() => checkOneOf("retry: jitter", 5, ["full", "none"])),
    ]).toEqual([
      "RangeError: wait: ms must be a number of milliseconds >= 0 or Infinity, got -1 (number)",
      'TypeError: wait: ms must be a number of milliseconds >= 0 or Infinity, got "5" (string)',
      "RangeError: wait: ms must be a number of milliseconds >= 1 or Infinity, got 0 (number)",
      "RangeError: map: concurrency must be an integer >= 1 or Infinity, got 1.5 (number)",
      "TypeError: map: concurrency must be an integer >= 1 or Infinity, got null",
      "TypeError: map: concurrency must be an integer >= 1 or Infinity, got an array",
      "TypeError: map takes a function, got a promise: its work runs already and can't be cancelled; pass () => work() instead of work()",
      "TypeError: map takes a function, got an object",
      'TypeError: retry: jitter must be one of "full", "none", got "ful" (string)',
      'TypeError: retry: jitter must be one of "full", "none", got 5 (number)',
    ]);
  });

  test("is nothing for what can be", () => {
    expect([
      said(() => checkDuration("d", 0)),
      said(() => checkDuration("d", 0.5)),
      said(() => checkDuration("d", Infinity)),
      said(() => checkCount("c", 1, 1)),
      said(() => checkCount("c", Infinity, 1)),
      said(() => checkFunction("f", () => {})),
      said(() => checkOneOf("o", undefined, [])),
      said(() => checkOneOf("o", "a", ["a"])),
    ]).toEqual(Array.from({ length: 8 }, () => "nothing"));
  });
});
