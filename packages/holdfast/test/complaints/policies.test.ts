/** What people report of other libraries about circuit breakers, bulkheads, rate limits, and their order. See README.md. */
import {
  bulkhead,
  BulkheadFullError,
  circuitBreaker,
  CircuitOpenError,
  hedge,
  isRetryable,
  pipeline,
  rateLimit,
  RateLimitedError,
  retry,
  sleep,
  TimeoutError,
} from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { numbers, rejection } from "../core/lanes-gates.ts";
import { abortAt, deaf } from "../policy/attempts.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const failure = new Error("failure");
const fail = (): Promise<never> => Promise.reject(failure);

describe("one breaker for many calls", () => {
  test("opossum#780, opossum#861: an abort of one of them leaves the others alone, and the next one works", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1_000 });
    const seen: unknown[] = [];
    const call = (signal?: AbortSignal): Promise<string> =>
      breaker.run(({ sleep: wait }) => wait(100).then(() => "answer"), { signal });
    await clock.run(async () => {
      const aborted = rejection(call(abortAt(clock, 10, failure)));
      const other = call();
      seen.push(await aborted, await other, await call(), breaker.state);
    });
    expect(seen).toEqual([failure, "answer", "answer", "closed"]);
  });

  test("opossum: a call that runs out of time is stopped: its own signal aborts", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1_000 });
    const calls = pipeline([breaker, { timeout: 100 }]);
    const log: string[] = [];
    const error = await clock.run(() =>
      rejection(
        calls.run(async ({ signal }) => {
          await sleep(1_000, { signal }).catch(() => log.push(`${clock.now()}: stopped`));
          signal.throwIfAborted();
        }),
      ),
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect([...log, breaker.state]).toEqual(["100: stopped", "open"]);
  });

  test("opossum: what it refuses with has a class, a code, and says when to come back", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1_000, name: "orders" });
    await rejection(breaker.run(fail));
    const error = await rejection(breaker.run(fail));
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({
      name: "CircuitOpenError",
      code: "ERR_CIRCUIT_OPEN",
      circuit: "orders",
      retryAfter: 1_000,
    });
  });
});

describe("a half-open breaker", () => {
  const opened = async (): Promise<ReturnType<typeof circuitBreaker>> => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1_000 });
    await rejection(breaker.run(fail));
    await clock.advanceBy(1_000);
    return breaker;
  };

  test("opossum#385: comes after simultaneous failures too, of which the last ended when it was open already", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 5, openFor: 1_000 });
    await Promise.all(numbers(6).map(() => rejection(breaker.run(fail))));
    expect(breaker.state).toBe("open");
    await clock.advanceBy(1_000);
    expect(breaker.state).toBe("half-open");
  });

  test("opossum#719: comes by the clock and not by a timer, so a breaker that was just made of saved state has it as well", async () => {
    const options = { consecutiveFailures: 1, openFor: 1_000 } as const;
    const breaker = circuitBreaker(options);
    await rejection(breaker.run(fail));
    const saved = breaker.snapshot();
    clock.block(1_000);
    const later = circuitBreaker(options);
    later.restore(saved);
    expect([breaker.state, later.state]).toEqual(["half-open", "open"]);
    clock.block(1_000);
    expect(later.state).toBe("half-open");
  });

  test("opossum#276: does not stay so when its probe fails and there are fewer calls than minimumCalls", async () => {
    const breaker = circuitBreaker({ failureRatio: 0.5, minimumCalls: 5, window: { ms: 10_000 }, openFor: 1_000 });
    for (const _ of numbers(5)) await rejection(breaker.run(fail));
    await clock.advanceBy(20_000);
    await rejection(breaker.run(fail));
    expect(breaker.state).toBe("open");
    await clock.advanceBy(1_000);
    expect([await breaker.run(() => "answer"), breaker.state]).toEqual(["answer", "closed"]);
  });

  test("opossum: does not stay so when its probe is aborted, though that ignores it: the next call is a probe", async () => {
    const breaker = await opened();
    const controller = new AbortController();
    const gate = new Gate();
    const probe = breaker.run(() => gate.promise, { signal: controller.signal });
    controller.abort(failure);
    expect(breaker.state).toBe("half-open");
    expect([await breaker.run(() => "answer"), breaker.state]).toEqual(["answer", "closed"]);
    gate.fail(failure);
    expect([await rejection(probe), breaker.state]).toEqual([failure, "closed"]);
  });

  test("opossum: does not stay so when its probe never ends: after openFor there is a new one", async () => {
    const breaker = await opened();
    void breaker.run(deaf);
    await turn();
    expect(await rejection(breaker.run(() => "answer"))).toBeInstanceOf(CircuitOpenError);
    await clock.advanceBy(1_000);
    expect([await breaker.run(() => "answer"), breaker.state]).toEqual(["answer", "closed"]);
  });

  test("opossum: is decided by its probe, not by the late success of a call from before it opened", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1_000 });
    const [slow, probe] = [new Gate<string>(), new Gate<string>()];
    const early = breaker.run(() => slow.promise);
    await rejection(breaker.run(fail));
    await clock.advanceBy(1_000);
    const probing = rejection(breaker.run(() => probe.promise));
    slow.open("late answer");
    expect([await early, breaker.state]).toEqual(["late answer", "half-open"]);
    probe.fail(failure);
    expect([await probing, breaker.state]).toEqual([failure, "open"]);
  });

  test("opossum: takes as many probes as it was told, and closes when all have succeeded", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1_000, probes: 2 });
    await rejection(breaker.run(fail));
    await clock.advanceBy(1_000);
    await breaker.run(() => 1);
    expect(breaker.state).toBe("half-open");
    await breaker.run(() => 2);
    expect(breaker.state).toBe("closed");
  });
});

