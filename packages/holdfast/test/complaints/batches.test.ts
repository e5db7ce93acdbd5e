/** What people report of other libraries about many items: memory, errors, and what is left when it stops. See README.md. */
import { batch, ErrorGroup, map, mapStream, retry, sleep } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { numbers, rejection, Source } from "../core/lanes-gates.ts";
import { abortAt } from "../policy/attempts.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const reason = new Error("the user left");
const odd = (item: number): number => {
  if (item % 2 === 1) throw new TypeError(`${item} is odd`);
  return item;
};

describe("an input", () => {
  test("p-map#76, p-queue#204: is read as far as there are places, however long it is", async () => {
    const source = new Source(numbers(100));
    const controller = new AbortController();
    const read = (): number => source.log.filter((line) => line.startsWith("next")).length;
    const most: number[] = [];
    await rejection(
      map(
        source.async(),
        async (item) => {
          most.push(read() - item);
          if (item === 50) controller.abort(reason);
        },
        { concurrency: 4, signal: controller.signal },
      ),
    );
    expect(Math.max(...most)).toBeLessThanOrEqual(5);
    expect([read() < 60, source.log.at(-1)]).toEqual([true, "closed"]);
  });

  test("p-map: is read no further than the results are, in a stream", async () => {
    const source = new Source(numbers(100));
    const results: number[] = [];
    for await (const result of mapStream(source.async(), (item) => item * 2, { concurrency: 2 })) {
      results.push(result);
      if (results.length === 3) break;
    }
    expect(results).toEqual([0, 2, 4]);
    expect(source.log.filter((line) => line.startsWith("next")).length).toBeLessThanOrEqual(6);
    expect(source.log.at(-1)).toBe("closed");
  });
});

describe("failures", () => {
  test("p-settle: are results beside the values, each with its index and its error", async () => {
    const report = await batch(numbers(3), odd, { concurrency: 2 });
    expect(report.results.map((result) => [result.index, result.ok ? result.value : String(result.error)])).toEqual([
      [0, 0],
      [1, "TypeError: 1 is odd"],
      [2, 2],
    ]);
  });

  test("p-map: of all items are one error, which says how many and what", async () => {
    const error = await rejection(map(numbers(4), odd, { concurrency: 2, stopOnError: false }));
    expect(error).toBeInstanceOf(ErrorGroup);
    expect(String(error)).toContain("1 is odd");
    expect(String(error)).toContain("3 is odd");
  });

  test("Effect, p-settle: stop a batch when there are more than so many, or so many per cent", async () => {
    const byCount = await batch(numbers(1_000), odd, { concurrency: 1, maxFailures: 5 });
    const byShare = await batch(numbers(1_000), odd, { concurrency: 1, maxFailures: "1%" });
    expect([byCount.counts.failed, byCount.stoppedBy]).toEqual([6, "maxFailures"]);
    expect([byShare.counts.failed, byShare.stoppedBy]).toEqual([11, "maxFailures"]);
    expect(Object.values(byCount.counts).reduce((sum = 0, count = 0) => sum + count)).toBe(1_000);
  });

  test("p-settle: alone can be run again, under their own keys", async () => {
    const report = await batch(["a", "b", "c"], (item) => (item === "b" ? Promise.reject(reason) : item), {
      concurrency: 2,
      key: (item) => `item ${item}`,
    });
    const again: string[] = [];
    const second = await report.retryFailed();
    again.push(...second.results.map((result) => result.key));
    expect([report.counts.succeeded, again]).toEqual([2, ["item b"]]);
  });
});

describe("an abort", () => {
  test("p-map: leaves the results that there are, and says what was cut short and what never started", async () => {
    const report = await clock.run(() =>
      batch(numbers(10), (item, { sleep: wait }) => wait(100).then(() => item), {
        concurrency: 2,
        signal: abortAt(clock, 250, reason),
      }),
    );
    expect([report.values, report.counts, report.stoppedBy]).toEqual([
      [0, 1, 2, 3],
      { succeeded: 4, failed: 0, cancelled: 2, notStarted: 4 },
      "signal",
    ]);
  });
});

describe("a retry of items", () => {
  test("bottleneck: keeps the place of the item, each attempt has its own signal and time, and the report has them all", async () => {
    const log: string[] = [];
    const report = await clock.run(() =>
      batch(
        ["slow", "next"],
        async (item, { attempt, signal }) => {
          log.push(`${clock.now()}: ${item} ${attempt}`);
          if (item === "slow" && attempt === 1) await sleep(10_000, { signal });
          return item;
        },
        { concurrency: 1, timeout: 100, retry: { baseDelay: 50, jitter: "none" } },
      ),
    );
    expect(log).toEqual(["0: slow 1", "150: slow 2", "150: next 1"]);
    expect(report.results[0]?.attempts.map(({ error }) => error instanceof Error && error.name)).toEqual([
      "TimeoutError",
    ]);
  });

  test("p-retry in p-map: is the same written by hand, and one abort ends both", async () => {
    let calls = 0;
    const error = await clock.run(() =>
      rejection(
        map(
          numbers(4),
          (_, __, { signal }) =>
            retry(
              () => {
                calls++;
                throw new Error("down");
              },
              { signal, baseDelay: 1_000, jitter: "none" },
            ),
          { concurrency: 4, signal: abortAt(clock, 10, reason) },
        ),
      ),
    );
    expect([error, calls, clock.now()]).toEqual([reason, 4, 10]);
  });
});
