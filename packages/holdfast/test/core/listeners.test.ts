/** Node can be asked how many listeners a signal has, and warns when there are many. */
import { getEventListeners } from "node:events";
import process from "node:process";
import {
  abortable,
  all,
  any,
  batch,
  bulkhead,
  circuitBreaker,
  fallback,
  forEach,
  hedge,
  map,
  mapStream,
  openTaskGroup,
  pipeline,
  race,
  rateLimit,
  retry,
  settle,
  shield,
  sleep,
  taskGroup,
  timeout,
} from "holdfast";
import * as library from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { abortError, aborted, Gate } from "./outcome.ts";

const clock = useFakeClock();
const failure = new Error("failure");

const count = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

/** How the work inside a call ends. */
type Work = (signal: AbortSignal) => Promise<unknown>;

/** Every export that takes a signal, called with one and with work that ends as it likes. */
const calls: Readonly<Record<string, (signal: AbortSignal, work: Work) => Promise<unknown>>> = {
  abortable: (signal, work) => abortable(work(signal), { signal, onLateError: () => {} }),
  all: (signal, work) => all([(context) => work(context.signal), () => 1], { signal, timeout: 100 }),
  any: (signal, work) =>
    any([(context) => work(context.signal), () => Promise.reject(failure)], { signal, timeout: 100 }),
  batch: (signal, work) => batch([1, 2, 3], (_, context) => work(context.signal), { signal, concurrency: 2 }),
  bulkhead: (signal, work) => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
    const run = (): Promise<unknown> => policy.run((context) => work(context.signal), { signal });
    return Promise.allSettled([run(), run()]);
  },
  circuitBreaker: (signal, work) =>
    circuitBreaker({ consecutiveFailures: 1, openFor: 10 }).run((context) => work(context.signal), { signal }),
  fallback: (signal, work) =>
    fallback((context) => work(context.signal), { signal, fallback: (_, context) => work(context.signal) }),
  forEach: (signal, work) => forEach([1, 2, 3], (_, __, context) => work(context.signal), { signal, concurrency: 2 }),
  hedge: (signal, work) => hedge((context) => work(context.signal), { signal, delay: 10, attempts: 3 }),
  map: (signal, work) =>
    map(new Set([1, 2]), (_, __, context) => work(context.signal), { signal, concurrency: 2, timeout: 100 }),
  mapStream: async (signal, work) => {
    const results = mapStream([1, 2, 3], (_, __, context) => work(context.signal), { signal, concurrency: 2 });
    for await (const _ of results) await turn();
  },
  openTaskGroup: async (signal, work) => {
    const group = openTaskGroup({ signal, timeout: 100 });
    group.spawn((context) => work(context.signal));
    const started = group.start(({ ready }) => ready(undefined), { signal });
    await Promise.allSettled([started, group.close()]);
  },
  pipeline: (signal, work) =>
    pipeline({
      fallback: { fallback: (_, context) => work(context.signal) },
      totalTimeout: 500,
      retry: { retries: 1 },
      circuitBreaker: { consecutiveFailures: 5, openFor: 10 },
      rateLimit: { limit: 3, interval: 10, maxQueue: 3 },
      bulkhead: { concurrency: 1 },
      hedge: { delay: 10 },
      timeout: 100,
    }).run((context) => work(context.signal), { signal }),
  race: (signal, work) => race([(context) => work(context.signal), ({ sleep: wait }) => wait(30)], { signal }),
  rateLimit: (signal, work) => {
    const policy = rateLimit({ limit: 1, interval: 10, maxQueue: 2 });
    const run = (): Promise<unknown> => policy.run((context) => work(context.signal), { signal });
    return Promise.allSettled([run(), policy.acquire({ signal }), run()]);
  },
  retry: (signal, work) =>
    retry((context) => work(context.signal), { signal, retries: 1, timeout: 100, totalTimeout: 500 }),
  settle: (signal, work) => settle([(context) => work(context.signal), () => 1], { signal, timeout: 100 }),
  shield: (signal, work) => shield(() => work(signal), { signal, grace: 0 }),
  sleep: (signal, work) => work(signal).then(() => sleep(10, { signal })),
  taskGroup: (signal, work) =>
    taskGroup(
      async (group) => {
        const task = group.spawn((context) => work(context.signal));
        await task.join({ signal });
        await task.settled({ signal });
      },
      { signal },
    ),
  timeout: (signal, work) => timeout(100, (context) => work(context.signal), { signal }),
};

