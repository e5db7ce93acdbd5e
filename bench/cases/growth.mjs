// @ts-check
import { setMaxListeners } from "node:events";
import { setTimeout as nodeSleep } from "node:timers/promises";
import { growth } from "../measure.mjs";
import { expectSame } from "./expect.mjs";

/** @import { Goal, Subject } from "../types.d.ts" */

/** Milliseconds of the sleeps that end; they are due long before the last has begun. */
const short = 1;
/** Milliseconds of the sleeps that are cancelled. */
const long = 600_000;

/** For what is quadratic: a call at 100,000 takes a minute and more. */
const quadraticN = 10_000;

function now() {
  return Number(process.hrtime.bigint());
}

/** Until every short sleep is due, so that none is waited for. @returns {number} nanoseconds that this took: they don't count */
function passTime() {
  const begin = now();
  while (now() < begin + (short + 2) * 1e6);
  return now() - begin;
}

/**
 * Sleeps that end. @param {number} n
 * @param {() => PromiseLike<unknown>} sleep
 */
async function sleepAll(n, sleep) {
  const begin = now();
  const sleeps = Array.from({ length: n }, sleep);
  const passed = passTime();
  await Promise.all(sleeps);
  return { time: now() - begin - passed, result: sleeps.length };
}

/**
 * Waits that are cut short. The result is how many were.
 * @param {number} n
 * @param {(signal: AbortSignal) => PromiseLike<unknown>} wait
 */
async function abortAll(n, wait) {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const reason = new Error("enough");
  let cut = 0;
  /** @param {unknown} error */
  const onRejected = (error) => {
    if (error === reason || (error instanceof Error && error.cause === reason)) cut += 1;
  };
  const begin = now();
  const waits = Array.from({ length: n }, () => wait(controller.signal).then(undefined, onRejected));
  controller.abort(reason);
  await Promise.all(waits);
  return { time: now() - begin, result: cut };
}

/** @type {Subject[]} */
const tasks = [
  {
    name: "tasks: Promise.all",
    prepare: async (n) => async () => {
      let total = 0;
      const begin = now();
      await Promise.all(
        Array.from({ length: n }, async () => {
          await null;
          total += 1;
        }),
      );
      return { time: now() - begin, result: total };
    },
  },
  {
    name: "tasks: holdfast",
    package: "holdfast",
    prepare: async (n) => {
      const { taskGroup } = await import("holdfast");
      return async () => {
        let total = 0;
        const begin = now();
        await taskGroup((group) => {
          for (let index = 0; index < n; index += 1) {
            group.spawn(async () => {
              await null;
              total += 1;
            });
          }
        });
        return { time: now() - begin, result: total };
      };
    },
  },
  {
    name: "tasks: effect",
    package: "effect",
    prepare: async (n) => {
      const { Effect, Fiber } = await import("effect");
      return async () => {
        let total = 0;
        const task = Effect.promise(async () => {
          await null;
          total += 1;
        });
        const begin = now();
        await Effect.runPromise(
          Effect.gen(function* () {
            const fibers = [];
            for (let index = 0; index < n; index += 1) fibers.push(yield* Effect.forkChild(task));
            yield* Fiber.joinAll(fibers);
          }),
        );
        return { time: now() - begin, result: total };
      };
    },
  },
];

/** @type {Subject[]} */
const timers = [
  {
    name: "timers: setTimeout",
    prepare: async (n) => () => sleepAll(n, () => new Promise((resolve) => setTimeout(resolve, short))),
  },
  {
    name: "timers: holdfast sleep",
    package: "holdfast",
    prepare: async (n) => {
      const { sleep } = await import("holdfast");
      return () => sleepAll(n, () => sleep(short));
    },
  },
  {
    name: "timers: holdfast sleep, one signal",
    package: "holdfast",
    prepare: async (n) => {
      const { sleep } = await import("holdfast");
      return () => {
        const { signal } = new AbortController();
        return sleepAll(n, () => sleep(short, { signal }));
      };
    },
  },
  {
    name: "timers: node:timers/promises, one signal",
    largestN: quadraticN,
    prepare: async (n) => () => {
      const { signal } = new AbortController();
      setMaxListeners(0, signal);
      return sleepAll(n, () => nodeSleep(short, undefined, { signal }));
    },
  },
  {
    name: "timers: effect sleep",
    package: "effect",
    prepare: async (n) => {
      const { Effect, Fiber } = await import("effect");
      return async () => {
        const sleep = Effect.sleep(short);
        const begin = now();
        let passed = 0;
        const results = await Effect.runPromise(
          Effect.gen(function* () {
            const fibers = [];
            for (let index = 0; index < n; index += 1)
              fibers.push(yield* Effect.forkChild(sleep, { startImmediately: true }));
            passed = passTime();
            return yield* Fiber.joinAll(fibers);
          }),
        );
        return { time: now() - begin - passed, result: results.length };
      };
    },
  },
];

