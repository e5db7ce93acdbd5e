/** R23: what a rate limit says to options and arguments that can't be. */
import { rateLimit, type RateLimitOptions } from "holdfast";
import { errorOf } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

describe("R23: rateLimit throws", () => {
  const mistakes: readonly [options: Record<string, unknown>, error: Error][] = [
    [{ limit: 0 }, new RangeError("rateLimit: limit must be an integer >= 1, got 0 (number)")],
    [{ limit: Infinity }, new RangeError("rateLimit: limit must be an integer >= 1, got Infinity (number)")],
    [{ limit: "5" }, new TypeError("rateLimit: limit must be an integer >= 1, got 5 (string)")],
    [
      { interval: 0 },
      new RangeError("rateLimit: interval must be a finite number of milliseconds >= 1, got 0 (number)"),
    ],
    [
      { interval: undefined },
      new TypeError("rateLimit: interval must be a finite number of milliseconds >= 1, got undefined (undefined)"),
    ],
    [{ burst: 1.5 }, new RangeError("rateLimit: burst must be an integer >= 1, got 1.5 (number)")],
    [
      { burst: 5, algorithm: "sliding-window" },
      new TypeError("rateLimit: burst belongs to the token bucket; a sliding window allows limit at once"),
    ],
    [
      { algorithm: "leaky-bucket" },
      new TypeError(
        'rateLimit: algorithm must be one of "token-bucket", "sliding-window", got "leaky-bucket" (string)',
      ),
    ],
    [{ maxQueue: -1 }, new RangeError("rateLimit: maxQueue must be an integer >= 0 or Infinity, got -1 (number)")],
    [{ maxKeys: 0 }, new RangeError("rateLimit: maxKeys must be an integer >= 1 or Infinity, got 0 (number)")],
    [{ onEvent: 5 }, new TypeError("rateLimit: onEvent takes a function, got 5 (number)")],
  ];
  for (const [options, error] of mistakes)
    test(error.message, () => {
      const all: RateLimitOptions = { limit: 1, interval: 100, ...options };
      expect(() => rateLimit(all)).toThrow(error);
    });

  test("and run rejects for a weight that never fits, naming both, and for what is no weight, no key, no function", async () => {
    const limit = rateLimit({ limit: 10, interval: 100, maxQueue: 9 });
    const bucket = rateLimit({ limit: 10, interval: 100, burst: 4 });
    const rejected: unknown[] = [
      await errorOf(limit.run(() => 1, { weight: 11 })),
      await errorOf(bucket.run(() => 1, { weight: 5 })),
      await errorOf(limit.run(() => 1, { weight: 0 })),
      await errorOf(limit.run(() => 1, { key: 5 as unknown as string })),
      await errorOf(limit.run(undefined as unknown as () => void)),
    ];
    expect(rejected).toEqual([
      new RangeError("rateLimit: weight must be at most 10, the limit, got 11; it would wait for ever"),
      new RangeError("rateLimit: weight must be at most 4, the burst, got 5; it would wait for ever"),
      new RangeError("rateLimit: weight must be an integer >= 1, got 0 (number)"),
      new TypeError("rate limit: key must be a string, got number"),
      new TypeError("rateLimit: run takes a function, got undefined"),
    ]);
    expect(() => limit.tryAcquire(11)).toThrow(RangeError);
    expect([limit.available, limit.waiting]).toEqual([10, 0]);
  });
});
