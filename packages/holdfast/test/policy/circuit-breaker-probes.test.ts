/** What a half-open circuit lets through, and what that decides. */
import {
  bulkhead,
  type CircuitBreaker,
  circuitBreaker,
  type CircuitBreakerOptions,
  CircuitOpenError,
  isRetryable,
  type Policy,
  rateLimit,
  sleep,
  timeout,
} from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const failure = new Error("failure");

/** One that has just become half-open. */
function halfOpen(options?: Partial<CircuitBreakerOptions>): CircuitBreaker {
  const breaker = circuitBreaker({ consecutiveFailures: 3, openFor: 100, ...options });
  breaker.open({ openFor: 0 });
  return breaker;
}

test("lets `probes` calls through at a time and refuses further ones, and says when the next may come", async () => {
  const breaker = halfOpen({ probes: 2, name: "api" });
  const gates = [new Gate(), new Gate()];
  const calls = [breaker.run(() => gates[0]?.promise)];
  clock.block(30);
  calls.push(breaker.run(() => gates[1]?.promise));
  clock.block(10);
  const error = await errorOf(breaker.run(() => 1));
  expect(error).toBeInstanceOf(CircuitOpenError);
  expect([(error as Error).message, (error as CircuitOpenError).retryAfter]).toEqual([
    'circuit breaker "api" is half-open, with all its probes under way; try again in 90 ms',
    90,
  ]);
  for (const gate of gates) gate.open();
  await Promise.all(calls);
  expect(breaker.state).toBe("closed");
});

test("closes when all probes have succeeded, not before, and knows nothing of before", async () => {
  const breaker = halfOpen({ probes: 3 });
  for (const state of ["half-open", "half-open", "closed"] as const) {
    await breaker.run(() => 1);
    expect(breaker.state).toBe(state);
  }
  expect(breaker.stats).toEqual({ calls: 0, failures: 0, slow: 0 });
});

test("opens anew at the first failure, for the whole time; what the other probes say is dropped", async () => {
  const breaker = halfOpen({ probes: 3 });
  const [good, bad] = [new Gate(), new Gate()];
  const calls = [breaker.run(() => good.promise), breaker.run(() => bad.promise)];
  clock.block(20);
  bad.fail(failure);
  expect(await errorOf(Promise.all(calls))).toBe(failure);
  expect(breaker.openUntil).toBe(120);
  good.open();
  await calls[0];
  expect([breaker.state, breaker.openUntil]).toEqual(["open", 120]);
});

test("opens anew for a probe that is slow, though it succeeds", async () => {
  const breaker = halfOpen({ slowCall: { ms: 10, ratio: 1 } });
  await clock.run(() => breaker.run(() => sleep(10)));
  expect(breaker.state).toBe("open");
});

test("a value that is a failure opens it anew", async () => {
  const breaker = halfOpen({ isFailureResult: (value) => value === 503 });
  await breaker.run(() => 503);
  expect(breaker.state).toBe("open");
});

test("an error that is no failure closes it: somebody has answered", async () => {
  const breaker = halfOpen({ isFailure: () => false });
  expect(await errorOf(breaker.run(() => Promise.reject(failure)))).toBe(failure);
  expect(breaker.state).toBe("closed");
});

describe("BREAKER-3: a cancelled probe", () => {
  test("gives its place back at once, also when it ignores its signal, and decides nothing when it ends", async () => {
    const breaker = halfOpen();
    const controller = new AbortController();
    const gate = new Gate();
    const deaf = breaker.run(() => gate.promise, { signal: controller.signal });
    await errorOf(breaker.run(() => 1));
    controller.abort();
    const probe = new Gate();
    const next = breaker.run(() => probe.promise);
    gate.fail(failure);
    expect(await errorOf(deaf)).toBe(failure);
    expect(breaker.state).toBe("half-open");
    expect(await errorOf(breaker.run(() => 1))).toBeInstanceOf(CircuitOpenError);
    probe.open();
    await next;
    expect(breaker.state).toBe("closed");
  });

  test("that stops decides nothing, by whatever signal it was stopped (opossum#385)", async () => {
    const breaker = halfOpen();
    const controller = new AbortController();
    const reason = new Error("stop");
    const stopped = breaker.run(({ signal }) => waitUntilAborted(signal), { signal: controller.signal });
    controller.abort(reason);
    expect(await errorOf(stopped)).toBe(reason);
    expect(breaker.state).toBe("half-open");
    const timedOut = clock.run(() =>
      timeout(5, ({ signal }) => breaker.run(({ signal: inner }) => sleep(1000, { signal: inner }), { signal })),
    );
    expect(((await errorOf(timedOut)) as Error).name).toBe("TimeoutError");
    expect(breaker.state).toBe("half-open");
    await breaker.run(() => 1);
    expect(breaker.state).toBe("closed");
  });

  test("of a signal that was not passed to the breaker decides nothing either, when it is one of this library's", async () => {
    const breaker = halfOpen();
    await clock.run(() => errorOf(timeout(5, ({ signal }) => breaker.run(() => sleep(1000, { signal })))));
    expect(breaker.state).toBe("half-open");
  });

  test("whose limit in time is inside the breaker has failed", async () => {
    const breaker = halfOpen();
    await clock.run(() =>
      errorOf(breaker.run(({ signal }) => timeout(5, ({ sleep: wait }) => wait(1000), { signal }))),
    );
    expect(breaker.state).toBe("open");
  });
});

