/** How a batch tries its items again, and where the attempts are found. */
import { batch, onLateError, StopRetry } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { numbers } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const odd = new Error("odd");

describe("retry", () => {
  test("is none without the option", async () => {
    let calls = 0;
    const report = await batch(
      [1],
      () => {
        calls++;
        throw odd;
      },
      { concurrency: 1 },
    );
    expect({ calls, attempts: report.failures[0]?.attempts.length }).toEqual({ calls: 1, attempts: 1 });
  });

  test("tries each item again, with the attempts that failed in its result, of one that succeeded too", async () => {
    const report = await clock.run(() =>
      batch(
        ["flaky", "broken"],
        (item, { attempt }) => {
          if (item === "broken" || attempt < 3) throw new Error(`${item} ${attempt}`);
          return item;
        },
        { concurrency: 2, retry: { retries: 2, baseDelay: 100, jitter: "none" } },
      ),
    );
    expect(report.results.map(({ status, attempts }) => [status, attempts])).toEqual([
      [
        "succeeded",
        [
          { attempt: 1, error: new Error("flaky 1"), startedAt: 0, duration: 0, delay: 100 },
          { attempt: 2, error: new Error("flaky 2"), startedAt: 100, duration: 0, delay: 200 },
        ],
      ],
      [
        "failed",
        [
          { attempt: 1, error: new Error("broken 1"), startedAt: 0, duration: 0, delay: 100 },
          { attempt: 2, error: new Error("broken 2"), startedAt: 100, duration: 0, delay: 200 },
          { attempt: 3, error: new Error("broken 3"), startedAt: 300, duration: 0, delay: undefined },
        ],
      ],
    ]);
  });

  test("stops for one item by StopRetry, with what that carries as its error", async () => {
    const report = await batch(
      [1],
      () => {
        throw new StopRetry(odd);
      },
      { concurrency: 1, retry: {} },
    );
    expect(report.failures.map(({ error, attempts }) => [error, attempts.length])).toEqual([[odd, 1]]);
  });

  test("has its hooks asked per item, and a value that it refuses tried again", async () => {
    const asked: unknown[] = [];
    const report = await clock.run(() =>
      batch([1, 2], (item, { attempt }) => item * attempt, {
        concurrency: 1,
        retry: {
          shouldRetryResult: (value) => value < 2,
          onFailedAttempt: ({ attempt, result }) => void asked.push([attempt, result]),
        },
      }),
    );
    expect({ values: report.values, asked }).toEqual({ values: [2, 2], asked: [[1, { ok: true, value: 1 }]] });
  });

  test("with a totalTimeout limits each item with all its attempts; then it has failed, with a TimeoutError", async () => {
    const report = await clock.run(() =>
      batch(
        ["slow", "quick"],
        (item) => {
          if (item === "slow") throw odd;
          return item;
        },
        { concurrency: 1, name: "pages", retry: { retries: 9, baseDelay: 100, jitter: "none", totalTimeout: 250 } },
      ),
    );
    expect(report.results).toMatchObject([
      {
        status: "failed",
        error: { name: "TimeoutError", layer: "total", timeout: 250, message: 'item "0" timed out after 250 ms' },
        attempts: [
          { attempt: 1, error: odd, delay: 100 },
          { attempt: 2, error: odd, delay: undefined },
        ],
        duration: 250,
      },
      { status: "succeeded", value: "quick" },
    ]);
    expect(report.stoppedBy).toBe(undefined);
  });

  test("R21: what the attempts of an item threw is in its result alone, however many items and primitives", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    const controller = new AbortController();
    const cancelled = batch(
      numbers(150),
      () => {
        throw new Error("no");
      },
      { concurrency: Infinity, signal: controller.signal, retry: { baseDelay: 1_000, jitter: "none" } },
    );
    await turn();
    controller.abort(new Error("enough"));
    const report = await cancelled;
    expect(report.failures.map(({ attempts }) => attempts.length)).toEqual(Array.from({ length: 150 }, () => 1));
    const primitives = await clock.run(() =>
      batch(
        [1],
        (_item, { attempt }) => {
          throw `text ${attempt}`;
        },
        { concurrency: 1, retry: { retries: 1 } },
      ),
    );
    expect(primitives.failures.map(({ attempts }) => attempts.map(({ error }) => error))).toEqual([
      ["text 1", "text 2"],
    ]);
    expect(late).toEqual([]);
  });
});
