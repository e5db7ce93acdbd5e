/** `batch` under random failures, limits and aborts: the counts add up, and each item is what it became. */
import * as fc from "fast-check";
import { batch, type ItemContext, type ItemResult, onLateError, sleep } from "holdfast";
import { root } from "holdfast/lowlevel";
import { useFakeClock } from "../clock/fake-clock.ts";
import { numbers } from "../core/lanes-gates.ts";
import { expect, test } from "../harness.ts";

const clock = useFakeClock();

const plans = fc.array(
  fc.record({
    ms: fc.integer({ min: 0, max: 6 }),
    /** How many of its attempts fail. */
    failures: fc.constantFrom(0, 0, 0, 1, 9),
    listens: fc.boolean(),
  }),
  { maxLength: 12 },
);
type Plan = { readonly ms: number; readonly failures: number; readonly listens: boolean };

const scenarios = fc.record({
  plans,
  isSized: fc.boolean(),
  concurrency: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(Infinity)),
  retries: fc.integer({ min: 0, max: 2 }),
  abortAt: fc.option(fc.integer({ min: 0, max: 15 }), { nil: undefined }),
  totalTimeout: fc.option(fc.integer({ min: 0, max: 15 }), { nil: undefined }),
  maxFailures: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  breaksAt: fc.option(fc.integer({ min: 0, max: 11 }), { nil: undefined, freq: 4 }),
  keep: fc.constantFrom("all", "failures", "none"),
});

test("BATCH-1: each item that was started is counted and told once, and what was not is what is left", async () => {
  const late: unknown[] = [];
  using _ = onLateError((error) => late.push(error));
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const reason = new Error("aborted");
      const controller = new AbortController();
      const { abortAt, keep, maxFailures, totalTimeout } = scenario;
      const timer = abortAt === undefined ? undefined : clock.setTimer(() => controller.abort(reason), abortAt);
      const broken = new Error("input");
      const started: number[] = [];
      const told: ItemResult<Plan, number>[] = [];
      let running = 0;
      let most = 0;

      const run = async (plan: Plan, { index, attempt, sleep: rest }: ItemContext): Promise<number> => {
        if (attempt === 1) started.push(index);
        most = Math.max(most, ++running);
        try {
          if (plan.ms > 0) await (plan.listens ? rest(plan.ms) : sleep(plan.ms));
        } finally {
          running--;
        }
        if (attempt <= plan.failures) throw new Error(`item ${index}, attempt ${attempt}`);
        return index * 10;
      };
      function* unsized(): Generator<Plan> {
        for (const [index, plan] of scenario.plans.entries()) {
          if (index === scenario.breaksAt) throw broken;
          yield plan;
        }
      }
      const report = await clock.run(() =>
        batch(scenario.isSized ? scenario.plans : unsized(), run, {
          concurrency: scenario.concurrency,
          retry: { retries: scenario.retries, baseDelay: 2, jitter: "none" },
          signal: controller.signal,
          totalTimeout,
          maxFailures,
          keep,
          onItem: (result) => told.push(result),
        }),
      );
      if (timer !== undefined) clock.clearTimer(timer);

      expect(running).toBe(0);
      expect(most).toBeLessThanOrEqual(scenario.concurrency);
      expect(started).toEqual(numbers(started.length));

      // Each item is told once, as what it became.
      const byIndex = told.toSorted((a, b) => a.index - b.index);
      expect(byIndex.map(({ index }) => index)).toEqual(started);
      for (const result of told) {
        expect(result.item).toBe(scenario.plans[result.index]);
        if (result.status === "succeeded") expect(result.value).toBe(result.index * 10);
        if (result.status === "failed") {
          expect(result.attempts).toHaveLength(scenario.retries + 1);
          expect(result.error).toBe(result.attempts.at(-1)?.error);
        }
        if (result.status === "cancelled") expect(report.stoppedBy).not.toBe(undefined);
      }

      const { succeeded, failed, cancelled, notStarted } = report.counts;
      const count = (status: string): number => told.filter((result) => result.status === status).length;
      expect({ succeeded, failed, cancelled }).toEqual({
        succeeded: count("succeeded"),
        failed: count("failed"),
        cancelled: count("cancelled"),
      });
      if (scenario.isSized) expect(notStarted).toBe(scenario.plans.length - started.length);
      expect([...report.errorsByType.values()].reduce((sum, each) => sum + each, 0)).toBe(failed);

      const kept = { all: byIndex, failures: byIndex.filter(({ ok }) => !ok), none: [] }[keep];
      expect(report.results).toEqual(kept);
      expect(report.failures).toEqual(kept.filter(({ ok }) => !ok));

      // It says that something stopped it if and only if something did.
      ends.set(String(report.stoppedBy), (ends.get(String(report.stoppedBy)) ?? 0) + 1);
      const isComplete = started.length === scenario.plans.length && cancelled === 0;
      switch (report.stoppedBy) {
        case undefined:
          expect(isComplete).toBe(true);
          break;
        case "signal":
          expect(controller.signal.aborted).toBe(true);
          break;
        case "timeout":
          expect(totalTimeout).toBeLessThanOrEqual(15);
          break;
        case "maxFailures":
          expect(failed).toBeGreaterThan(maxFailures ?? Infinity);
          break;
        case "input":
          expect([report.inputError, started.length]).toEqual([broken, scenario.breaksAt]);
          break;
      }
      // Of an iterator it is not known that its last item was the last; of no items it is not asked.
      const isCut = report.stoppedBy === "signal" || report.stoppedBy === "timeout";
      if (isCut && scenario.isSized && scenario.plans.length > 0) expect(isComplete).toBe(false);
      if (report.stoppedBy !== "input") expect(report.inputError).toBe(undefined);
      expect(late).toEqual([]);
      await clock.advanceUntilIdle();
      expect(root().kids).toBe(undefined);
    }),
    { numRuns: 500, seed: 1 },
  );
  // The scenarios are worth something only if they lead to each of the ends.
  expect(Object.fromEntries([...ends].map(([end, count]) => [end, count > 10]))).toEqual({
    undefined: true,
    signal: true,
    timeout: true,
    maxFailures: true,
    input: true,
  });
}, 30_000);
