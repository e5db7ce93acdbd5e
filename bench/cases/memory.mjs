// @ts-check
import { memory } from "../measure.mjs";
import { expectIndexes, indexes } from "./expect.mjs";
import { atMost } from "./goals.mjs";

/** @typedef {((value: void) => void)[]} Gates what ends the waits: one for each task, as whatever a task waits for holds one */

/** @param {Gates} gates */
function wait(gates) {
  return new Promise((/** @type {(value: void) => void} */ resolve) => gates.push(resolve));
}

/** @param {Gates} gates @param {number} index */
async function parked(gates, index) {
  await wait(gates);
  return index;
}

/** @param {Gates} gates @param {number} index @param {AbortSignal} signal */
async function parkedWithSignal(gates, index, signal) {
  await wait(gates);
  signal.throwIfAborted();
  return index;
}

/** Until `n` tasks wait: some machineries start their tasks over many turns. @param {Gates} gates @param {number} n */
async function allParked(gates, n) {
  for (let turn = 0; gates.length < n; turn += 1) {
    if (turn === 100_000) throw new Error(`the work was not done: expected ${n} waiting tasks, got ${gates.length}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * A subject that starts `n` tasks, each by `parked` or its like, and promises what they come to.
 * @param {string} name
 * @param {string | undefined} packageName
 * @param {() => Promise<(gates: Gates, n: number) => Promise<unknown>>} load
 * @returns {import("../types.d.ts").Subject}
 */
function subject(name, packageName, load) {
  return {
    name,
    package: packageName,
    prepare: async (n) => {
      const start = await load();
      return async () => {
        /** @type {Gates} */
        const gates = [];
        const done = start(gates, n);
        await allParked(gates, n);
        const release = () => {
          for (const open of gates) open();
          return done;
        };
        return { release };
      };
    },
  };
}

/**
 * @param {string} name
 * @param {(Effect: typeof import("effect").Effect, gates: Gates, index: number) => import("effect").Effect.Effect<number, unknown>} task
 */
function effectSubject(name, task) {
  return subject(name, "effect", async () => {
    const { Effect, Fiber } = await import("effect");
    return (gates, n) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const fibers = [];
          for (const index of indexes(n)) fibers.push(yield* Effect.forkChild(task(Effect, gates, index)));
          return yield* Fiber.joinAll(fibers);
        }),
      );
  });
}

/** @type {import("../types.d.ts").Case} */
export const idleMemory = {
  name: "memory",
  title: "Memory of a task that waits",
  about:
    "100,000 tasks, each waiting for a promise of its own in an async function of the user's; heap in use after garbage collection, less what it was before. " +
    "That promise and its resolver are counted (in every row alike), and what the program holds of each task to join it later.",
  unit: "bytes",
  per: "task",
  n: 100_000,
  quickN: 1_000,
  baseline: "async function",
  measure: memory(expectIndexes),
  subjects: [
    subject("async function", undefined, async () => async (gates, n) => {
      const promises = indexes(n).map((index) => parked(gates, index));
      const results = [];
      for (const promise of promises) results.push(await promise);
      return results;
    }),
    subject("async function in Promise.all", undefined, async () => (gates, n) => {
      return Promise.all(indexes(n).map((index) => parked(gates, index)));
    }),
    subject("holdfast", "holdfast", async () => {
      const { taskGroup } = await import("holdfast");
      return async (gates, n) => {
        let total = 0;
        await taskGroup((group) => {
          for (const index of indexes(n)) {
            group.spawn(async () => {
              await wait(gates);
              total += index;
            });
          }
        });
        return total;
      };
    }),
    subject("holdfast, each joined", "holdfast", async () => {
      const { taskGroup } = await import("holdfast");
      return (gates, n) =>
        taskGroup((group) => Promise.all(indexes(n).map((index) => group.spawn(() => parked(gates, index)).join())));
    }),
    subject("holdfast, each with its signal", "holdfast", async () => {
      const { taskGroup } = await import("holdfast");
      return (gates, n) =>
        taskGroup((group) =>
          Promise.all(
            indexes(n).map((index) => group.spawn(({ signal }) => parkedWithSignal(gates, index, signal)).join()),
          ),
        );
    }),
    effectSubject("effect", (Effect, gates, index) => Effect.promise(() => parked(gates, index))),
    effectSubject("effect, no async function", (Effect, gates, index) =>
      Effect.map(
        Effect.promise(() => wait(gates)),
        () => index,
      ),
    ),
    effectSubject("effect, each with its signal", (Effect, gates, index) =>
      Effect.tryPromise((signal) => parkedWithSignal(gates, index, signal)),
    ),
  ],
  goals: [
    atMost("holdfast", "async function", 2),
    atMost("holdfast, each joined", "async function", 2),
    atMost("holdfast", "effect", 1),
    atMost("holdfast, each joined", "effect", 1),
    atMost("holdfast, each with its signal", "effect, each with its signal", 1),
  ],
};