/** @type {Subject[]} */
const waiters = [
  {
    name: "waiters: holdfast, joins of one task",
    package: "holdfast",
    prepare: async (n) => {
      const { taskGroup } = await import("holdfast");
      return () =>
        taskGroup(async (group) => {
          /** @type {(value: number) => void} */
          let finish = () => {};
          const task = group.spawn(
            () => new Promise((/** @type {(value: number) => void} */ resolve) => (finish = resolve)),
          );
          await new Promise((resolve) => setImmediate(resolve));
          const begin = now();
          const joins = Array.from({ length: n }, () => task.join());
          finish(1);
          const values = await Promise.all(joins);
          const time = now() - begin;
          return { time, result: values.reduce((sum, value) => sum + value, 0) };
        });
    },
  },
  {
    name: "waiters: holdfast, abortable promise",
    package: "holdfast",
    prepare: async (n) => {
      const { abortable } = await import("holdfast");
      return async () => {
        /** @type {(value: number) => void} */
        let finish = () => {};
        /** @type {Promise<number>} */
        const promise = new Promise((resolve) => (finish = resolve));
        const { signal } = new AbortController();
        const begin = now();
        const waits = Array.from({ length: n }, () => abortable(promise, { signal }));
        finish(1);
        const values = await Promise.all(waits);
        const time = now() - begin;
        return { time, result: values.reduce((sum, value) => sum + value, 0) };
      };
    },
  },
];

/** @type {Subject[]} */
const cancels = [
  {
    name: "cancel: listeners on one signal by hand",
    largestN: quadraticN,
    prepare: async (n) => () =>
      abortAll(
        n,
        (signal) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          }),
      ),
  },
  {
    name: "cancel: node:timers/promises, one signal",
    largestN: quadraticN,
    prepare: async (n) => () => abortAll(n, (signal) => nodeSleep(long, undefined, { signal })),
  },
  {
    name: "cancel: holdfast, sleeps under one signal",
    package: "holdfast",
    prepare: async (n) => {
      const { sleep } = await import("holdfast");
      return () => abortAll(n, (signal) => sleep(long, { signal }));
    },
  },
  {
    name: "cancel: holdfast, sleeping tasks of a group",
    package: "holdfast",
    prepare: async (n) => {
      const { isCancellation, taskGroup } = await import("holdfast");
      return async () => {
        let cut = 0;
        const begin = now();
        await taskGroup(async (group) => {
          for (let index = 0; index < n; index += 1) {
            group.spawn(async ({ sleep }) => {
              try {
                await sleep(long);
              } catch (error) {
                if (isCancellation(error)) cut += 1;
                throw error;
              }
            });
          }
          await new Promise((resolve) => setImmediate(resolve));
          group.cancel();
        }).catch((error) => {
          if (!isCancellation(error)) throw error;
        });
        return { time: now() - begin, result: cut };
      };
    },
  },
  {
    name: "cancel: effect, sleeping fibers",
    package: "effect",
    prepare: async (n) => {
      const { Effect, Fiber } = await import("effect");
      return async () => {
        let cut = 0;
        const sleep = Effect.onInterrupt(Effect.sleep(long), () =>
          Effect.sync(() => {
            cut += 1;
          }),
        );
        const begin = now();
        await Effect.runPromise(
          Effect.gen(function* () {
            const fibers = [];
            for (let index = 0; index < n; index += 1)
              fibers.push(yield* Effect.forkChild(sleep, { startImmediately: true }));
            yield* Fiber.interruptAll(fibers);
          }),
        );
        return { time: now() - begin, result: cut };
      };
    },
  },
];

const subjects = [...tasks, ...timers, ...waiters, ...cancels];

/** @param {string} subject @returns {Goal} */
function linear(subject) {
  return {
    text: `${subject}: exponent ≤ 1.05`,
    judge: ({ row }) => {
      const { n, extra } = row(subject);
      const { exponent = NaN, largestN = NaN } = extra;
      // Without the largest number it is another claim.
      const shortfall = largestN === n ? "" : `, up to ${largestN.toLocaleString("en-US")} only`;
      return { met: exponent <= 1.05 && shortfall === "", seen: `${exponent.toFixed(3)}${shortfall}` };
    },
  };
}

/** @param {number} value */
function wholeNs(value) {
  return value.toFixed(0);
}

/** @type {import("../types.d.ts").Case} */
export const growthCase = {
  name: "growth",
  title: "Growth: 1,000 to 1,000,000 tasks, timers and waiters",
  about:
    "How the time grows with the number: the exponent fitted through the times at 1,000, 10,000, 100,000 and 1,000,000; 1 is linear. Tasks: spawned and joined. " +
    `Timers: started, and fired when due; waiting for that is not counted. Waiters: begun and woken. Cancel: begun and cancelled, all at once. ` +
    "Where a larger number would take longer than a minute a call it was not measured, and the exponent is of the others: so for many listeners on one signal, which are quadratic.",
  unit: "ns",
  per: "operation, at the largest number",
  n: 1_000_000,
  quickN: 10_000,
  rounds: 3,
  baseline: undefined,
  nodeOptions: ["--max-old-space-size=8192"],
  measure: growth(expectSame),
  subjects,
  columns: [
    { extra: "exponent", title: "exponent", format: (value) => value.toFixed(3) },
    { extra: "nsAt1000", title: "ns at 1,000", format: wholeNs },
    { extra: "nsAt10000", title: "at 10,000", format: wholeNs },
    { extra: "nsAt100000", title: "at 100,000", format: wholeNs },
    { extra: "nsAt1000000", title: "at 1,000,000", format: wholeNs },
  ],
  goals: subjects.filter((subject) => subject.package === "holdfast").map(({ name }) => linear(name)),
};
