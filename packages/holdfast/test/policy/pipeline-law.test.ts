/** A pipeline of one layer, and the function of that layer's name: for any function and any abort, the same calls at the same times and the same outcome. */
import * as fc from "fast-check";
import {
  attemptsOf,
  bulkhead,
  circuitBreaker,
  type Context,
  ErrorGroup,
  fallback,
  hedge,
  onLateError,
  pipeline,
  rateLimit,
  retry,
  suppressedErrors,
  timeout,
  TimeoutError,
} from "holdfast";
import { root } from "holdfast/lowlevel";
import { useFakeClock } from "../clock/fake-clock.ts";
import { expect, test } from "../harness.ts";

const clock = useFakeClock();

/** What one call of the function does: waits, with or without looking at its signal, then returns or throws. */
const plan = fc.record({
  ms: fc.integer({ min: 0, max: 120 }),
  fails: fc.boolean(),
  manner: fc.constantFrom("listens", "deaf", "turns the abort into an error", "returns in spite of it"),
});
type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never;

const scenarios = fc.record({
  plans: fc.array(plan, { minLength: 1, maxLength: 5 }),
  abortAt: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
  ms: fc.integer({ min: 0, max: 100 }),
  grace: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  count: fc.integer({ min: 0, max: 3 }),
});
type Scenario = typeof scenarios extends fc.Arbitrary<infer S> ? S : never;

type Call = (run: (context: Context) => Promise<string>, signal: AbortSignal) => Promise<unknown>;

/** The function alone, and its pipeline. */
const pairs: Readonly<Record<string, (scenario: Scenario) => readonly [alone: Call, layered: Call]>> = {
  retry: ({ count, grace, ms }) => {
    const options = { retries: count, baseDelay: 20, jitter: "none", grace, timeout: ms } as const;
    return [(run, signal) => retry(run, { ...options, signal }), through(pipeline({ retry: options }))];
  },
  "retry without a timeout": ({ count, grace }) => {
    const options = { retries: count, baseDelay: 20, jitter: "none", grace } as const;
    return [(run, signal) => retry(run, { ...options, signal }), through(pipeline({ retry: options }))];
  },
  "retry with a total timeout": ({ count, ms }) => {
    const options = { retries: count, baseDelay: 20, jitter: "none" } as const;
    return [
      (run, signal) => retry(run, { ...options, totalTimeout: 2 * ms, signal }),
      through(pipeline({ totalTimeout: 2 * ms, retry: options })),
    ];
  },
  hedge: ({ count, grace, ms }) => {
    const options = { delay: ms, attempts: count + 1, grace };
    return [(run, signal) => hedge(run, { ...options, signal }), through(pipeline({ hedge: options }))];
  },
  timeout: ({ grace, ms }) => [
    (run, signal) => timeout(ms, run, { grace, signal }),
    through(pipeline({ timeout: ms, grace })),
  ],
  fallback: ({ count }) => {
    const options = { fallback: () => "covered", when: () => count > 0 };
    return [(run, signal) => fallback(run, { ...options, signal }), through(pipeline({ fallback: options }))];
  },
  circuitBreaker: () => {
    const options = { consecutiveFailures: 1, openFor: 20 };
    return [through(circuitBreaker(options)), through(pipeline({ circuitBreaker: options }))];
  },
  bulkhead: () => [through(bulkhead({ concurrency: 1 })), through(pipeline({ bulkhead: { concurrency: 1 } }))],
  rateLimit: () => {
    const options = { limit: 1, interval: 20 };
    return [through(rateLimit(options)), through(pipeline({ rateLimit: options }))];
  },
};

function through(policy: {
  run(fn: (context: Context) => Promise<string>, options: { readonly signal: AbortSignal }): Promise<unknown>;
}): Call {
  return (run, signal) => policy.run(run, { signal });
}

/** What is to be seen of an error: which one it is, and what comes with it. */
function shapeOf(error: unknown): unknown {
  if (error instanceof ErrorGroup) return error.errors.map(shapeOf);
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  const unresponsive =
    error instanceof TimeoutError ? error.unresponsive.map(({ task, sawSignal }) => [task, sawSignal]) : [];
  const attempts = attemptsOf(error).map(({ attempt, duration, delay }) => [attempt, duration, delay]);
  return { name, message, unresponsive, attempts, suppressed: suppressedErrors(error).map((one) => String(one)) };
}

/** Everything that can be seen of a call, with times since it began. */
async function observe(call: Call, { plans, abortAt }: Scenario): Promise<unknown> {
  const begin = clock.now();
  const log: unknown[] = [];
  const note = (...what: readonly unknown[]): void => void log.push([clock.now() - begin, ...what]);
  using _ = onLateError((error, { task }) => note("late", shapeOf(error), task));
  const controller = new AbortController();
  const timer =
    abortAt === undefined ? undefined : clock.setTimer(() => controller.abort(new Error("enough")), abortAt);
  let calls = 0;
  async function work(context: Context): Promise<string> {
    const number = ++calls;
    const { ms, fails, manner }: Plan = plans[(number - 1) % plans.length] ?? { ms: 0, fails: false, manner: "deaf" };
    note("call", number);
    if (manner === "deaf") await new Promise<void>((resolve) => void clock.setTimer(resolve, ms));
    else
      try {
        note("deadline", context.deadline - begin);
        await context.sleep(ms);
      } catch (error) {
        note("cancelled", number);
        if (manner === "listens") throw error;
        if (manner === "returns in spite of it") return `value ${number}`;
        throw new Error(`rollback ${number}`, { cause: error });
      }
    if (fails) throw new Error(`failure ${number}`);
    return `value ${number}`;
  }
  // Twice: policies remember.
  for (const turn of ["first", "second"]) {
    try {
      note(turn, await clock.run(() => call(work, controller.signal)));
    } catch (error) {
      note(turn, shapeOf(error));
    }
  }
  if (timer !== undefined) clock.clearTimer(timer);
  await clock.advanceUntilIdle();
  expect(root().kids).toBe(undefined);
  return log;
}

for (const [name, pair] of Object.entries(pairs))
  test(`PIPELINE-3: ${name} in a pipeline is ${name} alone`, async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const [alone, layered] = pair(scenario);
        expect(await observe(layered, scenario)).toEqual(await observe(alone, scenario));
      }),
      { numRuns: 200, seed: 1 },
    );
  }, 30_000);
