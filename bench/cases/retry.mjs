// @ts-check
import { timed } from "../measure.mjs";
import { expectSame } from "./expect.mjs";
import { lessOverheadThan } from "./goals.mjs";

/** @import { Case, Subject, Work } from "../types.d.ts" */

/** How often it was called, and what `n` calls came to: work that was left out or done twice shows. */
let calls = 0;

async function call() {
  calls += 1;
  return 1;
}

/** Fails every other time: the first of each two. */
async function flaky() {
  calls += 1;
  if (calls % 2 === 1) throw failure;
  return 1;
}

// One object for all: making an error with its stack would cost more than what is measured.
const failure = new Error("not this time");

/**
 * `n` calls, one after the other. `once` is compiled for its subject alone, since that has its own process.
 * @param {number} n
 * @param {() => PromiseLike<number>} once
 * @returns {Work}
 */
function inSequence(n, once) {
  return async () => {
    calls = 0;
    let sum = 0;
    for (let count = 0; count < n; count += 1) sum += await once();
    return { sum, calls };
  };
}

/** @param {number} callsEach */
function check(callsEach) {
  return timed((/** @type {unknown} */ result, n) => {
    const { sum, calls: counted } = /** @type {{ sum: number, calls: number }} holds: what the works here return */ (
      result
    );
    expectSame(sum, n);
    expectSame(counted, n * callsEach);
  });
}

/**
 * @param {"in one fiber" | "a runPromise each"} form
 * @param {(Effect: typeof import("effect").Effect) => import("effect").Effect.Effect<number, unknown>} programOf
 * @returns {Subject}
 */
function effectSubject(form, programOf) {
  return {
    name: `effect, ${form}`,
    package: "effect",
    prepare: async (n) => {
      const { Effect } = await import("effect");
      if (form === "a runPromise each") return inSequence(n, () => Effect.runPromise(programOf(Effect)));
      const loop = Effect.gen(function* () {
        let sum = 0;
        for (let count = 0; count < n; count += 1) sum += yield* programOf(Effect);
        return sum;
      });
      return async () => {
        calls = 0;
        return { sum: await Effect.runPromise(loop), calls };
      };
    },
  };
}

const goals = [
  lessOverheadThan("holdfast", "p-retry", "bare await"),
  lessOverheadThan("holdfast", "cockatiel", "bare await"),
];

/** @type {Subject} */
const bareAwait = { name: "bare await", prepare: async (n) => inSequence(n, call) };

/** @type {Case} */
export const retry = {
  name: "retry",
  title: "Retry around a call that succeeds",
  about: "What every call pays for the one that fails some day. Default options, as each README shows them first.",
  unit: "ns",
  per: "call",
  n: 100_000,
  quickN: 1_000,
  baseline: "bare await",
  measure: check(1),
  subjects: [
    bareAwait,
    {
      name: "holdfast",
      package: "holdfast",
      prepare: async (n) => {
        const { retry: retryCall } = await import("holdfast");
        return inSequence(n, () => retryCall(call));
      },
    },
    {
      name: "p-retry",
      package: "p-retry",
      prepare: async (n) => {
        const { default: pRetry } = await import("p-retry");
        return inSequence(n, () => pRetry(call));
      },
    },
    {
      name: "cockatiel",
      package: "cockatiel",
      prepare: async (n) => {
        const { ExponentialBackoff, handleAll, retry: retryPolicy } = await import("cockatiel");
        const policy = retryPolicy(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() });
        return inSequence(n, () => policy.execute(call));
      },
    },
    effectSubject("in one fiber", (Effect) => Effect.retry(Effect.tryPromise(call), { times: 3 })),
    effectSubject("a runPromise each", (Effect) => Effect.retry(Effect.tryPromise(call), { times: 3 })),
  ],
  goals,
};