/** Exports that take no signal to wait under. */
const without = new Set([
  "BulkheadFullError",
  "CancelledError",
  "CircuitOpenError",
  "ErrorGroup",
  "GroupClosedError",
  "JoinDeadlockError",
  "NotReadyError",
  "RateLimitedError",
  "StopRetry",
  "TaskCancelledError",
  "TimeoutError",
  "attemptsOf",
  "findError",
  "handleErrors",
  // Looks at a signal, and waits for nothing.
  "isCancellation",
  "isRetryable",
  "isTimeout",
  "onLateError",
  "retryAfter",
  "retryBudget",
  "splitError",
  "suppressedErrors",
  "taskStack",
  "tasksOf",
]);

const works: readonly [string, Work][] = [
  ["that returns", () => turn()],
  ["that fails", () => Promise.reject(failure)],
  ["that waits a while", (signal) => sleep(50, { signal })],
  ["that runs out of time", (signal) => sleep(10_000, { signal })],
  [
    "that listens itself",
    async (signal) => {
      const gate = new Gate();
      const stop = (): void => gate.fail(abortError(signal.reason));
      signal.addEventListener("abort", stop);
      try {
        await Promise.race([gate.promise, sleep(20)]);
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
  ],
];

describe("R16: listeners on a foreign signal", () => {
  test("every export of the library is in the table, or takes no signal", () => {
    const unknown = Object.keys(library).filter((name) => !(name in calls) && !without.has(name));
    expect(unknown).toEqual([]);
    expect([...Object.keys(calls), ...without].filter((name) => !(name in library))).toEqual([]);
  });

  for (const [name, call] of Object.entries(calls)) {
    for (const [what, work] of works)
      test(`${name} leaves none behind, with work ${what}`, async () => {
        const { signal } = new AbortController();
        await clock.run(async () => {
          await call(signal, work).catch(() => {});
        });
        expect(count(signal)).toBe(0);
        await clock.advanceUntilIdle();
      });

    test(`${name} leaves none behind after an abort`, async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const settled = call(signal, (inner) => sleep(Infinity, { signal: inner })).catch((error: unknown) => error);
      await turn();
      expect(count(signal)).toBe(1);
      controller.abort();
      await settled;
      expect(count(signal)).toBe(0);
    });

    test(`${name} puts none on a signal that is aborted already`, async () => {
      const signal = AbortSignal.abort();
      await call(signal, () => turn()).catch(() => {});
      expect(count(signal)).toBe(0);
    });
  }

  test("however many operations run under it, there is one", async () => {
    const { signal } = new AbortController();
    const running = Promise.all(
      Object.values(calls)
        .flatMap((call) => [call, call, call])
        .map((call) => call(signal, () => sleep(20))),
    );
    await turn();
    expect(count(signal)).toBe(1);
    await clock.run(() => running);
    expect(count(signal)).toBe(0);
  });
});

describe("R16: many listeners of the user's", () => {
  test("on a signal of ours raise no warning, twenty on each of a group, a task and a timeout", async () => {
    const warnings: Error[] = [];
    const listener = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listener);
    try {
      await taskGroup(async (group) => {
        const listen = async (signal: AbortSignal): Promise<void> => {
          const waits = Array.from({ length: 20 }, () => aborted(signal));
          await turn();
          group.cancel();
          await Promise.all(waits);
        };
        group.spawn(({ signal }) => listen(signal));
        group.spawn(({ signal }) => timeout(1000, (context) => listen(context.signal), { signal }));
        await listen(group.signal);
      });
      await turn();
      await turn();
    } finally {
      process.off("warning", listener);
    }
    expect(warnings).toEqual([]);
  });
});
