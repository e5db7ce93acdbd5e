/** What `retry` and its helpers infer, and what must not compile. */
import { expectTypeOf } from "expect-type";
import { attemptsOf, isRetryable, retry, retryAfter, StopRetry } from "holdfast";
import type { Attempt, AttemptContext, Result, RetryContext, RetryOptions } from "holdfast";
import { describe, test } from "../harness.ts";

declare const error: unknown;
declare const settings: { readonly signal?: AbortSignal; readonly retries?: number; readonly timeout?: number };

describe("retry", () => {
  test("resolves with what the function returns, awaited", () => {
    expectTypeOf(retry(() => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(retry(async () => ["a"])).toEqualTypeOf<Promise<string[]>>();
    expectTypeOf(retry(async ({ signal }) => signal.aborted)).toEqualTypeOf<Promise<boolean>>();
    expectTypeOf(retry(() => {})).toEqualTypeOf<Promise<void>>();
  });

  test("gives the function one context", () => {
    void retry((context) => void expectTypeOf(context).toEqualTypeOf<AttemptContext>());
    void retry(({ attempt, retriesLeft, previousError }) => {
      expectTypeOf(attempt).toEqualTypeOf<number>();
      expectTypeOf(retriesLeft).toEqualTypeOf<number>();
      expectTypeOf(previousError).toEqualTypeOf<unknown>();
    });
  });

  test("gives its hooks the type of the value, which they never decide", () => {
    const promise = retry(async () => ({ status: 200 }), {
      shouldRetryResult: (value, context) => {
        expectTypeOf(value).toEqualTypeOf<{ status: number }>();
        expectTypeOf(context).toEqualTypeOf<RetryContext<{ status: number }>>();
        return value.status >= 500;
      },
      onFailedAttempt: ({ result }) => void expectTypeOf(result).toEqualTypeOf<Result<{ status: number }>>(),
      shouldRetry: async ({ error: thrown }) => {
        expectTypeOf(thrown).toEqualTypeOf<unknown>();
        return true;
      },
      delay: ({ attempt }) => (attempt > 1 ? 100 : undefined),
    });
    expectTypeOf(promise).toEqualTypeOf<Promise<{ status: number }>>();
    // @ts-expect-error a hook for texts does not fit a function that returns numbers
    void retry(() => 1, { shouldRetryResult: (value: string) => value === "" });
  });

  test("takes one set of options for functions of all types", () => {
    const shared: RetryOptions = { retries: 5, onFailedAttempt: ({ attempt }) => void attempt };
    expectTypeOf(retry(() => 1, shared)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(retry(() => "text", shared)).toEqualTypeOf<Promise<string>>();
  });

  test("takes undefined for every option", () => {
    void retry(() => 1, {
      retries: undefined,
      baseDelay: undefined,
      maxDelay: undefined,
      factor: undefined,
      jitter: undefined,
      delay: undefined,
      timeout: undefined,
      totalTimeout: undefined,
      grace: undefined,
      shouldRetry: undefined,
      shouldRetryResult: undefined,
      onFailedAttempt: undefined,
      signal: undefined,
      name: undefined,
    });
    void retry(() => 1, { signal: settings.signal, retries: settings.retries, timeout: settings.timeout });
  });

  test("refuses what can't be", () => {
    // @ts-expect-error a function, not a promise
    void retry(Promise.resolve(1));
    // @ts-expect-error a number of calls, not a text
    void retry(() => 1, { retries: "3" });
    // @ts-expect-error no such jitter
    void retry(() => 1, { jitter: "half" });
    // @ts-expect-error no such option: it is `retries`, which counts the calls after the first
    void retry(() => 1, { maxAttempts: 3 });
    // @ts-expect-error a result is judged at once
    void retry(() => 1, { shouldRetryResult: async () => true });
    // @ts-expect-error a delay is known at once
    void retry(() => 1, { delay: async () => 1 });
    // @ts-expect-error a signal, not its controller
    void retry(() => 1, { signal: new AbortController() });
  });
});

describe("its helpers", () => {
  test("attemptsOf takes anything that was thrown, and its list can't be changed", () => {
    expectTypeOf(attemptsOf(error)).toEqualTypeOf<readonly Attempt[]>();
    expectTypeOf<Attempt>().toEqualTypeOf<{
      readonly attempt: number;
      readonly error: unknown;
      readonly startedAt: number;
      readonly duration: number;
      readonly delay: number | undefined;
    }>();
  });

  test("retryAfter is a delay", () => {
    expectTypeOf(retryAfter(error, { max: 60_000 })).toEqualTypeOf<number | undefined>();
    void retry(() => 1, { delay: ({ error: thrown }) => retryAfter(thrown, { max: undefined }) });
    // @ts-expect-error the option is called max
    void retryAfter(error, 60_000);
  });

  test("isRetryable is a predicate of anything", () => {
    expectTypeOf(isRetryable).toEqualTypeOf<(error: unknown) => boolean>();
  });

  test("StopRetry carries anything, and has a literal code", () => {
    expectTypeOf(new StopRetry(error).code).toEqualTypeOf<"ERR_STOP_RETRY">();
    expectTypeOf(new StopRetry("text").name).toEqualTypeOf<"StopRetry">();
    // @ts-expect-error it needs the error that is to be thrown
    void new StopRetry();
  });
});