describe("a probe that another policy refused decides nothing, and gives its place back:", () => {
  const refusing: Readonly<Record<string, () => Policy>> = {
    "a circuit breaker": () => {
      const policy = circuitBreaker({ consecutiveFailures: 1, openFor: 1000 });
      policy.open();
      return policy;
    },
    "a bulkhead": () => {
      const policy = bulkhead({ concurrency: 1 });
      void policy.run(() => new Promise(() => {}));
      return policy;
    },
    "a rate limit": () => {
      const policy = rateLimit({ limit: 1, interval: 1000 });
      policy.tryAcquire();
      return policy;
    },
  };
  for (const [what, make] of Object.entries(refusing))
    test(what, async () => {
      const [inner, outer] = [make(), halfOpen()];
      for (let count = 0; count < 3; count++)
        expect(isRetryable(await errorOf(outer.run(() => inner.run(() => 1))))).toBe(false);
      expect(outer.state).toBe("half-open");
      await outer.run(() => 1);
      expect(outer.state).toBe("closed");
    });
});

test("BREAKER-4: a probe that never ends does not keep it half-open: after openFor another is let through, and decides", async () => {
  const breaker = halfOpen();
  const hung = new Gate();
  const lost = breaker.run(() => hung.promise);
  clock.block(99);
  expect(await errorOf(breaker.run(() => 1))).toMatchObject({ retryAfter: 1 });
  clock.block(1);
  const gate = new Gate();
  const probe = breaker.run(() => gate.promise);
  expect(await errorOf(breaker.run(() => 1))).toMatchObject({ retryAfter: 100 });
  hung.fail(failure);
  await errorOf(lost);
  expect(breaker.state).toBe("half-open");
  gate.open();
  await probe;
  expect(breaker.state).toBe("closed");
});

describe("opossum#780: signals are of one call", () => {
  test("an abort touches no other call, and no later one", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    const [first, second] = [new AbortController(), new AbortController()];
    const seen: AbortSignal[] = [];
    const gate = new Gate<string>();
    const calls = [first, second].map(({ signal: own }) =>
      breaker.run(
        ({ signal }) => {
          seen.push(signal);
          return Promise.race([gate.promise, waitUntilAborted(signal)]);
        },
        { signal: own },
      ),
    );
    first.abort();
    expect(await errorOf(calls[0] ?? Promise.resolve())).toBe(first.signal.reason);
    expect(seen.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(await breaker.run(({ signal }) => signal.aborted)).toBe(false);
    gate.open("value");
    expect(await calls[1]).toBe("value");
    expect(breaker.state).toBe("closed");
  });

  test("R7: under a signal that is aborted nothing is called, whatever the state", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    const reason = new Error("stop");
    const signal = AbortSignal.abort(reason);
    let calls = 0;
    for (let count = 0; count < 2; count++) {
      expect(await errorOf(breaker.run(() => void calls++, { signal }))).toBe(reason);
      breaker.open();
    }
    expect(calls).toBe(0);
  });

  test("cancelled calls of a closed circuit count as nothing", async () => {
    const breaker = circuitBreaker({ failureRatio: 0.5, minimumCalls: 1, openFor: 100 });
    const controller = new AbortController();
    const calls = Array.from({ length: 5 }, () =>
      errorOf(breaker.run(({ signal }) => waitUntilAborted(signal), { signal: controller.signal })),
    );
    await turn();
    controller.abort();
    await Promise.all(calls);
    expect([breaker.state, breaker.stats]).toEqual(["closed", { calls: 0, failures: 0, slow: 0 }]);
  });
});
