/** What `settle`, `map`, `timeout` and the error helpers infer, and what must not compile. */
import { expectTypeOf } from "expect-type";
import { findError, map, settle, splitError, suppressedErrors, timeout } from "holdfast";
import type { CancelledError, ErrorGroup, Result, TimeoutError } from "holdfast";
import { describe, test } from "../harness.ts";

class HttpError extends Error {
  readonly status: number = 404;
}
declare const error: unknown;

describe("settle", () => {
  test("of one function is a result", () => {
    expectTypeOf(settle(async () => 1)).toEqualTypeOf<Promise<Result<number>>>();
  });

  test("of a list keeps the type of each place", () => {
    expectTypeOf(settle([() => 1, async () => "text"])).toEqualTypeOf<Promise<[Result<number>, Result<string>]>>();
  });

  test("of a record keeps the type of each name", () => {
    expectTypeOf(settle({ user: async () => ({ id: 1 }), count: () => 2 })).toEqualTypeOf<
      Promise<{ user: Result<{ id: number }>; count: Result<number> }>
    >();
  });

  test("gives a result that narrows on ok", async () => {
    const result = await settle(() => 1);
    if (result.ok) expectTypeOf(result.value).toEqualTypeOf<number>();
    else expectTypeOf(result.error).toEqualTypeOf<unknown>();
  });

  test("refuses promises", () => {
    // @ts-expect-error a list of functions, not of promises
    void settle([Promise.resolve(1)]);
  });
});

describe("map", () => {
  test("keeps order and type", () => {
    expectTypeOf(map([1, 2], async (item) => String(item), { concurrency: 2 })).toEqualTypeOf<Promise<string[]>>();
    void map(new Set(["a"]), (item) => void expectTypeOf(item).toEqualTypeOf<string>(), { concurrency: 1 });
  });

  test("has no default for concurrency", () => {
    // @ts-expect-error concurrency is required
    void map([1], (item) => item, {});
    // @ts-expect-error and so are the options
    void map([1], (item) => item);
  });
});

describe("timeout", () => {
  test("resolves with what the function returns", () => {
    expectTypeOf(timeout(1_000, async ({ signal }) => signal.aborted)).toEqualTypeOf<Promise<boolean>>();
  });

  test("refuses a promise, which could not be cancelled", () => {
    // @ts-expect-error a function, not a promise
    void timeout(1_000, Promise.resolve(1));
  });
});

describe("errors", () => {
  test("findError finds by class and by guard, typed", () => {
    expectTypeOf(findError(error, HttpError)).toEqualTypeOf<HttpError | undefined>();
    const isText = (value: unknown): value is string => typeof value === "string";
    expectTypeOf(findError(error, isText)).toEqualTypeOf<string | undefined>();
    expectTypeOf(findError(error, (value) => String(value) === "gone")).toEqualTypeOf<unknown>();
  });

  test("splitError gives a typed group and the rest", () => {
    const [match, rest] = splitError(error, HttpError);
    expectTypeOf(match).toEqualTypeOf<ErrorGroup<HttpError> | undefined>();
    expectTypeOf(rest).toEqualTypeOf<unknown>();
    expectTypeOf(match?.errors).toEqualTypeOf<HttpError[] | undefined>();
  });

  test("names and codes are literals, so that a switch over them is exhaustive", () => {
    expectTypeOf<CancelledError["name"]>().toEqualTypeOf<"AbortError">();
    expectTypeOf<CancelledError["code"]>().toEqualTypeOf<"ERR_CANCELLED">();
    expectTypeOf<TimeoutError["code"]>().toEqualTypeOf<"ERR_TIMEOUT">();
    expectTypeOf<CancelledError["kind"]>().toEqualTypeOf<"cancel" | "deadline" | "sibling" | "outer" | "closing">();
    expectTypeOf<ErrorGroup["code"]>().toEqualTypeOf<"ERR_ERROR_GROUP">();
  });

  test("suppressed errors can't be changed", () => {
    expectTypeOf(suppressedErrors(error)).toEqualTypeOf<readonly unknown[]>();
  });
});
