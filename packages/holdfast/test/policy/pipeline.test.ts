/** The order of a pipeline's layers, what one of them does to the others, and what they are told. */
import {
  attemptsOf,
  bulkhead,
  circuitBreaker,
  onLateError,
  pipeline,
  type PipelineContext,
  type Policy,
  retryBudget,
  sleep as wait,
  suppressedErrors,
  timeout,
  TimeoutError,
} from "holdfast";
import { errorOf } from "../core/outcome.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { abortAt, deaf, Flaky } from "./attempts.ts";
import { noting } from "./noting-policy.ts";

const clock = useFakeClock();
const exact = { baseDelay: 100, jitter: "none" } as const;

describe("PIPELINE-1: the order", () => {
  test("of layers given by name is fixed, whatever order they were written in", async () => {
    const log: string[] = [];
    const note = (title: string): Policy => noting(log, title);
    const policy = pipeline({
      timeout: note("timeout"),
      hedge: note("hedge"),
      bulkhead: note("bulkhead"),
      rateLimit: note("rateLimit"),
      circuitBreaker: note("circuitBreaker"),
      retry: note("retry"),
      totalTimeout: note("totalTimeout"),
      fallback: note("fallback"),
    });
    expect(await policy.run(() => log.push("call"))).toBe(9);
    const order = ["fallback", "totalTimeout", "retry", "circuitBreaker", "rateLimit", "bulkhead", "hedge", "timeout"];
    expect(log).toEqual([
      ...order.map((title) => `${title} in`),
      "call",
      ...order.toReversed().map((title) => `${title} out`),
    ]);
    expect(policy.describe().layers.map(({ layer }) => layer)).toEqual(order);
  });

  test("of layers given as a list is that of the list, the first outermost", async () => {
    const log: string[] = [];
    const policy = pipeline([
      noting(log, "a"),
      { timeout: 500 },
      noting(log, "b"),
      { retry: { ...exact, retries: 1 } },
      { circuitBreaker: noting(log, "c") },
    ]);
    const flaky = new Flaky(1);
    expect(await clock.run(() => policy.run(flaky.run))).toBe("value");
    expect(log).toEqual(["a in", "b in", "c in", "c out", "c in", "c out", "b out", "a out"]);
  });

  test("of none is the call itself", async () => {
    for (const policy of [pipeline({}), pipeline([]), pipeline({ retry: undefined })]) {
      expect(await policy.run(({ attempt }) => attempt)).toBe(1);
      const signal = abortAt(clock, 10);
      expect(await clock.run(() => rejection(policy.run(({ sleep }) => sleep(50), { signal })))).toBe(signal.reason);
    }
  });
});

