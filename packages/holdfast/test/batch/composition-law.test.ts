/** Everything in everything: groups, limits, maps, retries and batches, nested at random, under an abort at any time. */
import * as fc from "fast-check";
import {
  attemptsOf,
  batch,
  ErrorGroup,
  map,
  onLateError,
  retry,
  sleep,
  suppressedErrors,
  taskGroup,
  timeout,
} from "holdfast";
import { root } from "holdfast/lowlevel";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { expect, test } from "../harness.ts";

const clock = useFakeClock();

type Program =
  | { readonly kind: "leaf"; readonly ms: number; readonly fails: boolean; readonly listens: boolean }
  | { readonly kind: "group"; readonly parts: readonly Program[] }
  | {
      readonly kind: "map" | "batch";
      readonly parts: readonly Program[];
      readonly concurrency: number;
      readonly all: boolean;
    }
  | { readonly kind: "limit"; readonly ms: number; readonly part: Program }
  | { readonly kind: "retry"; readonly retries: number; readonly ms: number | undefined; readonly part: Program };

/** Programs of up to five levels, never a leaf alone. */
function programsOf({ withRetries }: { readonly withRetries: boolean }): fc.Arbitrary<Program> {
  const { part } = fc.letrec<{ part: Program; parts: Program[] }>((tie) => {
    const compounds = [
      fc.record({ kind: fc.constant("group" as const), parts: tie("parts") }),
      fc.record({
        kind: fc.constantFrom("map" as const, "batch" as const),
        parts: tie("parts"),
        concurrency: fc.constantFrom(1, 2, Infinity),
        all: fc.boolean(),
      }),
      fc.record({ kind: fc.constant("limit" as const), ms: fc.integer({ min: 1, max: 8 }), part: tie("part") }),
    ];
    const retries = fc.record({
      kind: fc.constant("retry" as const),
      retries: fc.integer({ min: 0, max: 2 }),
      ms: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      part: tie("part"),
    });
    const leaf = fc.record({
      kind: fc.constant("leaf" as const),
      ms: fc.integer({ min: 0, max: 6 }),
      fails: fc.constantFrom(false, false, true),
      listens: fc.boolean(),
    });
    return {
      parts: fc.array(tie("part"), { minLength: 1, maxLength: 4 }),
      part: fc.oneof({ maxDepth: 4, depthSize: "max" }, leaf, ...compounds, ...(withRetries ? [retries] : [])),
    };
  });
  return fc.record({
    kind: fc.constantFrom("map", "batch"),
    parts: fc.array(part, { minLength: 1, maxLength: 4 }),
    concurrency: fc.constantFrom(1, 2, Infinity),
    all: fc.boolean(),
  });
}

/** What happened in one run. */
class Run {
  running: number = 0;
  readonly failures: Error[] = [];

  async start(part: Program, signal: AbortSignal): Promise<unknown> {
    switch (part.kind) {
      case "leaf":
        return await this.leaf(part, signal);
      case "group":
        return await taskGroup(
          (group) => {
            for (const inner of part.parts) group.spawn((context) => this.start(inner, context.signal));
          },
          { signal },
        );
      case "map":
        return await map(part.parts, (inner, _index, context) => this.start(inner, context.signal), {
          concurrency: part.concurrency,
          stopOnError: !part.all,
          signal,
        });
      case "batch": {
        const report = await batch(part.parts, (inner, context) => this.start(inner, context.signal), {
          concurrency: part.concurrency,
          ...(part.all ? {} : { maxFailures: 0 }),
          signal,
        });
        report.throwIfFailed();
        return report.values;
      }
      case "limit":
        return await timeout(part.ms, (context) => this.start(part.part, context.signal), { signal, grace: Infinity });
      case "retry":
        return await retry((context) => this.start(part.part, context.signal), {
          retries: part.retries,
          timeout: part.ms,
          grace: Infinity,
          baseDelay: 2,
          signal,
        });
    }
  }

  async leaf({ ms, fails, listens }: Program & { readonly kind: "leaf" }, signal: AbortSignal): Promise<void> {
    this.running++;
    try {
      if (ms > 0) await sleep(ms, listens ? { signal } : {});
    } finally {
      this.running--;
    }
    if (!fails) return;
    const error = new Error(`leaf ${this.failures.length}`);
    this.failures.push(error);
    throw error;
  }
}

/** Every error that can be found from `error` on: leaves, causes, what was suppressed, attempts. */
function reachable(error: unknown, found: Set<unknown> = new Set()): Set<unknown> {
  if (found.has(error) || error === undefined) return found;
  found.add(error);
  const inner = [...suppressedErrors(error), ...attemptsOf(error).map((attempt) => attempt.error)];
  if (error instanceof ErrorGroup) inner.push(...error.errors);
  if (error instanceof Error) inner.push(error.cause);
  for (const each of inner) reachable(each, found);
  return found;
}

const abortTimes = fc.option(fc.integer({ min: 0, max: 15 }), { nil: undefined });

/** Runs `part` to its end and checks that it is one. */
async function runToEnd(
  part: Program,
  abortAt: number | undefined,
): Promise<{ readonly run: Run; readonly thrown: unknown; readonly late: readonly unknown[] }> {
  const late: unknown[] = [];
  using _ = onLateError((error) => late.push(error));
  const controller = new AbortController();
  const timer =
    abortAt === undefined ? undefined : clock.setTimer(() => controller.abort(new Error("enough")), abortAt);
  const run = new Run();
  const thrown = await clock.run(() =>
    run.start(part, controller.signal).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  if (timer !== undefined) clock.clearTimer(timer);
  expect({ running: run.running, tree: root().kids, timers: clock.pending }).toEqual({
    running: 0,
    tree: undefined,
    timers: 0,
  });
  // The runner fails a test that leaves a rejection unhandled.
  await turn();
  return { run, thrown, late };
}

test("R1, R16: when a program settles, nothing of it runs, waits or listens any more", async () => {
  let failures = 0;
  await fc.assert(
    fc.asyncProperty(programsOf({ withRetries: true }), abortTimes, async (part, abortAt) => {
      failures += (await runToEnd(part, abortAt)).run.failures.length;
    }),
    { numRuns: 300, seed: 1 },
  );
  expect(failures).toBeGreaterThan(100);
}, 60_000);

test("R21: when a program without retries settles, each failure in it can be found, whatever was cancelled", async () => {
  let failures = 0;
  await fc.assert(
    fc.asyncProperty(programsOf({ withRetries: false }), abortTimes, async (part, abortAt) => {
      const { run, thrown, late } = await runToEnd(part, abortAt);
      const found = reachable(thrown);
      for (const error of late) reachable(error, found);
      expect(run.failures.filter((error) => !found.has(error))).toEqual([]);
      failures += run.failures.length;
    }),
    { numRuns: 300, seed: 1 },
  );
  expect(failures).toBeGreaterThan(100);
}, 60_000);
