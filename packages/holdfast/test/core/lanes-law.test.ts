/** `map` under random inputs, failures and aborts, against what a list of the things that happened says must come out. */
import * as fc from "fast-check";
import { type Context, type Items, map, onLateError, sleep, suppressedErrors } from "holdfast";
import { root } from "holdfast/lowlevel";
import { type FakeClock, useFakeClock } from "../clock/fake-clock.ts";
import { expect, test } from "../harness.ts";
import { numbers } from "./lanes-gates.ts";

const clock = useFakeClock();

interface Plan {
  /** Milliseconds that it takes; 0 is no wait at all. */
  readonly ms: number;
  readonly fails: boolean;
  /** Whether it stops when it is cancelled. */
  readonly listens: boolean;
}

interface Scenario {
  readonly plans: readonly Plan[];
  readonly input: "array" | "sync" | "async" | "slow";
  readonly concurrency: number;
  readonly stopOnError: boolean;
  readonly abortAt: number | undefined;
  /** The input throws instead of giving this item. */
  readonly breaksAt: number | undefined;
}

const plans = fc.array(
  fc.record({
    ms: fc.integer({ min: 0, max: 6 }),
    fails: fc.boolean().chain((often) => (often ? fc.constant(false) : fc.boolean())),
    listens: fc.boolean(),
  }),
  { maxLength: 12 },
);
const scenarios: fc.Arbitrary<Scenario> = fc.record({
  plans,
  input: fc.constantFrom("array", "sync", "async", "slow"),
  concurrency: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(Infinity)),
  stopOnError: fc.boolean(),
  abortAt: fc.option(fc.integer({ min: 0, max: 15 }), { nil: undefined }),
  breaksAt: fc.option(fc.integer({ min: 0, max: 11 }), { nil: undefined, freq: 4 }),
});

/** What happened, in order. */
class Events {
  readonly started: number[] = [];
  readonly startedLate: number[] = [];
  readonly failures: unknown[] = [];
  readonly values: Map<number, number> = new Map();
  readonly reason: Error = new Error("aborted");
  running: number = 0;
  most: number = 0;
  closed: number = 0;
  ended: number = 0;

  async item(plan: Plan, index: number, context: Context): Promise<number> {
    this.started.push(index);
    if (context.cancelled) this.startedLate.push(index);
    this.most = Math.max(this.most, ++this.running);
    try {
      if (plan.ms > 0) await (plan.listens ? context.sleep(plan.ms) : sleep(plan.ms));
    } finally {
      this.running--;
    }
    if (plan.fails) {
      const error = new Error(`item ${index}`);
      this.failures.push(error);
      throw error;
    }
    this.values.set(index, index * 10);
    return index * 10;
  }

  *input({ plans: items, breaksAt }: Scenario): Generator<Plan> {
    try {
      for (const [index, plan] of items.entries()) {
        if (index === breaksAt) {
          const error = new Error("input");
          this.failures.push(error);
          throw error;
        }
        yield plan;
      }
    } finally {
      this.closed++;
    }
  }

  async *later(scenario: Scenario, on: FakeClock | undefined): AsyncGenerator<Plan> {
    for (const plan of this.input(scenario)) {
      if (on !== undefined) await sleep(2);
      yield plan;
    }
  }

  inputOf(scenario: Scenario): Items<Plan> {
    if (scenario.input === "array") return scenario.plans;
    if (scenario.input === "sync") return this.input(scenario);
    return this.later(scenario, scenario.input === "slow" ? clock : undefined);
  }
}

test("map accounts for every item and every error, whatever fails, is aborted, or is slow", async () => {
  const late: unknown[] = [];
  using _ = onLateError((error) => late.push(error));
  const seen = { values: 0, first: 0, group: 0, reason: 0 };
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const events = new Events();
      const controller = new AbortController();
      const timer =
        scenario.abortAt === undefined
          ? undefined
          : clock.setTimer(() => controller.abort(events.reason), scenario.abortAt);
      const outcome = await clock.run(() =>
        map(events.inputOf(scenario), (plan, index, context) => events.item(plan, index, context), {
          concurrency: scenario.concurrency,
          stopOnError: scenario.stopOnError,
          signal: controller.signal,
        }).then(
          (values) => ({ values, error: undefined }),
          (error: unknown) => ({ values: undefined, error }),
        ),
      );
      if (timer !== undefined) clock.clearTimer(timer);

      // Nothing is left, nothing too many, nothing twice, nothing after the end.
      expect(events.running).toBe(0);
      expect(events.most).toBeLessThanOrEqual(scenario.concurrency);
      expect(events.started).toEqual(numbers(events.started.length));
      expect(events.startedLate).toEqual([]);
      if (scenario.input !== "array" && events.started.length > 0 && scenario.input !== "slow")
        expect(events.closed).toBe(1);

      const { values, error } = outcome;
      if (values !== undefined) {
        seen.values++;
        expect(events.failures).toEqual([]);
        expect(values).toEqual(scenario.plans.map((_plan, index) => index * 10));
      } else if (events.failures.length === 0) {
        seen.reason++;
        expect(error).toBe(events.reason);
      } else if (scenario.stopOnError) {
        seen.first++;
        expect(error).toBe(events.failures[0]);
        expect(suppressedErrors(error)).toEqual(events.failures.slice(1));
      } else {
        seen.group++;
        expect(error).toMatchObject({ name: "ErrorGroup" });
        // Holds: it has just been seen to be one.
        expect((error as AggregateError).errors).toEqual(events.failures);
      }
      expect(late).toEqual([]);
      await clock.advanceUntilIdle();
      expect(root().kids).toBe(undefined);
    }),
    { numRuns: 500, seed: 1 },
  );
  // The scenarios are worth something only if they lead to each of the ends.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
}, 30_000);
