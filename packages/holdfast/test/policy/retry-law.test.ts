/** The delays of `retry`, for any options. */
import * as fc from "fast-check";
import { attemptsOf, retry } from "holdfast";
import { root } from "holdfast/lowlevel";
import { useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { expect, test } from "../harness.ts";
import { Flaky } from "./attempts.ts";

const clock = useFakeClock();

const backoffs = fc.record({
  retries: fc.integer({ min: 0, max: 12 }),
  baseDelay: fc.integer({ min: 0, max: 5_000 }).map((tenths) => tenths / 10),
  maxDelay: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.constant(Infinity)),
  factor: fc.double({ min: 1, max: 4, noNaN: true }),
  jitter: fc.constantFrom("full", "equal", "decorrelated", "none"),
});

interface Backoff {
  readonly baseDelay: number;
  readonly maxDelay: number;
  readonly factor: number;
  readonly jitter: "full" | "equal" | "decorrelated" | "none";
}

/** The least and the most that the delay after the `attempt`-th call may be. */
function boundsOf(
  { baseDelay, maxDelay, factor, jitter }: Backoff,
  attempt: number,
  previous: number,
): [number, number] {
  const bound = Math.min(maxDelay, baseDelay * factor ** (attempt - 1));
  if (jitter === "none") return [bound, bound];
  if (jitter === "equal") return [bound / 2, bound];
  if (jitter === "full") return [0, bound];
  return [Math.min(maxDelay, baseDelay), Math.min(maxDelay, Math.max(baseDelay, previous * 3))];
}

test("each delay of retry is within the bounds of its jitter, and is what passes on the clock", async () => {
  await fc.assert(
    fc.asyncProperty(backoffs, async (options) => {
      const flaky = new Flaky(Infinity);
      const times: number[] = [];
      const error = await clock.run(() =>
        rejection(
          retry(() => {
            times.push(clock.now());
            return flaky.run();
          }, options),
        ),
      );
      expect(flaky.calls).toBe(options.retries + 1);
      expect(root().kids).toBe(undefined);
      const attempts = attemptsOf(error);
      expect(attempts.map(({ attempt, error: thrown, startedAt }) => [attempt, thrown, startedAt])).toEqual(
        flaky.errors.map((thrown, index) => [index + 1, thrown, times[index]]),
      );
      let previous = options.baseDelay;
      for (const [index, { delay }] of attempts.entries()) {
        if (index === options.retries) {
          expect(delay).toBe(undefined);
          break;
        }
        const waited = delay ?? Number.NaN;
        const [least, most] = boundsOf(options, index + 1, previous);
        expect(waited).toBeGreaterThanOrEqual(least);
        expect(waited).toBeLessThanOrEqual(most);
        const passed = (times[index + 1] ?? Number.NaN) - (times[index] ?? Number.NaN);
        // A host timer counts whole milliseconds.
        expect(Math.abs(passed - waited)).toBeLessThanOrEqual(1);
        previous = waited;
      }
    }),
    { numRuns: 300, seed: 1 },
  );
}, 30_000);