describe("a breaker", () => {
  test("opossum#809: has no timers, open or closed, however many there are", async () => {
    const before = clock.made;
    const breakers = numbers(1_000).map(() =>
      circuitBreaker({ failureRatio: 0.5, minimumCalls: 1, window: { ms: 10_000 }, openFor: 30_000 }),
    );
    for (const breaker of breakers) await rejection(breaker.run(fail));
    expect(breakers.every((breaker) => breaker.state === "open")).toBe(true);
    expect([clock.made - before, clock.pending]).toEqual([0, 0]);
    await clock.advanceBy(30_000);
    expect(breakers.every((breaker) => breaker.state === "half-open")).toBe(true);
  });

  test("opossum#321: keeps hosts apart by key, in bounded memory", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1_000, maxKeys: 100 });
    await rejection(breaker.run(fail, { key: "down.example" }));
    expect(await breaker.run(() => "answer", { key: "up.example" })).toBe("answer");
    expect(await rejection(breaker.run(() => "answer", { key: "down.example" }))).toBeInstanceOf(CircuitOpenError);
    for (const index of numbers(1_000)) await breaker.run(() => 1, { key: `host ${index}` });
    expect(breaker.keys.length).toBe(100);
  });

  test("cockatiel#89: can be handed to another process as JSON", async () => {
    const options = { consecutiveFailures: 1, openFor: 1_000 } as const;
    const here = circuitBreaker(options);
    await rejection(here.run(fail));
    await clock.advanceBy(400);
    const there = circuitBreaker(options);
    // Holds: that is what was written.
    there.restore(JSON.parse(JSON.stringify(here.snapshot())) as ReturnType<typeof here.snapshot>);
    expect(there.state).toBe("open");
    await clock.advanceBy(599);
    expect(there.state).toBe("open");
    await clock.advanceBy(1);
    expect(there.state).toBe("half-open");
  });

  test("resilience4j: opens for calls that are slow, too", async () => {
    const breaker = circuitBreaker({ slowCall: { ms: 100, ratio: 1 }, minimumCalls: 2, openFor: 1_000 });
    for (const _ of numbers(2)) await clock.run(() => breaker.run(({ sleep: wait }) => wait(100)));
    expect(breaker.state).toBe("open");
  });
});

describe("the layers of a pipeline", () => {
  test("resilience4j#920: are in one order, whatever order they are written in", () => {
    const calls = pipeline({
      timeout: 100,
      bulkhead: { concurrency: 1 },
      retry: {},
      totalTimeout: 1_000,
      circuitBreaker: { consecutiveFailures: 1, openFor: 1_000 },
    });
    expect(calls.describe().layers.map(({ layer }) => layer)).toEqual([
      "totalTimeout",
      "retry",
      "circuitBreaker",
      "bulkhead",
      "timeout",
    ]);
  });

  test("cockatiel, failsafe#234: the end of an outer one ends the inner ones: no attempt comes after it", async () => {
    let calls = 0;
    const guarded = pipeline({
      totalTimeout: 150,
      retry: { retries: 10, baseDelay: 100, jitter: "none" },
      circuitBreaker: { consecutiveFailures: 20, openFor: 1_000 },
      timeout: 1_000,
    });
    const run = (): Promise<never> => {
      calls++;
      return fail();
    };
    expect(await clock.run(() => rejection(guarded.run(run)))).toMatchObject({ layer: "total" });
    await clock.advanceBy(10_000);
    expect(calls).toBe(2);
  });

  test("Polly#1896: have the retry outside the breaker, which sees each attempt", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 3, openFor: 60_000 });
    const calls = pipeline({ retry: { retries: 1, baseDelay: 1 }, circuitBreaker: breaker });
    await clock.run(() => rejection(calls.run(fail)));
    expect(breaker.stats.failures).toBe(2);
    await clock.run(() => rejection(calls.run(fail)));
    expect(breaker.state).toBe("open");
  });

  test("Polly#1929: share one breaker among calls that each have their own fallback, and go straight to it while it is open", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 60_000 });
    let calls = 0;
    const callOr = (instead: string): Promise<unknown> =>
      pipeline([{ fallback: { fallback: () => instead } }, breaker]).run(() => {
        calls++;
        throw failure;
      });
    expect([await callOr("cached"), await callOr("empty"), calls]).toEqual(["cached", "empty", 1]);
  });

  test("cockatiel: do not try again what a breaker, a bulkhead or a rate limit refused", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1_000 });
    await rejection(breaker.run(fail));
    const full = bulkhead({ concurrency: 1 });
    void full.run(deaf);
    const spent = rateLimit({ limit: 1, interval: 1_000 });
    spent.tryAcquire();
    let calls = 0;
    const errors: unknown[] = [];
    for (const policy of [breaker, full, spent])
      errors.push(await rejection(retry(() => policy.run(() => void calls++), { retries: 3 })));
    expect(errors.map((error) => [error instanceof Error && error.name, isRetryable(error)])).toEqual([
      ["CircuitOpenError", false],
      ["BulkheadFullError", false],
      ["RateLimitedError", false],
    ]);
    expect([calls, clock.now()]).toEqual([0, 0]);
  });

  test("Go, anyio: tell what is inside how much time is left", async () => {
    const left: number[] = [];
    await clock.run(() =>
      rejection(
        pipeline({ totalTimeout: 1_000, retry: { baseDelay: 100, jitter: "none" }, timeout: 950 }).run((context) => {
          left.push(context.timeLeft);
          return fail();
        }),
      ),
    );
    expect(left).toEqual([950, 900, 700, 300]);
  });
});

