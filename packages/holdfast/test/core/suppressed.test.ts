import { onLateError, suppressedErrors } from "holdfast";
import { suppress } from "holdfast/lowlevel";
import { afterEach, beforeEach, expect, test } from "../harness.ts";

let late: unknown[] = [];
let listening: Disposable | undefined;
beforeEach(() => {
  late = [];
  listening = onLateError((error) => void late.push(error));
});
afterEach(() => listening?.[Symbol.dispose]());

const numbered = (count: number): Error[] => Array.from({ length: count }, (_, index) => new Error(`e${index}`));

test("R3: an error carries those beside it, in order, without being changed, frozen or not", () => {
  const error = Object.freeze(new Error("first"));
  const others = numbered(3);
  suppress(error, others.slice(0, 2), "task");
  suppress(error, others.slice(2), "task");
  expect(suppressedErrors(error)).toEqual(others);
  expect(Object.keys(error)).toEqual([]);
});

test("R3: each object once, never the error itself; equal primitives each", () => {
  const error = new Error("first");
  const [other] = numbered(1);
  suppress(error, [other, error, other, "text", "text"], "task");
  expect(suppressedErrors(error)).toEqual([other, "text", "text"]);
});

test("R3: at most a hundred; the rest goes to onLateError", () => {
  const error = new Error("first");
  const others = numbered(103);
  suppress(error, others, "task");
  expect(suppressedErrors(error)).toEqual(others.slice(0, 100));
  expect(late).toEqual(others.slice(100));
});

for (const primitive of ["text", 5, undefined, null, Symbol("s")])
  test(`R3: what ${String(primitive)} can't carry goes to onLateError`, () => {
    const others = numbered(2);
    suppress(primitive, others, "task");
    expect(late).toEqual(others);
    expect(suppressedErrors(primitive)).toEqual([]);
  });

test("an error that carries none has an empty list, and the list is a copy", () => {
  const error = new Error("first");
  expect(suppressedErrors(error)).toEqual([]);
  suppress(error, ["text"], "task");
  (suppressedErrors(error) as unknown[]).push("mine");
  expect(suppressedErrors(error)).toEqual(["text"]);
});
