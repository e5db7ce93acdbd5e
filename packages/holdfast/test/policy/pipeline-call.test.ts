/** What one call of a pipeline is given, passes on, and is called. */
import { circuitBreaker, pipeline, type PipelineContext, type Policy, retry, timeout } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { Flaky } from "./attempts.ts";
import { noting } from "./noting-policy.ts";

const clock = useFakeClock();
const exact = { baseDelay: 100, jitter: "none" } as const;

describe("a call", () => {
  test("is numbered through all retries and hedges", async () => {
    const seen: number[] = [];
    const policy = pipeline({ retry: { ...exact, retries: 1 }, hedge: { delay: 10, attempts: 3 } });
    const run = ({ attempt }: PipelineContext): number => {
      seen.push(attempt);
      if (attempt < 5) throw new Error("503");
      return attempt;
    };
    expect(await clock.run(() => policy.run(run))).toBe(5);
    expect(await clock.run(() => policy.run(run).catch(() => "failed"))).toBe(5);
    expect(seen).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
  });

  test("has a context like any other: nothing of it needs this, and it can be passed on whole", async () => {
    const policy = pipeline({ timeout: 100, bulkhead: { concurrency: 1 } });
    const value = await clock.run(() =>
      policy.run(async (context) => {
        const { signal, cancelled, deadline, timeLeft, sleep, throwIfCancelled, attempt } = context;
        await sleep(10);
        throwIfCancelled();
        const inner = await retry(({ deadline: own }) => own, context);
        return { aborted: signal.aborted, cancelled, deadline, timeLeft, attempt, inner };
      }),
    );
    expect(value).toEqual({ aborted: false, cancelled: false, deadline: 100, timeLeft: 100, attempt: 1, inner: 100 });
  });

  test("passes its key and weight on to the policies that take them", async () => {
    const seen: unknown[] = [];
    const spy: Policy = {
      ...noting([], "spy"),
      run: async (fn, options) => {
        seen.push({ name: options?.name, key: options?.key, weight: options?.weight });
        return await timeout(Infinity, fn, options);
      },
    };
    const policy = pipeline([spy, { retry: {} }, { circuitBreaker: spy }]);
    await policy.run(() => 1, { name: "query", key: "host-a", weight: 3 });
    expect(seen).toEqual(Array.from({ length: 2 }, () => ({ name: "query", key: "host-a", weight: 3 })));
    const keyed = pipeline({ circuitBreaker: { consecutiveFailures: 1, openFor: 1e6 } });
    await rejection(keyed.run(new Flaky(1).run, { key: "host-a" }));
    expect(await rejection(keyed.run(() => 1, { key: "host-a" }))).toMatchObject({ key: "host-a" });
    expect(await keyed.run(() => 1, { key: "host-b" })).toBe(1);
    const limited = pipeline({ rateLimit: { limit: 3, interval: 1e6 } });
    await limited.run(() => 1, { weight: 2 });
    expect(await rejection(limited.run(() => 1, { weight: 2 }))).toMatchObject({ code: "ERR_RATE_LIMITED" });
  });

  test("is named by its options, or its function, or else the pipeline, and policies by the pipeline", async () => {
    const policy = pipeline({ name: "db", timeout: 0 });
    const named = { query: () => 1 };
    expect(await rejection(policy.run(named.query, { name: "own" }))).toMatchObject({
      message: "own timed out after 0 ms",
    });
    expect(await rejection(policy.run(named.query))).toMatchObject({ message: "query timed out after 0 ms" });
    expect(await rejection(policy.run(() => 1))).toMatchObject({ message: "db timed out after 0 ms" });
    expect(await rejection(pipeline({ timeout: 0 }).run(() => 1))).toMatchObject({
      message: "call timed out after 0 ms",
    });
    const full = pipeline({
      name: "db",
      bulkhead: { concurrency: 1 },
      rateLimit: { limit: 1, interval: 1e6, name: "own" },
    });
    const controller = new AbortController();
    const holding = rejection(full.run(({ sleep }) => sleep(Infinity), { signal: controller.signal }));
    expect(await rejection(full.run(() => 1))).toMatchObject({
      name: "RateLimitedError",
      message: expect.stringContaining('"own"'),
    });
    controller.abort();
    await holding;
  });

  test("that wrap makes keeps this, arguments and value, and is limited as run is", async () => {
    const policy = pipeline({ retry: { ...exact, retries: 1 }, bulkhead: { concurrency: 1 } });
    const client = {
      base: 40,
      calls: 0,
      add: policy.wrap(async function add(this: { base: number; calls: number }, more: number) {
        if (this.calls++ === 0) throw new Error("503");
        return this.base + more;
      }),
    };
    expect(await clock.run(() => client.add(2))).toBe(42);
    expect({ calls: client.calls, name: client.add.name }).toEqual({ calls: 2, name: "add" });
  });

  test("shares policies that were there, and has its own of those it makes", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1e6, name: "db" });
    const [one, two] = [pipeline({ circuitBreaker: breaker }), pipeline([breaker])];
    await rejection(one.run(new Flaky(1).run));
    expect(await rejection(two.run(() => 1))).toMatchObject({ code: "ERR_CIRCUIT_OPEN", circuit: "db" });
    const options = { circuitBreaker: { consecutiveFailures: 1, openFor: 1e6 } };
    const own = pipeline(options);
    await rejection(own.run(new Flaky(1).run));
    expect(await pipeline(options).run(() => 1)).toBe(1);
  });

  test("may go through a pipeline in a pipeline", async () => {
    const inner = pipeline({ retry: { ...exact, retries: 1 }, timeout: 50 });
    const flaky = new Flaky(3);
    expect(await clock.run(() => pipeline([{ retry: { ...exact, retries: 1 } }, inner]).run(flaky.run))).toBe("value");
    expect(flaky.calls).toBe(4);
  });
});