describe("PIPELINE-2: what ends a layer ends all that is inside it:", () => {
  test("the time of all of it ends the call, through a policy of the user's that copies its options", async () => {
    const inner = bulkhead({ concurrency: 1 });
    const copying: Policy = {
      run: (fn, options) => inner.run(fn, { ...options, key: "tenant" }),
      wrap: (fn) => inner.wrap(fn),
    };
    const seen: unknown[] = [];
    const call = pipeline({ totalTimeout: 100, bulkhead: copying }).run(async ({ signal }) => {
      signal.addEventListener("abort", () => seen.push(clock.now()));
      await wait(1000, { signal });
    });
    const error = await clock.run(() => errorOf(call));
    expect([error instanceof TimeoutError && error.unresponsive, seen]).toEqual([[], [100]]);
  });

  test("after a total timeout no further attempt is made", async () => {
    const log: number[] = [];
    const policy = pipeline({ totalTimeout: 250, retry: { ...exact, retries: 9 }, timeout: 60 });
    const error = await clock.run(() =>
      rejection(
        policy.run(
          async ({ sleep }) => {
            log.push(clock.now());
            await sleep(1_000);
          },
          { name: "query" },
        ),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", layer: "total", timeout: 250 });
    // At 0, and 100 after the first attempt's end at 60; the third would have been at 420.
    expect(log).toEqual([0, 160]);
    expect(attemptsOf(error).map(({ attempt, duration }) => [attempt, duration])).toEqual([
      [1, 60],
      [2, 60],
    ]);
    await clock.advanceBy(10_000);
    expect(log).toHaveLength(2);
  });

  test("nor after a timeout that is a layer further out, in a list", async () => {
    let calls = 0;
    const policy = pipeline([{ timeout: 130 }, { hedge: { delay: 30 } }, { retry: { ...exact, retries: 9 } }]);
    const promise = policy.run(() => {
      calls++;
      throw new Error("503");
    });
    expect(await clock.run(() => rejection(promise))).toMatchObject({ name: "TimeoutError", layer: "timeout" });
    expect({ calls, now: clock.now() }).toEqual({ calls: 3, now: 130 });
    await clock.advanceBy(10_000);
    expect(calls).toBe(3);
  });

  test("an abort ends the wait between two attempts at once, and the function's own signal aborts during one", async () => {
    const policy = pipeline({
      retry: { ...exact },
      circuitBreaker: { consecutiveFailures: 9, openFor: 100 },
      bulkhead: { concurrency: 1 },
      timeout: 1_000,
    });
    const waiting = abortAt(clock, 50);
    const failure = new Error("503");
    const fail = (): never => {
      throw failure;
    };
    expect(await clock.run(() => rejection(policy.run(fail, { signal: waiting })))).toBe(waiting.reason);
    expect({ now: clock.now(), suppressed: suppressedErrors(waiting.reason) }).toEqual({
      now: 50,
      suppressed: [failure],
    });
    const running = abortAt(clock, 20);
    let seen: unknown;
    const promise = policy.run(
      async ({ signal, sleep }) => {
        await sleep(500).catch(() => {});
        seen = signal.reason;
        signal.throwIfAborted();
      },
      { signal: running },
    );
    expect(await clock.run(() => rejection(promise))).toBe(running.reason);
    expect({ now: clock.now(), seen }).toEqual({ now: 70, seen: running.reason });
  });

  test("an abort that came before calls nothing, whatever the layers", async () => {
    const signal = AbortSignal.abort(new Error("gone"));
    for (const layers of [
      {},
      { fallback: { fallback: () => "covered" } },
      { totalTimeout: 0 },
      { totalTimeout: 5 },
      { retry: {} },
      { hedge: { delay: 1 } },
      { timeout: 0 },
    ]) {
      let calls = 0;
      expect(await rejection(pipeline(layers).run(() => ++calls, { signal }))).toBe(signal.reason);
      expect(calls).toBe(0);
    }
  });
});

describe("layers together:", () => {
  test("what an open breaker, a full bulkhead or a rate limit refuses is not tried again", async () => {
    const gate = bulkhead({ concurrency: 1 });
    const layers = {
      ERR_CIRCUIT_OPEN: { circuitBreaker: { consecutiveFailures: 1, openFor: 1e6 } },
      ERR_RATE_LIMITED: { rateLimit: { limit: 1, interval: 1e6 } },
      ERR_BULKHEAD_FULL: { bulkhead: gate },
    };
    for (const [code, layer] of Object.entries(layers)) {
      let calls = 0;
      const policy = pipeline({ retry: { ...exact, retries: 5 }, ...layer });
      const occupied = new AbortController();
      const holding = rejection(gate.run(({ sleep }) => sleep(Infinity), { signal: occupied.signal }));
      const fail = (): never => {
        calls++;
        throw new Error("503");
      };
      const begin = clock.now();
      const error = await clock.run(() => rejection(policy.run(fail)));
      expect(error).toMatchObject({ code });
      const isFull = code === "ERR_BULKHEAD_FULL";
      expect({ code, calls, passed: clock.now() - begin }).toEqual({
        code,
        calls: isFull ? 0 : 1,
        passed: isFull ? 0 : 100,
      });
      occupied.abort();
      await holding;
    }
  });

  test("a breaker sees each attempt, a fallback only what is left in the end", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 9, openFor: 100 });
    const covered: unknown[] = [];
    const policy = pipeline({
      circuitBreaker: breaker,
      retry: { ...exact, retries: 2 },
      fallback: { fallback: (error) => covered.push(error) },
    });
    const flaky = new Flaky(Infinity);
    expect(await clock.run(() => policy.run(flaky.run))).toBe(1);
    expect(covered).toEqual([flaky.errors[2]]);
    expect(breaker.stats.failures).toBe(3);
  });

  test("a retry holds no place of the bulkhead while it waits", async () => {
    const places = bulkhead({ concurrency: 1 });
    const policy = pipeline({ retry: { ...exact, retries: 1 }, bulkhead: places });
    const seen: number[] = [];
    const promise = policy.run(({ attempt }) => {
      seen.push(places.running);
      if (attempt === 1) throw new Error("503");
      return "value";
    });
    await clock.advanceBy(50);
    seen.push(places.running);
    expect(await clock.run(() => promise)).toBe("value");
    expect(seen).toEqual([1, 0, 1]);
  });

  test("of a total timeout and one that the retry has itself, the nearer one ends it", async () => {
    for (const [outer, inner, ends] of [
      [100, 50, 50],
      [50, 100, 50],
    ] as const) {
      const policy = pipeline({ totalTimeout: outer, retry: { totalTimeout: inner } });
      const error = await clock.run(() => rejection(policy.run(({ sleep }) => sleep(1e6))));
      expect(error).toMatchObject({ layer: "total", timeout: ends });
    }
  });

  test("the timeout is that of each call, a hedge's too", async () => {
    const log: string[] = [];
    const policy = pipeline({ retry: { ...exact, retries: 1 }, hedge: { delay: 30 }, timeout: 40 });
    const promise = policy.run(async ({ attempt, sleep }) => {
      log.push(`${attempt} starts at ${clock.now()}`);
      try {
        await sleep(1_000);
      } finally {
        log.push(`${attempt} ends at ${clock.now()}`);
      }
    });
    expect(await clock.run(() => rejection(promise))).toMatchObject({
      name: "ErrorGroup",
      errors: [expect.any(TimeoutError), expect.any(TimeoutError)],
    });
    expect(log).toEqual([
      "1 starts at 0",
      "2 starts at 30",
      "1 ends at 40",
      "2 ends at 70",
      "3 starts at 170",
      "4 starts at 200",
      "3 ends at 210",
      "4 ends at 240",
    ]);
  });

  test("deadlines are known inside: the nearest of all layers and of the caller's signal", async () => {
    const seen: number[] = [];
    const look = ({ timeLeft, attempt }: PipelineContext): void => {
      seen.push(timeLeft);
      if (attempt < 3) throw new Error("503");
    };
    const policy = pipeline({
      totalTimeout: 350,
      retry: { ...exact, factor: 1.5 },
      circuitBreaker: { consecutiveFailures: 9, openFor: 1 },
      bulkhead: { concurrency: 1 },
      timeout: 120,
    });
    await clock.run(() => policy.run(look));
    expect(seen).toEqual([120, 120, 100]);
    seen.length = 0;
    await clock.run(() => rejection(timeout(70, ({ signal }) => policy.run(look, { signal }))));
    expect(seen).toEqual([70]);
  });

  test("a budget that is used up ends the attempts of all pipelines that share it", async () => {
    const budget = retryBudget({ ratio: 0, minPerSecond: 0.1 });
    const [first, second] = [new Flaky(Infinity), new Flaky(Infinity)];
    for (const { run } of [first, second])
      await clock.run(() => rejection(pipeline({ retry: { ...exact, budget } }).run(run)));
    expect([first.calls, second.calls]).toEqual([2, 1]);
  });

  test("work that ignores its signal is abandoned by the innermost timeout, and a retry outside goes on", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    const policy = pipeline({
      totalTimeout: 1_000,
      retry: { ...exact, retries: 1 },
      bulkhead: { concurrency: 1 },
      timeout: 40,
    });
    const error = await clock.run(() => rejection(policy.run(deaf, { name: "query" })));
    expect(error).toMatchObject({ layer: "timeout", unresponsive: [{ task: "query", sawSignal: false }] });
    expect(clock.now()).toBe(180);
    expect(late).toEqual([]);
  });

  test("work that stops when it is told to has the time for it, however many layers are around it", async () => {
    for (const layers of [
      { retry: {}, timeout: 1e6 },
      { retry: {}, hedge: { delay: 1e6 } },
      { retry: {}, circuitBreaker: { consecutiveFailures: 9, openFor: 1 } },
      { hedge: { delay: 1e6 }, timeout: 1e6 },
      { totalTimeout: 1e6, bulkhead: { concurrency: 1 } },
      { totalTimeout: 1e6, retry: {}, circuitBreaker: { consecutiveFailures: 9, openFor: 1 }, timeout: 1e6 },
    ]) {
      const begin = clock.now();
      const log: string[] = [];
      const signal = abortAt(clock, 10);
      const promise = pipeline(layers).run(
        async ({ sleep }) => {
          try {
            await sleep(1e5);
          } finally {
            await wait(50);
            log.push("cleaned up");
          }
        },
        { signal },
      );
      expect(await clock.run(() => rejection(promise))).toBe(signal.reason);
      expect({ layers, log, passed: clock.now() - begin }).toEqual({ layers, log: ["cleaned up"], passed: 60 });
    }
  });

  test("after an abort the grace of a total timeout counts from the abort, that of a timeout from its end", async () => {
    for (const [layers, passed] of [
      [{ totalTimeout: 100 }, 35],
      [{ timeout: 100 }, 125],
    ] as const) {
      const begin = clock.now();
      const signal = abortAt(clock, 10);
      const promise = pipeline({ ...layers, grace: 25 }).run(deaf, { signal });
      expect(await clock.run(() => rejection(promise))).toBe(signal.reason);
      expect({ layers, passed: clock.now() - begin }).toEqual({ layers, passed });
    }
  });

  test("the grace of the pipeline is that of all its layers that have none of their own", async () => {
    for (const [layers, passed] of [
      [{ timeout: 40 }, 65],
      [{ totalTimeout: 40 }, 65],
      [{ retry: { retries: 0, timeout: 40 } }, 65],
      [{ retry: { retries: 0, timeout: 40, grace: 7 } }, 47],
      [{ hedge: { delay: 40 } }, 65],
      [{ hedge: { delay: 40, grace: 7 } }, 47],
    ] as const) {
      const begin = clock.now();
      const policy = pipeline({ ...layers, grace: 25 });
      const run = ({ attempt }: PipelineContext): string | Promise<never> => (attempt === 2 ? "second" : deaf());
      await clock.run(() => policy.run(run).catch(() => {}));
      expect({ layers, passed: clock.now() - begin }).toEqual({ layers, passed });
    }
  });
});
