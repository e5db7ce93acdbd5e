/** What V8 tells of pending promises, and that asking changes nothing. */
import { describe, expect, test } from "../harness.ts";
import { errorOf } from "../core/outcome.ts";
import { awaitStacks, canReadAwaitStacks } from "holdfast/inspect";

/** The names of the functions alone. */
function namesOf(promises: readonly object[]): readonly (readonly string[])[] {
  return awaitStacks(promises).map((frames) => frames.map((frame) => frame.replace(/ \(.*$/u, "")));
}

function pending<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

async function inner(promise: Promise<unknown>): Promise<unknown> {
  return await promise;
}

async function outer(promise: Promise<unknown>): Promise<unknown> {
  return await inner(promise);
}

test("Node tells where promises are awaited", () => {
  expect(canReadAwaitStacks()).toBe(true);
});

test("the stack of a promise is the async functions that wait for it, the innermost first", () => {
  const { promise } = pending();
  void outer(promise);
  expect(namesOf([promise])).toEqual([["inner", "outer"]]);
});

test("a promise that nobody awaits, and one that has settled, have no stack", () => {
  expect(namesOf([pending().promise, Promise.resolve()])).toEqual([[], []]);
});

test("more promises than are asked about in one go each have their own stack", () => {
  const promises = Array.from({ length: 1200 }, () => pending().promise);
  for (const [index, promise] of promises.entries()) void (index % 2 === 0 ? inner(promise) : outer(promise));
  expect(namesOf(promises)).toEqual(promises.map((_, index) => (index % 2 === 0 ? ["inner"] : ["inner", "outer"])));
});

test("the stack is there below a caller with a hundred frames", () => {
  const { promise } = pending();
  void outer(promise);
  const below = (depth: number): unknown => (depth === 0 ? namesOf([promise]) : below(depth - 1));
  expect(below(150)).toEqual([["inner", "outer"]]);
});

test("the limit of stack traces of the program stays as it is", () => {
  const before = Error.stackTraceLimit;
  awaitStacks([pending().promise]);
  expect(Error.stackTraceLimit).toBe(before);
});

describe("PROBE-1: a promise that was asked about", () => {
  test("PROBE-1: resolves as before, for all that wait for it, in their order", async () => {
    const { promise, resolve } = pending<string>();
    const log: unknown[] = [];
    const first = outer(promise).then((value) => log.push(["first", value]));
    namesOf([promise]);
    const second = promise.then((value) => log.push(["second", value]));
    namesOf([promise]);
    resolve("value");
    await Promise.all([first, second]);
    expect(log).toEqual([
      ["second", "value"],
      ["first", "value"],
    ]);
  });

  test("PROBE-1: rejects as before", async () => {
    const { promise, reject } = pending();
    const waiting = errorOf(outer(promise));
    namesOf([promise]);
    const error = new Error("refused");
    reject(error);
    expect(await waiting).toBe(error);
  });

  test("PROBE-1: has the same stack when it is asked about again", () => {
    const { promise } = pending();
    void outer(promise);
    expect([namesOf([promise]), namesOf([promise])]).toEqual([[["inner", "outer"]], [["inner", "outer"]]]);
  });

  test("PROBE-1: is an unhandled rejection if nobody handles it", async () => {
    const { promise, reject } = pending();
    const before = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    const seen = new Promise((resolve) => process.once("unhandledRejection", (error) => resolve(error)));
    namesOf([promise]);
    const error = new Error("nobody looks");
    reject(error);
    expect(await seen).toBe(error);
    for (const listener of before) process.on("unhandledRejection", listener);
  });
});
