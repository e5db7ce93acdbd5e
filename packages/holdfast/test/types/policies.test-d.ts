/** What `retry` and `batch` infer, and what must not compile. */
import { expectTypeOf } from "expect-type";
import { attemptsOf, batch, retry, retryAfter, StopRetry } from "holdfast";
import type { Attempt, BatchReport, ItemContext, ItemResult, Result } from "holdfast";
import { describe, test } from "../harness.ts";

describe("retry", () => {
  test("resolves with what the function returns, whatever its options look at", () => {
    expectTypeOf(retry(async ({ attempt }) => attempt)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(retry(() => "text", { shouldRetryResult: (value) => value === "" })).toEqualTypeOf<Promise<string>>();
  });

  test("gives the hooks what the attempt came to", () => {
    void retry(() => 1, {
      onFailedAttempt: ({ result, error, attempt }) => {
        expectTypeOf(result).toEqualTypeOf<Result<number>>();
        expectTypeOf(error).toEqualTypeOf<unknown>();
        expectTypeOf(attempt).toEqualTypeOf<number>();
      },
      delay: ({ error }) => retryAfter(error),
    });
  });

  test("refuses what is no option and no function", () => {
    // @ts-expect-error no such jitter
    void retry(() => 1, { jitter: "some" });
    // @ts-expect-error no such option
    void retry(() => 1, { retry: 3 });
    // @ts-expect-error a function, not a promise
    void retry(Promise.resolve(1));
  });

  test("tells of the attempts of any error, and can be stopped with one", () => {
    expectTypeOf(attemptsOf(new Error("last"))).toEqualTypeOf<readonly Attempt[]>();
    expectTypeOf(new StopRetry("reason")).toExtend<Error>();
  });
});

describe("batch", () => {
  test("reports items and values with their types", () => {
    expectTypeOf(batch([1, 2], async (item) => String(item), { concurrency: 2 })).toEqualTypeOf<
      Promise<BatchReport<number, string>>
    >();
    void batch(
      ["a"],
      (item, context) => {
        expectTypeOf(item).toEqualTypeOf<string>();
        expectTypeOf(context).toEqualTypeOf<ItemContext>();
      },
      { concurrency: 1 },
    );
  });

  test("infers from the items and the function alone, never from the options", () => {
    void batch([1], (item) => item, {
      concurrency: 1,
      key: (item) => String(item),
      onItem: (result) => void expectTypeOf(result).toEqualTypeOf<ItemResult<number, number>>(),
    });
  });

  test("gives results that narrow on status and on ok", async () => {
    const report = await batch([1], (item) => String(item), { concurrency: 1 });
    for (const result of report.results) {
      if (result.status === "succeeded") expectTypeOf(result.value).toEqualTypeOf<string>();
      if (!result.ok) expectTypeOf(result.status).toEqualTypeOf<"failed" | "cancelled">();
    }
    expectTypeOf(report.values).toEqualTypeOf<readonly string[]>();
  });

  test("has no default for concurrency, and takes a number or a percentage of failures", () => {
    // @ts-expect-error concurrency is required
    void batch([1], (item) => item, {});
    void batch([1], (item) => item, { concurrency: 1, maxFailures: "5%" });
    // @ts-expect-error neither a number nor a percentage
    void batch([1], (item) => item, { concurrency: 1, maxFailures: "five" });
  });
});
