/** Which calls a circuit looks at, and how many of them are too many. */
import * as fc from "fast-check";
import { type CircuitBreaker, circuitBreaker, type CircuitBreakerOptions, sleep } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

async function call(breaker: CircuitBreaker, isFailure: boolean): Promise<void> {
  await breaker.run(() => (isFailure ? Promise.reject(new Error("failure")) : 1)).catch(() => {});
}

/** Makes a call for each letter: f fails, s succeeds. */
async function play(breaker: CircuitBreaker, calls: string): Promise<void> {
  for (const letter of calls) await call(breaker, letter === "f");
}

describe("failureRatio", () => {
  const open: readonly [calls: string, options: Partial<CircuitBreakerOptions>][] = [
    ["fssf", { failureRatio: 0.5, minimumCalls: 4 }],
    ["ffff", { failureRatio: 1, minimumCalls: 4 }],
    // A success can be the call that makes them enough.
    ["ffs", { failureRatio: 0.5, minimumCalls: 3 }],
    ["fsssssssss", { failureRatio: 0.1 }],
    // Of a window of fewer calls than ten, all are enough.
    ["sff", { failureRatio: 0.6, window: { calls: 3 } }],
    // 0.07 * 100 is more than 7.
    ["s".repeat(93) + "f".repeat(7), { failureRatio: 0.07, window: { calls: 100 }, minimumCalls: 100 }],
    // The first has left the window.
    ["sfff", { failureRatio: 1, window: { calls: 3 } }],
  ];
  const closed: readonly [calls: string, options: Partial<CircuitBreakerOptions>][] = [
    ["fff", { failureRatio: 0.5, minimumCalls: 4 }],
    ["sssf", { failureRatio: 0.5, minimumCalls: 4 }],
    ["fffffffff", { failureRatio: 0.1 }],
    ["ff", { failureRatio: 0.6, window: { calls: 3 } }],
    ["fss".repeat(4), { failureRatio: 0.5, window: { calls: 3 } }],
  ];
  for (const [state, table] of [
    ["open", open],
    ["closed", closed],
  ] as const)
    for (const [calls, options] of table)
      test(`${calls.length > 20 ? `${calls.length} calls` : calls} leaves a circuit with ${JSON.stringify(options)} ${state}`, async () => {
        const breaker = circuitBreaker({ openFor: 100, ...options });
        await play(breaker, calls.slice(0, -1));
        expect(breaker.state).toBe("closed");
        await play(breaker, calls.slice(-1));
        expect(breaker.state).toBe(state);
      });
});

describe("slowCall", () => {
  test("opens when so many calls took so long, whatever became of them", async () => {
    const breaker = circuitBreaker({ slowCall: { ms: 50, ratio: 0.5 }, minimumCalls: 4, openFor: 100 });
    for (const ms of [50, 49, 0]) await clock.run(() => breaker.run(() => sleep(ms)));
    expect([breaker.state, breaker.stats]).toEqual(["closed", { calls: 3, failures: 0, slow: 1 }]);
    const failing = breaker.run(async ({ sleep: wait }) => {
      await wait(70);
      throw new Error("failure");
    });
    await clock.run(() => failing.catch(() => {}));
    expect(breaker.state).toBe("open");
  });

  test("goes with failureRatio, and with consecutiveFailures over its window", async () => {
    for (const rule of [{ failureRatio: 1, window: { calls: 2 } }, { consecutiveFailures: 2 }]) {
      const breaker = circuitBreaker({ ...rule, slowCall: { ms: 10, ratio: 1 }, openFor: 100 });
      await clock.run(() => breaker.run(() => sleep(10)));
      await call(breaker, true);
      expect([breaker.state, breaker.stats]).toEqual(["closed", { calls: 2, failures: 1, slow: 1 }]);
      await clock.run(() => breaker.run(() => sleep(10)));
      expect(breaker.state).toBe("closed");
      await clock.run(() => breaker.run(() => sleep(10)));
      expect(breaker.state).toBe("open");
    }
  });
});

describe("CIRCUIT-WINDOW-1: the counts are those of the calls in the window", () => {
  test("of a window of calls: the last so many", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.tuple(fc.boolean(), fc.constantFrom(0, 5, 10)), { maxLength: 30 }),
        async (size, calls) => {
          const breaker = circuitBreaker({
            // Never reached: there is always one call that did not fail.
            failureRatio: 1,
            window: { calls: size + 1 },
            minimumCalls: size + 1,
            slowCall: { ms: 10, ratio: 1 },
            openFor: 100,
          });
          const seen: (readonly [boolean, number])[] = [];
          for (const [isFailure, ms] of calls) {
            const spaced = seen.length % (size + 1) === size ? ([false, 0] as const) : ([isFailure, ms] as const);
            seen.push(spaced);
            await breaker
              .run(() => {
                clock.block(spaced[1]);
                if (spaced[0]) throw new Error("failure");
              })
              .catch(() => {});
            const last = seen.slice(-size - 1);
            expect(breaker.stats).toEqual({
              calls: last.length,
              failures: last.filter(([failed]) => failed).length,
              slow: last.filter(([, took]) => took === 10).length,
            });
          }
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  test("of a window of time: all of the last nine tenths, and none older than all of it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: 300 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 120 }), fc.boolean()), { maxLength: 40 }),
        async (ms, calls) => {
          const breaker = circuitBreaker({ failureRatio: 1, window: { ms }, minimumCalls: 1000, openFor: 100 });
          const seen: { at: number; isFailure: boolean }[] = [];
          const within = (age: number): { calls: number; failures: number } => {
            const young = seen.filter(({ at }) => clock.now() - at < age);
            return { calls: young.length, failures: young.filter(({ isFailure }) => isFailure).length };
          };
          for (const [pause, isFailure] of calls) {
            clock.block(pause);
            await call(breaker, isFailure);
            seen.push({ at: clock.now(), isFailure });
            clock.block(pause / 2);
            const { stats } = breaker;
            const [least, most] = [within(ms * 0.9), within(ms)];
            expect(stats.calls).toBeGreaterThanOrEqual(least.calls);
            expect(stats.calls).toBeLessThanOrEqual(most.calls);
            expect(stats.failures).toBeGreaterThanOrEqual(least.failures);
            expect(stats.failures).toBeLessThanOrEqual(most.failures);
          }
          clock.block(ms);
          expect(breaker.stats).toEqual({ calls: 0, failures: 0, slow: 0 });
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  test("what was forgotten by a change of state does not leave the window a second time", async () => {
    const breaker = circuitBreaker({ failureRatio: 1, window: { ms: 1000 }, minimumCalls: 2, openFor: 100 });
    await play(breaker, "s");
    breaker.close();
    await play(breaker, "f");
    clock.block(1000);
    await play(breaker, "f");
    expect([breaker.state, breaker.stats]).toEqual(["closed", { calls: 1, failures: 1, slow: 0 }]);
  });

  test("failures that are too old open nothing", async () => {
    const breaker = circuitBreaker({ failureRatio: 0.5, window: { ms: 1000 }, minimumCalls: 2, openFor: 100 });
    for (let count = 0; count < 5; count++) {
      await call(breaker, true);
      clock.block(1000);
    }
    expect(breaker.state).toBe("closed");
    await play(breaker, "ff");
    expect(breaker.state).toBe("open");
  });
});
