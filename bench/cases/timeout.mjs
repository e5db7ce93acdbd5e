// @ts-check
import { timed } from "../measure.mjs";
import { expectSame } from "./expect.mjs";
import { fasterThan } from "./goals.mjs";

/** @import { Work } from "../types.d.ts" */

/** Milliseconds: no timer of this case fires. */
const limit = 60_000;

async function call() {
  return 1;
}

/** @param {number} n @param {() => PromiseLike<number>} once @returns {Work} */
function inSequence(n, once) {
  return async () => {
    let sum = 0;
    for (let count = 0; count < n; count += 1) sum += await once();
    return sum;
  };
}

/** @param {() => Promise<number>} run @returns {Promise<number>} */
function withTimer(run) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("timed out")), limit);
    run().then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** @param {(signal: AbortSignal) => Promise<number>} run @returns {Promise<number>} */
async function withController(run) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error("timed out")), limit);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** @param {(signal: AbortSignal) => Promise<number>} run @returns {Promise<number>} */
function withSignalTimeout(run) {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(limit);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    run(signal)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** @type {import("../types.d.ts").Case} */
export const timeout = {
  name: "timeout",
  title: "Timeout around a call that finishes",
  about: "A minute's timeout around an async function that returns at once, one call after the other. No timer fires.",
  unit: "ns",
  per: "call",
  n: 100_000,
  quickN: 1_000,
  baseline: "setTimeout and clearTimeout by hand",
  measure: timed(expectSame),
  subjects: [
    { name: "bare await", prepare: async (n) => inSequence(n, call) },
    { name: "setTimeout and clearTimeout by hand", prepare: async (n) => inSequence(n, () => withTimer(call)) },
    { name: "AbortController and setTimeout by hand", prepare: async (n) => inSequence(n, () => withController(call)) },
    {
      name: "AbortSignal.timeout and a listener by hand",
      prepare: async (n) => inSequence(n, () => withSignalTimeout(call)),
    },
    {
      name: "holdfast",
      package: "holdfast",
      prepare: async (n) => {
        const { timeout: timeoutCall } = await import("holdfast");
        return inSequence(n, () => timeoutCall(limit, call));
      },
    },
    {
      name: "p-timeout",
      package: "p-timeout",
      prepare: async (n) => {
        const { default: pTimeout } = await import("p-timeout");
        return inSequence(n, () => pTimeout(call(), { milliseconds: limit }));
      },
    },
    {
      name: "cockatiel",
      package: "cockatiel",
      prepare: async (n) => {
        const { timeout: timeoutPolicy, TimeoutStrategy } = await import("cockatiel");
        const policy = timeoutPolicy(limit, TimeoutStrategy.Aggressive);
        return inSequence(n, () => policy.execute(call));
      },
    },
    {
      name: "effect, in one fiber",
      package: "effect",
      prepare: async (n) => {
        const { Effect } = await import("effect");
        const program = Effect.timeout(Effect.promise(call), limit);
        const loop = Effect.gen(function* () {
          let sum = 0;
          for (let count = 0; count < n; count += 1) sum += yield* program;
          return sum;
        });
        return () => Effect.runPromise(loop);
      },
    },
    {
      name: "effect, a runPromise each",
      package: "effect",
      prepare: async (n) => {
        const { Effect } = await import("effect");
        return inSequence(n, () => Effect.runPromise(Effect.timeout(Effect.promise(call), limit)));
      },
    },
  ],
  goals: [
    "setTimeout and clearTimeout by hand",
    "AbortSignal.timeout and a listener by hand",
    "p-timeout",
    "cockatiel",
    "effect, in one fiber",
  ].map((peer) => fasterThan("holdfast", peer)),
};
