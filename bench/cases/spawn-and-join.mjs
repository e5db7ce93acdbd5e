// @ts-check
import { timed } from "../measure.mjs";
import { expectIndexes, indexes } from "./expect.mjs";
import { atMost, fasterThan } from "./goals.mjs";

let total = 0;

/** The trivial task: one suspension. @param {number} index */
async function work(index) {
  await null;
  total += index;
  return index;
}

/** The same, for who cares about cancellation. @param {number} index @param {AbortSignal} signal */
async function workWithSignal(index, signal) {
  await null;
  signal.throwIfAborted();
  return index;
}

/**
 * As “joined by the group's end”, in a process that is looked into. Tasks are always in the tree that tools read: that is part of every row.
 * @param {string} how
 * @param {() => Promise<void>} begin
 * @returns {import("../types.d.ts").Subject}
 */
function inspected(how, begin) {
  return {
    name: `holdfast, joined by the group's end, ${how}`,
    package: "holdfast",
    prepare: async (n) => {
      const { taskGroup } = await import("holdfast");
      await begin();
      const items = indexes(n);
      return async () => {
        total = 0;
        await taskGroup((group) => {
          for (const index of items) group.spawn(() => work(index));
        });
        return total;
      };
    },
  };
}

/** @type {import("../types.d.ts").Case} */
export const spawnAndJoin = {
  name: "spawn-and-join",
  title: "Spawn and join 100,000 trivial tasks",
  about:
    "Each task suspends once and returns its index. Unless it says otherwise, each task is joined as it is spawned, and all results are awaited together. " +
    "“With signals”: each task takes a signal of its own and looks at it.",
  unit: "ns",
  per: "task",
  n: 100_000,
  quickN: 1_000,
  baseline: "Promise.all",
  measure: timed(expectIndexes),
  subjects: [
    {
      name: "Promise.all",
      prepare: async (n) => {
        const items = indexes(n);
        return () => Promise.all(items.map(work));
      },
    },
    {
      name: "Promise.all, with signals",
      prepare: async (n) => {
        const items = indexes(n);
        return () => Promise.all(items.map((index) => workWithSignal(index, new AbortController().signal)));
      },
    },
    {
      name: "holdfast",
      package: "holdfast",
      prepare: async (n) => {
        const { taskGroup } = await import("holdfast");
        const items = indexes(n);
        return () => taskGroup((group) => Promise.all(items.map((index) => group.spawn(() => work(index)).join())));
      },
    },
    {
      name: "holdfast, joined in a loop",
      package: "holdfast",
      prepare: async (n) => {
        const { taskGroup } = await import("holdfast");
        const items = indexes(n);
        return () =>
          taskGroup(async (group) => {
            const tasks = items.map((index) => group.spawn(() => work(index)));
            const results = [];
            for (const task of tasks) results.push(await task.join());
            return results;
          });
      },
    },
    {
      name: "holdfast, joined by the group's end",
      package: "holdfast",
      prepare: async (n) => {
        const { taskGroup } = await import("holdfast");
        const items = indexes(n);
        return async () => {
          total = 0;
          await taskGroup((group) => {
            for (const index of items) group.spawn(() => work(index));
          });
          return total;
        };
      },
    },
    inspected("dumped once before", async () => {
      const { dump } = await import("holdfast/inspect");
      dump();
    }),
    inspected("watchdog on", async () => {
      const { watchdog } = await import("holdfast/inspect");
      watchdog();
    }),
    {
      name: "holdfast, with signals",
      package: "holdfast",
      prepare: async (n) => {
        const { taskGroup } = await import("holdfast");
        const items = indexes(n);
        return () =>
          taskGroup((group) =>
            Promise.all(items.map((index) => group.spawn(({ signal }) => workWithSignal(index, signal)).join())),
          );
      },
    },
    {
      name: "effect, no promise: forkChild",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Fiber } = await import("effect");
        const items = indexes(n);
        const program = Effect.gen(function* () {
          const fibers = [];
          for (const index of items) fibers.push(yield* Effect.forkChild(Effect.map(Effect.yieldNow, () => index)));
          return yield* Fiber.joinAll(fibers);
        });
        return () => Effect.runPromise(program);
      },
    },
    {
      name: "effect, no promise: forkScoped",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Fiber } = await import("effect");
        const items = indexes(n);
        const program = Effect.scoped(
          Effect.gen(function* () {
            const fibers = [];
            for (const index of items) fibers.push(yield* Effect.forkScoped(Effect.map(Effect.yieldNow, () => index)));
            return yield* Fiber.joinAll(fibers);
          }),
        );
        return () => Effect.runPromise(program);
      },
    },
    {
      name: "effect, of promises: forkChild",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Fiber } = await import("effect");
        const items = indexes(n);
        const program = Effect.gen(function* () {
          const fibers = [];
          for (const index of items) fibers.push(yield* Effect.forkChild(Effect.promise(() => work(index))));
          return yield* Fiber.joinAll(fibers);
        });
        return () => Effect.runPromise(program);
      },
    },
    {
      name: "effect, with signals: forkChild",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Fiber } = await import("effect");
        const items = indexes(n);
        const program = Effect.gen(function* () {
          const fibers = [];
          for (const index of items)
            fibers.push(yield* Effect.forkChild(Effect.tryPromise((signal) => workWithSignal(index, signal))));
          return yield* Fiber.joinAll(fibers);
        });
        return () => Effect.runPromise(program);
      },
    },
  ],
  goals: [
    atMost("holdfast", "Promise.all", (major) => (major < 22 ? 1.2 : 1.6)),
    atMost("holdfast, joined by the group's end", "Promise.all", (major) => (major < 22 ? 1.2 : 1.6)),
    fasterThan("holdfast", "effect, no promise: forkChild"),
    fasterThan("holdfast", "effect, no promise: forkScoped"),
    fasterThan("holdfast", "effect, of promises: forkChild"),
    fasterThan("holdfast, with signals", "effect, with signals: forkChild"),
  ],
};
