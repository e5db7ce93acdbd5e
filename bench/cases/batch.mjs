// @ts-check
import { timed } from "../measure.mjs";
import { expectDoubles, indexes } from "./expect.mjs";

const concurrency = 100;

/** @param {number} item */
async function double(item) {
  return item * 2;
}

/** @typedef {{ ok: true, value: number } | { ok: false, error: unknown }} Result */

/** @param {number} item @returns {Promise<Result>} */
async function settled(item) {
  try {
    return { ok: true, value: await double(item) };
  } catch (error) {
    return { ok: false, error };
  }
}

/** @param {readonly Result[]} results */
function valuesOf(results) {
  return results.map((result) => (result.ok ? result.value : NaN));
}

/** @type {import("../types.d.ts").Case} */
export const batch = {
  name: "batch",
  title: "Batch of 100,000 items, 100 at a time, with an outcome for each",
  about:
    "As map, but a failed item fails alone: each item has a result that says whether it succeeded. None fails here. " +
    "holdfast keeps key, duration and attempts of each item besides.",
  unit: "ns",
  per: "item",
  n: 100_000,
  quickN: 1_000,
  baseline: "worker loop by hand",
  measure: timed(expectDoubles),
  subjects: [
    {
      name: "worker loop by hand",
      prepare: async (n) => {
        const items = indexes(n);
        return async () => {
          /** @type {Result[]} */
          const results = [];
          let next = 0;
          const worker = async () => {
            while (next < items.length) {
              const index = next++;
              results[index] = await settled(/** @type {number} holds: index is within the array */ (items[index]));
            }
          };
          await Promise.all(Array.from({ length: concurrency }, worker));
          return valuesOf(results);
        };
      },
    },
    {
      name: "holdfast",
      package: "holdfast",
      prepare: async (n) => {
        const { batch: batchItems } = await import("holdfast");
        const items = indexes(n);
        return async () => (await batchItems(items, double, { concurrency })).values;
      },
    },
    {
      name: 'holdfast, keep: "none"',
      package: "holdfast",
      prepare: async (n) => {
        const { batch: batchItems } = await import("holdfast");
        const items = indexes(n);
        return async () => {
          /** @type {number[]} */
          const values = [];
          await batchItems(items, double, {
            concurrency,
            keep: "none",
            onItem: (result) => {
              if (result.ok) values[result.index] = result.value;
            },
          });
          return values;
        };
      },
    },
    {
      name: "p-map",
      package: "p-map",
      prepare: async (n) => {
        const { default: pMap } = await import("p-map");
        const items = indexes(n);
        return async () => valuesOf(await pMap(items, settled, { concurrency }));
      },
    },
    {
      name: "p-limit and Promise.allSettled",
      package: "p-limit",
      prepare: async (n) => {
        const { default: pLimit } = await import("p-limit");
        const items = indexes(n);
        return async () => {
          const limit = pLimit(concurrency);
          const results = await Promise.allSettled(items.map((item) => limit(() => double(item))));
          return results.map((result) => (result.status === "fulfilled" ? result.value : NaN));
        };
      },
    },
    {
      name: "effect, of promises, with Effect.exit",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Exit } = await import("effect");
        const items = indexes(n);
        const program = Effect.forEach(items, (item) => Effect.exit(Effect.tryPromise(() => double(item))), {
          concurrency,
        });
        return async () => (await Effect.runPromise(program)).map((exit) => (Exit.isSuccess(exit) ? exit.value : NaN));
      },
    },
  ],
  goals: [],
};
