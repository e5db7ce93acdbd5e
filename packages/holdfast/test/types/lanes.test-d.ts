/** What `map` and `forEach` infer, and what must not compile. */
import { expectTypeOf } from "expect-type";
import { forEach, map } from "holdfast";
import type { Context, Items, MapOptions } from "holdfast";
import { describe, test } from "../harness.ts";

declare const either: Items<string>;
declare function stream(): AsyncGenerator<Date>;

describe("map", () => {
  test("takes arrays, iterables and async iterables, and gives what the function returns, awaited", () => {
    const options = { concurrency: 2 };
    expectTypeOf(map([1, 2], async (item) => String(item), options)).toEqualTypeOf<Promise<string[]>>();
    expectTypeOf(map([1, 2] as const, (item) => item, options)).toEqualTypeOf<Promise<(1 | 2)[]>>();
    expectTypeOf(map(new Map([["a", 1]]), (entry) => entry, options)).toEqualTypeOf<Promise<[string, number][]>>();
    expectTypeOf(map("text", (item) => item, options)).toEqualTypeOf<Promise<string[]>>();
    expectTypeOf(map(stream(), (item) => item, options)).toEqualTypeOf<Promise<Date[]>>();
    expectTypeOf(map(either, (item) => item.length, options)).toEqualTypeOf<Promise<number[]>>();
    expectTypeOf(map([1], () => {}, options)).toEqualTypeOf<Promise<void[]>>();
  });

  test("gives the function the item, its index and one context", () => {
    void map(
      ["a"],
      (item, index, context) => {
        expectTypeOf(item).toEqualTypeOf<string>();
        expectTypeOf(index).toEqualTypeOf<number>();
        expectTypeOf(context).toEqualTypeOf<Context>();
      },
      { concurrency: 1 },
    );
    // A function of an array's map will do.
    expectTypeOf(map(["1"], Number, { concurrency: 1 })).toEqualTypeOf<Promise<number[]>>();
  });

  test("takes undefined for every option but concurrency", () => {
    const options: MapOptions = {
      concurrency: 1,
      stopOnError: undefined,
      timeout: undefined,
      grace: undefined,
      signal: undefined,
      name: undefined,
    };
    void map([1], (item) => item, options);
    // @ts-expect-error no default, so no undefined
    void map([1], (item) => item, { concurrency: undefined });
    // @ts-expect-error no such option: failures are settled by stopOnError
    void map([1], (item) => item, { concurrency: 1, onError: "collect" });
  });

  test("refuses what can't be", () => {
    // @ts-expect-error a number is no input
    void map(5, (item) => item, { concurrency: 1 });
    // @ts-expect-error a promise of an input is none
    void map(Promise.resolve([1]), (item) => item, { concurrency: 1 });
    // @ts-expect-error a function, not a promise
    void map([1], Promise.resolve(1), { concurrency: 1 });
    // @ts-expect-error a list can't be changed into another type behind the function's back
    void map(["a"], (item: number) => item, { concurrency: 1 });
  });
});

describe("forEach", () => {
  test("gives nothing, whatever the function returns", () => {
    expectTypeOf(forEach([1], (item) => item * 2, { concurrency: 1 })).toEqualTypeOf<Promise<void>>();
    expectTypeOf(forEach(stream(), async (item) => item.getTime(), { concurrency: 1 })).toEqualTypeOf<Promise<void>>();
  });

  test("has no default for concurrency", () => {
    // @ts-expect-error concurrency is required
    void forEach([1], (item) => item, {});
  });
});