/** @type {Case} */
export const retryWithOptions = {
  name: "retry-options",
  title: "Retry with options around a call that succeeds",
  about:
    "Five retries, exponential backoff from 100 ms to 10 s with jitter, a predicate for errors. holdfast and p-retry are given an options " +
    "object at each call; cockatiel's policy and Effect's schedule are made once.",
  unit: "ns",
  per: "call",
  n: 100_000,
  quickN: 1_000,
  baseline: "bare await",
  measure: check(1),
  subjects: [
    bareAwait,
    {
      name: "holdfast",
      package: "holdfast",
      prepare: async (n) => {
        const { retry: retryCall } = await import("holdfast");
        return inSequence(n, () =>
          retryCall(call, {
            retries: 5,
            baseDelay: 100,
            maxDelay: 10_000,
            factor: 2,
            jitter: "full",
            shouldRetry: ({ error }) => error instanceof Error,
          }),
        );
      },
    },
    {
      name: "p-retry",
      package: "p-retry",
      prepare: async (n) => {
        const { default: pRetry } = await import("p-retry");
        return inSequence(n, () =>
          pRetry(call, {
            retries: 5,
            minTimeout: 100,
            maxTimeout: 10_000,
            factor: 2,
            randomize: true,
            shouldRetry: ({ error }) => error instanceof Error,
          }),
        );
      },
    },
    {
      name: "cockatiel",
      package: "cockatiel",
      prepare: async (n) => {
        const { ExponentialBackoff, handleWhen, retry: retryPolicy } = await import("cockatiel");
        const policy = retryPolicy(
          handleWhen((error) => error instanceof Error),
          { maxAttempts: 5, backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 10_000, exponent: 2 }) },
        );
        return inSequence(n, () => policy.execute(call));
      },
    },
    {
      name: "effect, in one fiber",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Schedule } = await import("effect");
        const schedule = Schedule.jittered(Schedule.exponential(100, 2));
        const program = Effect.retry(Effect.tryPromise(call), {
          times: 5,
          schedule,
          while: (error) => error instanceof Error,
        });
        const loop = Effect.gen(function* () {
          let sum = 0;
          for (let count = 0; count < n; count += 1) sum += yield* program;
          return sum;
        });
        return async () => {
          calls = 0;
          return { sum: await Effect.runPromise(loop), calls };
        };
      },
    },
  ],
  goals,
};

/** @type {Case} */
export const retryAfterFailure = {
  name: "retry-failure",
  title: "Retry of a call that fails once, without delay",
  about:
    "Two calls and one failure for each operation; the error object is the same each time. What the delay of zero costs is each library's own: " +
    "a timer of 0 ms is at least 1 ms in Node.",
  unit: "ns",
  per: "operation",
  n: 1_000,
  quickN: 20,
  baseline: "loop by hand",
  measure: check(2),
  subjects: [
    {
      name: "loop by hand",
      prepare: async (n) =>
        inSequence(n, async () => {
          for (let retries = 3; ; retries -= 1) {
            try {
              return await flaky();
            } catch (error) {
              if (retries === 0) throw error;
            }
          }
        }),
    },
    {
      name: "loop by hand, with a timer of 0 ms",
      prepare: async (n) =>
        inSequence(n, async () => {
          for (let retries = 3; ; retries -= 1) {
            try {
              return await flaky();
            } catch (error) {
              if (retries === 0) throw error;
              await new Promise((resolve) => setTimeout(resolve, 0));
            }
          }
        }),
    },
    {
      name: "holdfast",
      package: "holdfast",
      prepare: async (n) => {
        const { retry: retryCall } = await import("holdfast");
        return inSequence(n, () => retryCall(flaky, { baseDelay: 0 }));
      },
    },
    {
      name: "p-retry",
      package: "p-retry",
      prepare: async (n) => {
        const { default: pRetry } = await import("p-retry");
        return inSequence(n, () => pRetry(flaky, { minTimeout: 0 }));
      },
    },
    {
      name: "cockatiel",
      package: "cockatiel",
      prepare: async (n) => {
        const { handleAll, retry: retryPolicy } = await import("cockatiel");
        const policy = retryPolicy(handleAll, { maxAttempts: 3 });
        return inSequence(n, () => policy.execute(flaky));
      },
    },
    effectSubject("in one fiber", (Effect) => Effect.retry(Effect.tryPromise(flaky), { times: 3 })),
  ],
  goals: [],
};
