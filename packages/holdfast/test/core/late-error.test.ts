import { onLateError } from "holdfast";
import { reportLateError } from "holdfast/lowlevel";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";

const failure = new Error("late");

/** What the library wrote to `console.error`. */
let written: unknown[][] = [];
const consoleError: unknown = Reflect.get(console, "error");
beforeEach(() => {
  written = [];
  Reflect.set(console, "error", (...values: unknown[]) => void written.push(values));
});
afterEach(() => void Reflect.set(console, "error", consoleError));

describe("onLateError", () => {
  test("R21: every listener is told, once, in order, with the task and where it was spawned", () => {
    const log: unknown[] = [];
    const listeners = ["a", "b"].map((name) => onLateError((error, info) => void log.push([name, error, info])));
    reportLateError(failure, "poll", "at main");
    reportLateError("text", "poll");
    for (const listener of listeners) listener[Symbol.dispose]();
    expect(log).toEqual([
      ["a", failure, { task: "poll", spawnedAt: "at main" }],
      ["b", failure, { task: "poll", spawnedAt: "at main" }],
      ["a", "text", { task: "poll", spawnedAt: undefined }],
      ["b", "text", { task: "poll", spawnedAt: undefined }],
    ]);
    expect(written).toEqual([]);
  });

  test("R19: without a listener they go to console.error: never silence", () => {
    reportLateError(failure, "poll");
    expect(written).toEqual([['holdfast: late error of "poll", which nobody waits for any more:', failure]]);
  });

  test("a listener that was disposed is told nothing, and may be disposed twice", () => {
    const log: string[] = [];
    const first = onLateError(() => void log.push("first"));
    const second = onLateError(() => void log.push("second"));
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    reportLateError(failure, "poll");
    second[Symbol.dispose]();
    reportLateError(failure, "poll");
    expect({ log, written: written.length }).toEqual({ log: ["second"], written: 1 });
  });

  test("the same function may listen twice and is disposed one by one", () => {
    const log: unknown[] = [];
    const listener = (error: unknown): void => void log.push(error);
    const [first, second] = [onLateError(listener), onLateError(listener)];
    reportLateError(1, "poll");
    first[Symbol.dispose]();
    reportLateError(2, "poll");
    second[Symbol.dispose]();
    expect(log).toEqual([1, 1, 2]);
  });

  test("R17: a listener that throws is reported, and keeps no other from being told", () => {
    const log: unknown[] = [];
    const thrown = new Error("listener");
    const listeners = [
      onLateError(() => {
        throw thrown;
      }),
      onLateError((error) => void log.push(error)),
    ];
    reportLateError(failure, "poll");
    for (const listener of listeners) listener[Symbol.dispose]();
    expect({ log, written }).toEqual({
      log: [failure],
      written: [["holdfast: a listener of onLateError threw:", thrown]],
    });
  });

  test("a listener that disposes itself and others while it is told changes who is told next time only", () => {
    const log: string[] = [];
    const listeners: Disposable[] = [];
    for (const name of ["a", "b"])
      listeners.push(
        onLateError(() => {
          log.push(name);
          for (const listener of listeners) listener[Symbol.dispose]();
        }),
      );
    reportLateError(failure, "poll");
    reportLateError(failure, "poll");
    expect({ log, written: written.length }).toEqual({ log: ["a", "b"], written: 1 });
  });

  test("R23: takes nothing but a function", () => {
    expect(() => onLateError(5 as unknown as () => void)).toThrow("onLateError takes a function, got number");
  });
});
