import { attemptsOf, isRetryable, retryBudget, StopRetry, suppressedErrors } from "holdfast";
import { Queue } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";
import { left, queueOf } from "./work.ts";

const clock = useFakeClock();

const reason = new Error("aborted");

/** An error for each attempt at an item. */
const failureOf = (item: unknown, attempt: number): Error => new Error(`${String(item)}, attempt ${attempt}`);

describe("process with retry", () => {
  test("tries an item again in its place, with the waits of retry, and tells it which attempt it is", async () => {
    const queue = queueOf(["a", "b"]);
    const log: unknown[] = [];
    await clock.run(() =>
      queue.process(
        (item, { attempt, retriesLeft, previousError }) => {
          log.push([clock.now(), item, attempt, retriesLeft, String(previousError), queue.running]);
          if (item === "a" && attempt < 3) throw failureOf(item, attempt);
        },
        { concurrency: 1, retry: { retries: 4, baseDelay: 100, jitter: "none" } },
      ),
    );
    expect(log).toEqual([
      [0, "a", 1, 4, "undefined", 1],
      [100, "a", 2, 3, "Error: a, attempt 1", 1],
      [300, "a", 3, 2, "Error: a, attempt 2", 1],
      [300, "b", 1, 4, "undefined", 1],
    ]);
  });

  test("makes one attempt without it", async () => {
    const queue = queueOf(["a"]);
    const seen: unknown[] = [];
    const error = await errorOf(
      queue.process(
        (item, { attempt, retriesLeft }) => {
          seen.push([attempt, retriesLeft]);
          throw failureOf(item, attempt);
        },
        { concurrency: 1 },
      ),
    );
    expect([String(error), seen]).toEqual(["Error: a, attempt 1", [[1, 0]]]);
  });

  test("gives an item up when its attempts are used up: the last error goes to onDeadLetter, with its attempts", async () => {
    const queue = queueOf(["a"]);
    const letters: unknown[] = [];
    await clock.run(() =>
      queue.process((item, { attempt }) => Promise.reject(failureOf(item, attempt)), {
        concurrency: 1,
        retry: { retries: 1, baseDelay: 0 },
        onDeadLetter: (item, error) =>
          void letters.push(
            item,
            String(error),
            attemptsOf(error).map((each) => String(each.error)),
          ),
      }),
    );
    expect(letters).toEqual(["a", "Error: a, attempt 2", ["Error: a, attempt 1", "Error: a, attempt 2"]]);
  });

  test("gives an item up at once for what is not to be tried again", async () => {
    const poison = new Error("poison");
    for (const thrown of [new StopRetry(poison), new ReferenceError("no such name")]) {
      const queue = queueOf(["a"]);
      let calls = 0;
      const error = await errorOf(
        queue.process(
          () => {
            calls++;
            throw thrown;
          },
          { concurrency: 1, retry: { retries: 5 } },
        ),
      );
      expect([error, calls, isRetryable(thrown)]).toEqual([thrown instanceof StopRetry ? poison : thrown, 1, false]);
    }
  });

  test("gives every attempt its timeout, and all of them together a limit", async () => {
    const queue = queueOf([1]);
    const starts: number[] = [];
    const run = async (_: number, { sleep }: { readonly sleep: (ms: number) => Promise<void> }): Promise<void> => {
      starts.push(clock.now());
      await sleep(1000);
    };
    const retry = { retries: 9, baseDelay: 10, jitter: "none", factor: 1 } as const;
    const first = await clock.run(() =>
      errorOf(queue.process(run, { concurrency: 1, timeout: 20, retry: { ...retry, totalTimeout: 75 } })),
    );
    expect([first, starts, clock.now()]).toMatchObject([
      { code: "ERR_TIMEOUT", layer: "total", timeout: 75 },
      [0, 30, 60],
      75,
    ]);
  });

  test("takes the timeout of an attempt from retry, unless it has one of its own", async () => {
    const seen: unknown[] = [];
    for (const timeout of [undefined, 10]) {
      const queue = queueOf(["a"]);
      const retry = { retries: 0, timeout: 30 };
      const error = await clock.run(() =>
        errorOf(queue.process((_, { sleep }) => sleep(1000), { concurrency: 1, timeout, retry })),
      );
      seen.push([(error as { readonly timeout?: unknown }).timeout, clock.now()]);
    }
    expect(seen).toEqual([
      [30, 30],
      [10, 40],
    ]);
  });

  test("waits for work that does not stop when all is cancelled, with a timeout too, unless retry has a grace: then it is abandoned, and its item is back", async () => {
    for (const grace of [undefined, 10]) {
      const queue = queueOf(["a"]);
      const controller = new AbortController();
      const gate = new Gate();
      const outcomes = new Outcomes();
      const retry = { retries: 0, grace };
      const options = { concurrency: 1, timeout: 100_000, retry, signal: controller.signal };
      outcomes
        .note(
          "process",
          queue.process((_, { cancelled }) => (cancelled ? undefined : gate.promise), options),
        )
        .catch(() => {});
      await turn();
      controller.abort(reason);
      await clock.advanceBy(4_000);
      expect(outcomes.settled).toEqual(grace === undefined ? [] : [["process", reason]]);
      gate.open();
      await turn();
      expect([outcomes.settled, left(queue)]).toEqual(
        grace === undefined ? [[["process", undefined]], []] : [[["process", reason]], ["a"]],
      );
    }
  });

  test("QUEUE-PROCESS-2: an item that waits for its next attempt when all is cancelled is back in the queue; what it threw is in suppressedErrors", async () => {
    const queue = queueOf(["a", "b"]);
    const controller = new AbortController();
    const processing = queue.process((item, { attempt }) => Promise.reject(failureOf(item, attempt)), {
      concurrency: 1,
      signal: controller.signal,
      retry: { retries: 1, baseDelay: 1000 },
    });
    await turn();
    controller.abort(reason);
    const error = await errorOf(processing);
    expect([error, suppressedErrors(error).map(String), queue.running, left(queue)]).toEqual([
      reason,
      ["Error: a, attempt 1"],
      0,
      ["a", "b"],
    ]);
  });

  test("counts the item as running while it waits for its next attempt", async () => {
    const queue = queueOf(["a"]);
    const controller = new AbortController();
    const processing = queue.process(() => Promise.reject(new Error("again")), {
      concurrency: 1,
      signal: controller.signal,
      retry: { retries: 1, baseDelay: 1000 },
    });
    await turn();
    expect([queue.running, queue.waiting, queue.isIdle]).toEqual([1, 0, false]);
    controller.abort(reason);
    await errorOf(processing);
  });

  test("shares a budget over its items", async () => {
    const queue = queueOf(["a", "b", "c"]);
    const budget = retryBudget({ ratio: 0, minPerSecond: 0.1 });
    const log: unknown[] = [];
    await clock.run(() =>
      queue.process(
        (item, { attempt }) => {
          log.push([item, attempt]);
          throw failureOf(item, attempt);
        },
        { concurrency: 1, retry: { retries: 3, baseDelay: 0, budget }, onDeadLetter: () => {} },
      ),
    );
    expect([log, budget.refused]).toEqual([
      [
        ["a", 1],
        ["a", 2],
        ["b", 1],
        ["c", 1],
      ],
      3,
    ]);
  });

  for (const [option, value] of [
    ["signal", new AbortController().signal],
    ["name", "mail"],
  ] as const)
    test(`refuses a ${option} in retry, which would do nothing`, async () => {
      // Holds: what the compiler would refuse is what is tested.
      const retry = { [option]: value } as object;
      const error = await errorOf(new Queue({ capacity: 1 }).process(() => {}, { concurrency: 1, retry }));
      expect(String(error)).toBe(`TypeError: process: retry takes no ${option} of its own; pass ${option} to process`);
    });

  test("refuses options of retry that can't be", async () => {
    const queue = new Queue({ capacity: 1 });
    const errors = [{ retries: -1 }, { totalTimeout: Number.NaN }].map((retry) =>
      errorOf(queue.process(() => {}, { concurrency: 1, retry })),
    );
    expect((await Promise.all(errors)).map(String)).toEqual([
      "RangeError: process: retry: retries must be an integer >= 0 or Infinity, got -1 (number)",
      "RangeError: process: retry: totalTimeout must be a number of milliseconds >= 0 or Infinity, got NaN (number)",
    ]);
  });
});
