/** What `batch` infers, and what must not compile. */
import { expectTypeOf } from "expect-type";
import { batch } from "holdfast";
import type { Attempt, BatchOptions, BatchReport, ItemContext, ItemResult } from "holdfast";
import { describe, test } from "../harness.ts";

interface Page {
  readonly id: number;
}
declare const pages: readonly Page[];
declare const report: BatchReport<Page, string>;
declare const result: ItemResult<Page, string>;

describe("batch", () => {
  test("infers the item from the input and the value from the function", () => {
    expectTypeOf(batch(pages, async ({ id }) => String(id), { concurrency: 2 })).toEqualTypeOf<
      Promise<BatchReport<Page, string>>
    >();
    expectTypeOf(batch(new Set(["a"]), (item) => item.length, { concurrency: 1 })).toEqualTypeOf<
      Promise<BatchReport<string, number>>
    >();
    expectTypeOf(batch(stream(), (item) => item, { concurrency: 1 })).toEqualTypeOf<Promise<BatchReport<Date, Date>>>();
    async function* stream(): AsyncGenerator<Date> {
      yield new Date(0);
    }
  });

  test("gives the function the item and one context", () => {
    void batch(
      pages,
      (item, context) => {
        expectTypeOf(item).toEqualTypeOf<Page>();
        expectTypeOf(context).toEqualTypeOf<ItemContext>();
        expectTypeOf(context.key).toEqualTypeOf<string>();
        expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
      },
      { concurrency: 1 },
    );
  });

  test("gives its options the types that it inferred, which they never decide", () => {
    void batch(pages, async ({ id }) => String(id), {
      concurrency: 1,
      key: (item, index) => {
        expectTypeOf(item).toEqualTypeOf<Page>();
        return `${item.id} ${index}`;
      },
      onItem: (item) => void expectTypeOf(item).toEqualTypeOf<ItemResult<Page, string>>(),
      retry: { shouldRetryResult: (value) => value === "" },
      maxFailures: "5%",
    });
    // @ts-expect-error a key is a text
    void batch(pages, () => 1, { concurrency: 1, key: (item) => item.id });
    // @ts-expect-error the values are numbers
    void batch(pages, () => 1, { concurrency: 1, retry: { shouldRetryResult: (value: string) => value === "" } });
    // @ts-expect-error the items are pages
    void batch(pages, () => 1, { concurrency: 1, key: (item: string) => item });
  });

  test("takes undefined for every option but concurrency, which has no default", () => {
    void batch(pages, () => 1, {
      concurrency: Infinity,
      key: undefined,
      retry: undefined,
      timeout: undefined,
      totalTimeout: undefined,
      grace: undefined,
      maxFailures: undefined,
      keep: undefined,
      onItem: undefined,
      signal: undefined,
      name: undefined,
    });
    // @ts-expect-error concurrency is required
    void batch(pages, () => 1, {});
    // @ts-expect-error and so are the options
    void batch(pages, () => 1);
    // @ts-expect-error and it is no optional one
    void batch(pages, () => 1, { concurrency: undefined });
  });

  test("refuses what can't be", () => {
    // @ts-expect-error no percentage
    void batch(pages, () => 1, { concurrency: 1, maxFailures: "five" });
    // @ts-expect-error no such choice
    void batch(pages, () => 1, { concurrency: 1, keep: "some" });
    // @ts-expect-error a number is no input
    void batch(5, () => 1, { concurrency: 1 });
    // @ts-expect-error a function, not a promise
    void batch(pages, Promise.resolve(1), { concurrency: 1 });
  });
});

describe("a report", () => {
  test("holds lists that can't be changed", () => {
    expectTypeOf(report.results).toEqualTypeOf<readonly ItemResult<Page, string>[]>();
    expectTypeOf(report.values).toEqualTypeOf<readonly string[]>();
    expectTypeOf(report.failures[0]).toEqualTypeOf<Exclude<ItemResult<Page, string>, { ok: true }> | undefined>();
    expectTypeOf(report.errorsByType).toEqualTypeOf<ReadonlyMap<string, number>>();
    expectTypeOf(report.counts.notStarted).toEqualTypeOf<number | undefined>();
    expectTypeOf(report.stoppedBy).toEqualTypeOf<"signal" | "maxFailures" | "timeout" | "input" | undefined>();
  });

  test("can be told to throw, whatever the name that holds it was declared as", async () => {
    const inferred = await batch(pages, () => 1, { concurrency: 1 });
    inferred.throwIfFailed();
    const { counts } = inferred;
    expectTypeOf(counts.failed).toEqualTypeOf<number>();
  });

  test("is retried with some of the options", () => {
    expectTypeOf(report.retryFailed()).toEqualTypeOf<Promise<BatchReport<Page, string>>>();
    void report.retryFailed({ concurrency: 1, signal: undefined, onItem: ({ item }) => void item.id });
    // @ts-expect-error no such option
    void report.retryFailed({ concurency: 1 });
  });
});

describe("the result of an item", () => {
  test("narrows on ok and on status", () => {
    if (result.ok) {
      expectTypeOf(result.value).toEqualTypeOf<string>();
      expectTypeOf(result.status).toEqualTypeOf<"succeeded">();
    } else {
      expectTypeOf(result.error).toEqualTypeOf<unknown>();
      expectTypeOf(result.status).toEqualTypeOf<"failed" | "cancelled">();
    }
    switch (result.status) {
      case "succeeded":
        expectTypeOf(result.ok).toEqualTypeOf<true>();
        break;
      case "failed":
      case "cancelled":
        expectTypeOf(result.ok).toEqualTypeOf<false>();
        break;
      default:
        expectTypeOf(result).toEqualTypeOf<never>();
    }
    // @ts-expect-error only there when it succeeded
    void result.value;
  });

  test("names its item in any case", () => {
    expectTypeOf(result.item).toEqualTypeOf<Page>();
    expectTypeOf(result.key).toEqualTypeOf<string>();
    expectTypeOf(result.attempts).toEqualTypeOf<readonly Attempt[]>();
  });
});

test("options for any items fit a batch of pages", () => {
  const shared: BatchOptions<unknown> = { concurrency: 4, onItem: ({ key }) => void key };
  void batch(pages, () => 1, shared);
});
