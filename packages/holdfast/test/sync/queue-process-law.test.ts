/** `process` under random failures, pauses and aborts, by several calls at once: each item ends in one place. */
import * as fc from "fast-check";
import { sleep } from "holdfast";
import { Queue } from "holdfast/sync";
import { useFakeClock } from "../clock/fake-clock.ts";
import { expect, test } from "../harness.ts";

const clock = useFakeClock();

const plans = fc.array(
  fc.record({
    /** When it is put, after the one before. */
    after: fc.integer({ min: 0, max: 3 }),
    ms: fc.integer({ min: 0, max: 6 }),
    fails: fc.constantFrom(false, false, false, true),
    /** Whether it goes by its signal. */
    listens: fc.boolean(),
  }),
  { maxLength: 12 },
);
type Plan = typeof plans extends fc.Arbitrary<readonly (infer P)[]> ? P : never;

const calls = fc.array(
  fc.record({
    concurrency: fc.constantFrom(1, 2, 3, Infinity),
    hasLetters: fc.boolean(),
    abortAt: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 3 },
);
type Call = typeof calls extends fc.Arbitrary<readonly (infer C)[]> ? C : never;

const scenarios = fc.record({
  plans,
  calls,
  capacity: fc.constantFrom(1, 3, Infinity),
  pauseAt: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  closeAt: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
  abortQueueAt: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined, freq: 3 }),
});

/** The error of an item. */
class ItemError extends Error {}

/** What became of the items, in one scenario. */
class Account {
  readonly queue: Queue<number>;
  readonly plans: readonly Plan[];
  /** Where each item ended: once, if all is well. */
  readonly places: Map<number, string[]> = new Map();
  /** Items, in the order of their starts. */
  readonly starts: number[] = [];

  constructor(capacity: number, items: readonly Plan[]) {
    this.queue = new Queue({ capacity });
    this.plans = items;
  }

  note(item: number, place: string): void {
    this.places.set(item, [...(this.places.get(item) ?? []), place]);
  }

  handBack(): void {
    for (const item of this.queue.abort()) this.note(item, "handed back");
  }

  async produce(): Promise<void> {
    for (const [item, { after }] of this.plans.entries()) {
      await sleep(after);
      await this.queue.put(item).catch(() => this.note(item, "refused"));
    }
    this.queue.close();
  }

  /** How a call ended, if it may. */
  async consume({ concurrency, hasLetters, abortAt }: Call, later: Later): Promise<string> {
    const controller = new AbortController();
    const reason = new Error("aborted");
    later(abortAt, () => controller.abort(reason));
    let running = 0;
    const run = async (item: number, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
      this.starts.push(item);
      expect(++running).toBeLessThanOrEqual(concurrency);
      const { ms = 0, listens = false, fails = false } = this.plans[item] ?? {};
      try {
        await sleep(ms, listens ? { signal } : {});
      } finally {
        running--;
      }
      if (!fails) return this.note(item, "done");
      if (!hasLetters) this.note(item, "failed");
      throw new ItemError();
    };
    const letters = { onDeadLetter: (item: number) => this.note(item, "dead letter") };
    try {
      await this.queue.process(run, { concurrency, signal: controller.signal, ...(hasLetters ? letters : {}) });
      expect(running).toBe(0);
      return "resolved";
    } catch (error) {
      expect(running).toBe(0);
      if (error === reason) return "aborted";
      return error instanceof ItemError && !hasLetters ? "failed" : String(error);
    }
  }
}

type Later = (at: number | undefined, call: () => void) => void;

test("SYNC-QUEUE-1, SYNC-QUEUE-2, QUEUE-PROCESS-1, QUEUE-PROCESS-2: each item that was put is done, dead or handed back, once; nothing is left running, and all calls end", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const account = new Account(scenario.capacity, scenario.plans);
      const { queue } = account;
      const timers: unknown[] = [];
      const later: Later = (at, call) => {
        if (at !== undefined) timers.push(clock.setTimer(call, at));
      };
      later(scenario.pauseAt, () => queue.pause());
      later(scenario.pauseAt === undefined ? undefined : scenario.pauseAt + 5, () => queue.resume());
      later(scenario.closeAt, () => queue.close());
      later(scenario.abortQueueAt, () => account.handBack());

      const outcomes = await clock.run(async () => {
        const producing = account.produce();
        const settled = await Promise.all(scenario.calls.map((call) => account.consume(call, later)));
        account.handBack();
        await producing;
        await queue.waitForIdle();
        return settled;
      });
      for (const timer of timers) clock.clearTimer(timer);

      expect(outcomes.filter((outcome) => !["resolved", "aborted", "failed"].includes(outcome))).toEqual([]);
      const { places, starts } = account;
      expect(scenario.plans.map((_, item) => places.get(item)?.length)).toEqual(scenario.plans.map(() => 1));
      // With several calls, one may start an item again after another has gone on.
      if (scenario.calls.length === 1) expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
    }),
    { numRuns: 500 },
  );
});