describe("a bulkhead", () => {
  test("cockatiel#114: a call that is aborted while it waits holds no place: the next one is called", async () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 2 });
    const gate = new Gate<string>();
    const controller = new AbortController();
    const first = policy.run(() => gate.promise);
    const aborted = rejection(policy.run(() => "never", { signal: controller.signal }));
    const last = policy.run(() => "last");
    await turn();
    controller.abort(failure);
    expect([await aborted, policy.running, policy.waiting]).toEqual([failure, 1, 1]);
    gate.open("first");
    expect([await first, await last, policy.running]).toEqual(["first", "last", 0]);
  });

  test("p-queue: a call that is aborted while it runs keeps its place until it has stopped", async () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
    const gate = new Gate();
    const controller = new AbortController();
    let isCalled = false;
    const running = rejection(
      policy.run(
        async ({ signal }) => {
          await gate.promise;
          signal.throwIfAborted();
        },
        { signal: controller.signal },
      ),
    );
    const next = policy.run(() => void (isCalled = true));
    await turn();
    controller.abort(failure);
    await turn();
    expect([policy.running, isCalled]).toEqual([1, false]);
    gate.open();
    expect([await running, await next, isCalled]).toEqual([failure, undefined, true]);
  });

  test("opossum: lets calls wait, as many as it is told, and refuses the others with a class of its own", async () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
    const gate = new Gate();
    const both = [policy.run(() => gate.promise), policy.run(() => gate.promise)];
    expect(await rejection(policy.run(() => gate.promise))).toBeInstanceOf(BulkheadFullError);
    gate.open();
    expect(await Promise.all(both)).toEqual([undefined, undefined]);
  });

  test("p-limit: a call inside a call of it that would wait for itself is told so, and does not hang", async () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 10, name: "database" });
    const error = await rejection(policy.run(({ signal }) => policy.run(() => "never", { signal })));
    expect(error).toMatchObject({ code: "ERR_ACQUIRE_DEADLOCK" });
  });
});

describe("a rate limit", () => {
  test("bottleneck#100: lets no window through twice the limit, wherever it begins", async () => {
    const limit = rateLimit({ limit: 5, interval: 1_000, algorithm: "sliding-window", maxQueue: 100 });
    const starts: number[] = [];
    await clock.run(async () => {
      await sleep(990);
      await Promise.all(numbers(20).map(() => limit.run(() => void starts.push(clock.now()))));
    });
    const most = Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 1_000).length));
    expect([starts.length, most]).toEqual([20, 5]);
  });

  test("bottleneck#117: a call that waits can be cancelled, at once, and uses nothing", async () => {
    const limit = rateLimit({ limit: 1, interval: 1_000, maxQueue: 10 });
    const log: unknown[] = [];
    await clock.run(async () => {
      await limit.acquire();
      const cancelled = rejection(limit.acquire({ signal: abortAt(clock, 10, failure) }));
      const next = limit.acquire();
      log.push(await cancelled, clock.now());
      await next;
      log.push(clock.now());
    });
    expect(log).toEqual([failure, 10, 1_000]);
  });

  test("p-throttle: refuses what would wait too long, and says how long", async () => {
    const limit = rateLimit({ limit: 1, interval: 1_000 });
    await limit.acquire();
    const error = await rejection(limit.acquire());
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({ code: "ERR_RATE_LIMITED", retryAfter: 1_000 });
  });
});

describe("hedging", () => {
  test("abort-controller-x: counts its attempts as they are, and stops the loser", async () => {
    const log: string[] = [];
    const value = await clock.run(() =>
      hedge(
        async ({ attempt, signal }) => {
          await sleep(attempt === 1 ? 10_000 : 50, { signal }).catch(() => log.push(`${attempt} stopped`));
          signal.throwIfAborted();
          return attempt;
        },
        { delay: 100, attempts: 3 },
      ),
    );
    expect([value, log, clock.now()]).toEqual([2, ["1 stopped"], 150]);
  });
});
