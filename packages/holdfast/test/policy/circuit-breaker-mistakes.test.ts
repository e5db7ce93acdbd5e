/** R23: what a circuit breaker says to options that can't be. */
import { circuitBreaker, type CircuitBreakerOptions } from "holdfast";
import { errorOf } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const mistakes: readonly [options: Record<string, unknown>, error: Error][] = [
  [{}, new TypeError("circuitBreaker: nothing would ever open it; give failureRatio, consecutiveFailures or slowCall")],
  [
    { openFor: undefined },
    new TypeError("circuitBreaker: openFor must be a number of milliseconds >= 1 or Infinity, got undefined"),
  ],
  [
    { openFor: 0 },
    new RangeError("circuitBreaker: openFor must be a number of milliseconds >= 1 or Infinity, got 0 (number)"),
  ],
  [
    { failureRatio: 0.5, consecutiveFailures: 5 },
    new TypeError("circuitBreaker: consecutiveFailures takes the place of failureRatio; give one of them"),
  ],
  [
    { consecutiveFailures: 5, window: { calls: 5 } },
    new TypeError("circuitBreaker: consecutiveFailures takes the place of window; give one of them"),
  ],
  [
    { consecutiveFailures: 5, minimumCalls: 5 },
    new TypeError("circuitBreaker: consecutiveFailures takes the place of minimumCalls; give one of them"),
  ],
  [
    { consecutiveFailures: 0 },
    new RangeError("circuitBreaker: consecutiveFailures must be an integer >= 1, got 0 (number)"),
  ],
  [
    { consecutiveFailures: Infinity },
    new RangeError("circuitBreaker: consecutiveFailures must be an integer >= 1, got Infinity (number)"),
  ],
  [
    { failureRatio: 0 },
    new RangeError("circuitBreaker: failureRatio must be a number above 0, at most 1, got 0 (number)"),
  ],
  [
    { failureRatio: 50 },
    new RangeError("circuitBreaker: failureRatio must be a number above 0, at most 1, got 50 (number)"),
  ],
  [
    { failureRatio: "50%" },
    new TypeError("circuitBreaker: failureRatio must be a number above 0, at most 1, got 50% (string)"),
  ],
  [
    { failureRatio: Number.NaN },
    new RangeError("circuitBreaker: failureRatio must be a number above 0, at most 1, got NaN (number)"),
  ],
  [
    { slowCall: { ms: -1, ratio: 0.5 } },
    new RangeError("circuitBreaker: slowCall.ms must be a number of milliseconds >= 0 or Infinity, got -1 (number)"),
  ],
  [
    { slowCall: { ms: 5, ratio: 2 } },
    new RangeError("circuitBreaker: slowCall.ratio must be a number above 0, at most 1, got 2 (number)"),
  ],
  [{ failureRatio: 0.5, window: {} }, new TypeError("circuitBreaker: window must be { calls } or { ms }, got neither")],
  [
    { failureRatio: 0.5, window: { calls: 5, ms: 5 } },
    new TypeError("circuitBreaker: window must be { calls } or { ms }, got both"),
  ],
  [
    { failureRatio: 0.5, window: { calls: 2.5 } },
    new RangeError("circuitBreaker: window.calls must be an integer >= 1, got 2.5 (number)"),
  ],
  [
    { failureRatio: 0.5, window: { calls: Infinity } },
    new RangeError("circuitBreaker: window.calls must be an integer >= 1, got Infinity (number)"),
  ],
  [
    { failureRatio: 0.5, window: { ms: 0 } },
    new RangeError("circuitBreaker: window.ms must be a finite number of milliseconds >= 1, got 0 (number)"),
  ],
  [
    { failureRatio: 0.5, window: { ms: Infinity } },
    new RangeError("circuitBreaker: window.ms must be a finite number of milliseconds >= 1, got Infinity (number)"),
  ],
  [
    { failureRatio: 0.5, minimumCalls: 0 },
    new RangeError("circuitBreaker: minimumCalls must be an integer >= 1, got 0 (number)"),
  ],
  [
    { failureRatio: 0.5, window: { calls: 5 }, minimumCalls: 6 },
    new RangeError(
      "circuitBreaker: minimumCalls must be at most the 5 calls of the window, got 6; else it never opens",
    ),
  ],
  [{ failureRatio: 0.5, probes: 0 }, new RangeError("circuitBreaker: probes must be an integer >= 1, got 0 (number)")],
  [
    { failureRatio: 0.5, probes: Infinity },
    new RangeError("circuitBreaker: probes must be an integer >= 1, got Infinity (number)"),
  ],
  [
    { failureRatio: 0.5, isFailure: true },
    new TypeError("circuitBreaker: isFailure takes a function, got true (boolean)"),
  ],
  [
    { failureRatio: 0.5, isFailureResult: 5 },
    new TypeError("circuitBreaker: isFailureResult takes a function, got 5 (number)"),
  ],
  [
    { failureRatio: 0.5, maxKeys: 0 },
    new RangeError("circuitBreaker: maxKeys must be an integer >= 1 or Infinity, got 0 (number)"),
  ],
  [
    { failureRatio: 0.5, onEvent: "log" },
    new TypeError('circuitBreaker: onEvent takes a function, got "log" (string)'),
  ],
];

describe("R23: circuitBreaker throws", () => {
  for (const [options, error] of mistakes)
    test(error.message, () => {
      const all = { openFor: 100, ...options } as unknown as CircuitBreakerOptions;
      expect(() => circuitBreaker(all)).toThrow(error);
    });
});

test("R23: run rejects for what is no function, and open throws for what is no time", async () => {
  const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
  expect(await errorOf(breaker.run(5 as unknown as () => void))).toEqual(
    new TypeError("circuitBreaker: run takes a function, got 5 (number)"),
  );
  expect(() => breaker.open({ openFor: -1 })).toThrow(
    new RangeError("circuitBreaker: open: openFor must be a number of milliseconds >= 0 or Infinity, got -1 (number)"),
  );
  expect(await breaker.run(() => 1)).toBe(1);
});
