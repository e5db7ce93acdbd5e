/** What the policies with state infer, and what must not compile. */
import { expectTypeOf } from "expect-type";
import { bulkhead, circuitBreaker, rateLimit } from "holdfast";
import type {
  Bulkhead,
  BulkheadEvent,
  BulkheadFullError,
  CircuitBreaker,
  CircuitEvent,
  CircuitOpenError,
  CircuitSnapshot,
  CircuitState,
  Context,
  Policy,
  RateLimit,
  RateLimitedError,
} from "holdfast";
import { describe, test } from "../harness.ts";

const breaker = circuitBreaker({ failureRatio: 0.5, openFor: 1000 });
const hold = bulkhead({ concurrency: 2 });
const limit = rateLimit({ limit: 10, interval: 1000 });

describe("every policy", () => {
  test("is a Policy, and what it makes is public by name", () => {
    expectTypeOf(breaker).toEqualTypeOf<CircuitBreaker>();
    expectTypeOf(hold).toEqualTypeOf<Bulkhead>();
    expectTypeOf(limit).toEqualTypeOf<RateLimit>();
    expectTypeOf<CircuitBreaker | Bulkhead | RateLimit>().toExtend<Policy>();
  });

  test("gives the function a context, and resolves with what it returns", () => {
    expectTypeOf(breaker.run((context) => (expectTypeOf(context).toEqualTypeOf<Context>(), 1))).toEqualTypeOf<
      Promise<number>
    >();
    expectTypeOf(hold.run(async () => "text", { key: "a", name: "b" })).toEqualTypeOf<Promise<string>>();
    expectTypeOf(limit.run(() => {}, { weight: 3 })).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error a function, not a promise
    void hold.run(Promise.resolve(1));
    // @ts-expect-error a key is a string
    void hold.run(() => 1, { key: 5 });
  });

  test("wraps a function with its types, its optional and rest parameters, and its this", () => {
    const wrapped = breaker.wrap(async function (this: Date, id: number, ...more: string[]) {
      return `${this.getTime()} ${id} ${more.length}`;
    });
    expectTypeOf(wrapped).toEqualTypeOf<(this: Date, id: number, ...more: string[]) => Promise<string>>();
    const optional = limit.wrap((id: number, signal?: AbortSignal) => (signal?.aborted ? 0 : id), {
      key: (id) => String(id),
      signal: (_, signal) => (expectTypeOf(signal).toEqualTypeOf<AbortSignal | undefined>(), signal),
      weight: () => 2,
    });
    expectTypeOf(optional).toEqualTypeOf<(this: unknown, id: number, signal?: AbortSignal) => Promise<number>>();
    // @ts-expect-error the parameters are those of the function
    hold.wrap((id: number) => id, { key: (id: string) => id });
    // @ts-expect-error a key is a string
    hold.wrap((id: number) => id, { key: (id) => id });
  });
});

describe("circuitBreaker", () => {
  test("has its states as a union, and options that exclude what is none", () => {
    expectTypeOf(breaker.state).toEqualTypeOf<CircuitState>();
    expectTypeOf<CircuitState>().toEqualTypeOf<"closed" | "open" | "half-open">();
    // @ts-expect-error openFor is required
    circuitBreaker({ failureRatio: 0.5 });
    // @ts-expect-error a window of calls or of time
    circuitBreaker({ failureRatio: 0.5, openFor: 1, window: { seconds: 5 } });
    expectTypeOf(breaker.snapshot()).toEqualTypeOf<CircuitSnapshot>();
  });

  test("tells events that narrow by type", () => {
    const onEvent = (event: CircuitEvent): void => {
      expectTypeOf(event.policy).toEqualTypeOf<string>();
      switch (event.type) {
        case "open":
          expectTypeOf(event.openUntil).toEqualTypeOf<number>();
          break;
        case "reject":
          expectTypeOf(event.error).toEqualTypeOf<CircuitOpenError>();
          break;
        case "half-open":
        case "close":
          expectTypeOf(event).not.toHaveProperty("error");
          break;
        default:
          expectTypeOf(event).toEqualTypeOf<never>();
      }
    };
    circuitBreaker({ consecutiveFailures: 1, openFor: 1, onEvent });
    bulkhead({
      concurrency: 1,
      onEvent: (event) => {
        expectTypeOf(event).toEqualTypeOf<BulkheadEvent>();
        if (event.type === "reject") expectTypeOf(event.error).toEqualTypeOf<BulkheadFullError>();
      },
    });
    rateLimit({
      limit: 1,
      interval: 1,
      onEvent: (event) => {
        if (event.type === "reject") expectTypeOf(event.error).toEqualTypeOf<RateLimitedError>();
        else expectTypeOf(event.wait).toEqualTypeOf<number>();
      },
    });
  });
});

describe("rateLimit", () => {
  test("knows its algorithms, and tells at once whether something fits", () => {
    expectTypeOf(limit.tryAcquire(2, "key")).toEqualTypeOf<boolean>();
    expectTypeOf(limit.acquire({ weight: 2, key: "key" })).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error no such algorithm
    rateLimit({ limit: 1, interval: 1, algorithm: "fixed-window" });
  });
});
