// @ts-check
import { timed } from "../measure.mjs";
import { expectDoubles, indexes } from "./expect.mjs";
import { atMost, fasterThan } from "./goals.mjs";

const concurrency = 100;

/** @param {number} item */
async function double(item) {
  return item * 2;
}

/** @type {import("../types.d.ts").Case} */
export const map = {
  name: "map",
  title: "Map over 100,000 items, 100 at a time",
  about: "The function is async and returns at once: what is measured is the machinery. The results are kept in order.",
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
          /** @type {number[]} */
          const results = [];
          let next = 0;
          const worker = async () => {
            while (next < items.length) {
              const index = next++;
              results[index] = await double(/** @type {number} holds: index is within the array */ (items[index]));
            }
          };
          await Promise.all(Array.from({ length: concurrency }, worker));
          return results;
        };
      },
    },
    {
      name: "holdfast",
      package: "holdfast",
      prepare: async (n) => {
        const { map: mapItems } = await import("holdfast");
        const items = indexes(n);
        return () => mapItems(items, double, { concurrency });
      },
    },
    {
      name: "holdfast, from an iterator",
      package: "holdfast",
      prepare: async (n) => {
        const { map: mapItems } = await import("holdfast");
        const items = indexes(n);
        return () => mapItems(items.values(), double, { concurrency });
      },
    },
    {
      name: "p-map",
      package: "p-map",
      prepare: async (n) => {
        const { default: pMap } = await import("p-map");
        const items = indexes(n);
        return () => pMap(items, double, { concurrency });
      },
    },
    {
      name: "p-limit",
      package: "p-limit",
      prepare: async (n) => {
        const { default: pLimit } = await import("p-limit");
        const items = indexes(n);
        return () => {
          const limit = pLimit(concurrency);
          return Promise.all(items.map((item) => limit(() => double(item))));
        };
      },
    },
    {
      name: "async.mapLimit",
      package: "async",
      prepare: async (n) => {
        const { mapLimit } = await import("async");
        const items = indexes(n);
        return () => mapLimit(items, concurrency, double);
      },
    },
    {
      name: "fastq",
      package: "fastq",
      prepare: async (n) => {
        const { default: fastq } = await import("fastq");
        const items = indexes(n);
        return () => {
          const queue = fastq.promise(double, concurrency);
          return Promise.all(items.map((item) => queue.push(item)));
        };
      },
    },
    {
      name: "p-queue",
      package: "p-queue",
      prepare: async (n) => {
        const { default: PQueue } = await import("p-queue");
        const items = indexes(n);
        return () => {
          const queue = new PQueue({ concurrency });
          return queue.addAll(items.map((item) => () => double(item)));
        };
      },
    },
    {
      name: "effect, of promises",
      package: "effect",
      prepare: async (n) => {
        const { Effect } = await import("effect");
        const items = indexes(n);
        const program = Effect.forEach(items, (item) => Effect.promise(() => double(item)), { concurrency });
        return () => Effect.runPromise(program);
      },
    },
    {
      name: "effect, no promise",
      package: "effect",
      prepare: async (n) => {
        const { Effect } = await import("effect");
        const items = indexes(n);
        const program = Effect.forEach(items, (item) => Effect.map(Effect.yieldNow, () => item * 2), { concurrency });
        return () => Effect.runPromise(program);
      },
    },
  ],
  goals: [
    atMost("holdfast", "worker loop by hand", 1.2),
    ...["p-map", "p-limit", "async.mapLimit", "fastq", "p-queue", "effect, of promises", "effect, no promise"].map(
      (peer) => fasterThan("holdfast", peer),
    ),
  ],
};
