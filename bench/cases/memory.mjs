// @ts-check
import { memory } from "../measure.mjs";
import { expectIndexes, indexes } from "./expect.mjs";
import { atMost } from "./goals.mjs";

/** What all tasks of a round wait for. */
function openGate() {
  /** @type {() => void} */
  let open = () => {};
  /** @type {Promise<void>} */
  const gate = new Promise((resolve) => (open = resolve));
  return { gate, open };
}

/** @param {Promise<void>} gate @param {number} index */
async function parked(gate, index) {
  await gate;
  return index;
}

/** Until everything that was asked to start has started. */
async function started() {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** @type {import("../types.d.ts").Case} */
export const idleMemory = {
  name: "memory",
  title: "Memory of a task that waits",
  about:
    "100,000 tasks wait for the same promise in an async function of the user's own; heap in use after garbage collection, less what it was before. " +
    "What the program holds of each task to join it later is counted.",
  unit: "bytes",
  per: "task",
  n: 100_000,
  quickN: 1_000,
  baseline: "async function",
  measure: memory(expectIndexes),
  subjects: [
    {
      name: "async function",
      prepare: async (n) => async () => {
        const { gate, open } = openGate();
        const promises = indexes(n).map((index) => parked(gate, index));
        await started();
        return { release: () => (open(), Promise.all(promises)) };
      },
    },
    {
      name: "async function in Promise.all",
      prepare: async (n) => async () => {
        const { gate, open } = openGate();
        const all = Promise.all(indexes(n).map((index) => parked(gate, index)));
        await started();
        return { release: () => (open(), all) };
      },
    },
    {
      name: "holdfast",
      package: "holdfast",
      prepare: async (n) => {
        const { taskGroup } = await import("holdfast");
        return async () => {
          const { gate, open } = openGate();
          let total = 0;
          const done = taskGroup((group) => {
            for (const index of indexes(n)) {
              group.spawn(async () => {
                await gate;
                total += index;
              });
            }
          });
          await started();
          return {
            release: async () => {
              open();
              await done;
              return total;
            },
          };
        };
      },
    },
    {
      name: "holdfast, each joined",
      package: "holdfast",
      prepare: async (n) => {
        const { taskGroup } = await import("holdfast");
        return async () => {
          const { gate, open } = openGate();
          const all = taskGroup((group) =>
            Promise.all(indexes(n).map((index) => group.spawn(() => parked(gate, index)).join())),
          );
          await started();
          return { release: () => (open(), all) };
        };
      },
    },
    {
      name: "holdfast, each with its signal",
      package: "holdfast",
      prepare: async (n) => {
        const { taskGroup } = await import("holdfast");
        return async () => {
          const { gate, open } = openGate();
          let total = 0;
          const done = taskGroup((group) => {
            for (const index of indexes(n)) {
              group.spawn(async ({ signal }) => {
                await gate;
                signal.throwIfAborted();
                total += index;
              });
            }
          });
          await started();
          return {
            release: async () => {
              open();
              await done;
              return total;
            },
          };
        };
      },
    },
    {
      name: "effect",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Fiber } = await import("effect");
        return async () => {
          const { gate, open } = openGate();
          const all = Effect.runPromise(
            Effect.gen(function* () {
              const fibers = [];
              for (const index of indexes(n))
                fibers.push(yield* Effect.forkChild(Effect.promise(() => parked(gate, index))));
              return yield* Fiber.joinAll(fibers);
            }),
          );
          await started();
          return { release: () => (open(), all) };
        };
      },
    },
    {
      name: "effect, no async function",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Fiber } = await import("effect");
        return async () => {
          const { gate, open } = openGate();
          const all = Effect.runPromise(
            Effect.gen(function* () {
              const fibers = [];
              for (const index of indexes(n))
                fibers.push(
                  yield* Effect.forkChild(
                    Effect.map(
                      Effect.promise(() => gate),
                      () => index,
                    ),
                  ),
                );
              return yield* Fiber.joinAll(fibers);
            }),
          );
          await started();
          return { release: () => (open(), all) };
        };
      },
    },
    {
      name: "effect, each with its signal",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Fiber } = await import("effect");
        return async () => {
          const { gate, open } = openGate();
          const all = Effect.runPromise(
            Effect.gen(function* () {
              const fibers = [];
              for (const index of indexes(n)) {
                fibers.push(
                  yield* Effect.forkChild(
                    Effect.tryPromise(async (signal) => {
                      await gate;
                      signal.throwIfAborted();
                      return index;
                    }),
                  ),
                );
              }
              return yield* Fiber.joinAll(fibers);
            }),
          );
          await started();
          return { release: () => (open(), all) };
        };
      },
    },
  ],
  goals: [
    atMost("holdfast", "async function", 2),
    atMost("holdfast, each joined", "async function", 2),
    atMost("holdfast", "effect", 1),
    atMost("holdfast, each joined", "effect", 1),
    atMost("holdfast, each with its signal", "effect, each with its signal", 1),
  ],
};
