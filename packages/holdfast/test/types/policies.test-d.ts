/** What `retry`, `hedge`, `fallback`, `pipeline` and `batch` infer, and what must not compile. */
import { expectTypeOf } from "expect-type";
import {
  attemptsOf,
  batch,
  bulkhead,
  fallback,
  hedge,
  pipeline,
  retry,
  retryAfter,
  retryBudget,
  StopRetry,
} from "holdfast";
import type {
  Attempt,
  AttemptContext,
  BatchReport,
  Context,
  ItemContext,
  ItemResult,
  Pipeline,
  PipelineContext,
  Policy,
  Result,
  RetryBudget,
} from "holdfast";
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

describe("retryBudget", () => {
  test("makes what retry takes", () => {
    expectTypeOf(retryBudget({ ratio: 0.1, onEvent: ({ call }) => void call.length })).toEqualTypeOf<RetryBudget>();
    void retry(() => 1, { budget: retryBudget() });
    // @ts-expect-error its options, and no budget
    void retry(() => 1, { budget: { ratio: 0.1 } });
  });
});

describe("hedge", () => {
  test("resolves with what the function returns, and gives it an attempt's context", () => {
    expectTypeOf(
      hedge(
        async (context) => {
          expectTypeOf(context).toEqualTypeOf<AttemptContext>();
          return context.attempt;
        },
        { delay: 50, attempts: 3, grace: 10 },
      ),
    ).toEqualTypeOf<Promise<number>>();
    // @ts-expect-error there is no delay that is right for everybody
    void hedge(() => 1, {});
  });
});

describe("fallback", () => {
  test("resolves with what the function returns, or the fallback", () => {
    expectTypeOf(fallback(async () => 1, { fallback: () => "text" })).toEqualTypeOf<Promise<number | string>>();
    expectTypeOf(
      fallback(() => 1, {
        when: (error) => error instanceof TypeError,
        fallback: async (error, context) => {
          expectTypeOf(error).toEqualTypeOf<unknown>();
          expectTypeOf(context).toEqualTypeOf<Context>();
          return undefined;
        },
      }),
    ).toEqualTypeOf<Promise<number | undefined>>();
    // @ts-expect-error a function, not its value
    void fallback(() => 1, { fallback: "text" });
  });
});

describe("pipeline", () => {
  const policy = pipeline({ totalTimeout: 100, retry: { retries: 1 }, bulkhead: { concurrency: 1 }, timeout: 50 });

  test("resolves with what the function returns, and gives it a context with the number of the call", () => {
    expectTypeOf(policy).toEqualTypeOf<Pipeline>();
    expectTypeOf(
      policy.run(async (context) => {
        expectTypeOf(context).toEqualTypeOf<PipelineContext>();
        return context.attempt;
      }),
    ).toEqualTypeOf<Promise<number>>();
  });

  test("adds what a fallback returns, in both forms", () => {
    const covered = pipeline({ retry: {}, fallback: { fallback: () => "text" } });
    expectTypeOf(covered.run(() => 1)).toEqualTypeOf<Promise<number | string>>();
    expectTypeOf(covered.wrap((id: number) => id)).returns.toEqualTypeOf<Promise<number | string>>();
    const listed = pipeline([{ fallback: { fallback: async () => "text" } }, { timeout: 5 }]);
    expectTypeOf(listed.run(() => 1)).toEqualTypeOf<Promise<number | string>>();
  });

  test("keeps the types and the this of a wrapped function", () => {
    const wrapped = policy.wrap(function add(this: { readonly base: number }, more: number, unit?: string) {
      return `${this.base + more} ${unit}`;
    });
    expectTypeOf(wrapped).toEqualTypeOf<
      (this: { readonly base: number }, more: number, unit?: string) => Promise<string>
    >();
  });

  test("is a policy, and takes any policy at any place", () => {
    expectTypeOf(policy).toExtend<Policy>();
    const shared = bulkhead({ concurrency: 1 });
    void pipeline({ bulkhead: shared, retry: policy, timeout: undefined });
    void pipeline([shared, policy, { bulkhead: shared }, { timeout: 5 }], { name: "db", grace: 10 });
  });

  test("refuses what is no layer, and options that a layer does not take", () => {
    // @ts-expect-error no such layer
    void (() => pipeline({ retries: 3 }));
    // @ts-expect-error no such option
    void (() => pipeline({ retry: { attempts: 3 } }));
    // @ts-expect-error each call has its own
    void (() => pipeline({ retry: { signal: new AbortController().signal } }));
    // @ts-expect-error no such layer
    void (() => pipeline([{ retries: 3 }]));
    // @ts-expect-error covered, it is no policy for calls of any type
    const policyOfAny: Policy = pipeline({ fallback: { fallback: () => "text" } });
    void policyOfAny;
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
