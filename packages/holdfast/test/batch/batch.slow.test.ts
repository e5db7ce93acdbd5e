/** A million items in a batch. */
import { batch } from "holdfast";
import { isCollected, reachableBytes } from "../core/lanes-heap.ts";
import { describe, expect, test } from "../harness.ts";

const MILLION = 1_000_000;
/** What may be there more at the end than in the middle: kept items would take a hundred of it. */
const SLACK = 1_000_000;

interface Item {
  readonly id: number;
}

async function* million(): AsyncGenerator<Item> {
  for (let id = 0; id < MILLION; id++) yield { id };
}

describe("memory", () => {
  for (const [keep, retries] of [
    ["none", 0],
    ["none", 1],
    ["failures", 0],
  ] as const)
    test(`BATCH-3: a batch of a million items with keep "${keep}" takes no more memory than one of a tenth, ${retries === 0 ? "without retries" : "with retries"}`, async () => {
      const bytes: number[] = [];
      const report = await batch(
        million(),
        async ({ id }, { index, attempt }) => {
          if (index === MILLION / 10 || index === MILLION - 1) bytes.push(reachableBytes());
          // Some fail at first, and without a retry for good; none of those is to be kept but with "failures", where there are few.
          if (attempt === 1 && id % (keep === "none" ? 1_000 : 100_000) === 1) throw new Error(`item ${id}`);
          return { id };
        },
        { concurrency: 100, keep, retry: { retries, baseDelay: 0 } },
      );
      const failed = retries > 0 ? 0 : keep === "none" ? 1_000 : 10;
      expect(report.counts).toEqual({ succeeded: MILLION - failed, failed, cancelled: 0, notStarted: 0 });
      expect(report.failures.length).toBe(keep === "none" ? 0 : failed);
      const [early = 0, late = 0] = bytes;
      expect(late - early).toBeLessThan(SLACK);
    });
});

for (const kind of ["array", "set", "iterator"] as const)
  test(`BATCH-3: the report of a batch that kept nothing holds neither the ${kind} that was its input nor an item`, async () => {
    const { report, input, item } = await (async () => {
      const list: Item[] = Array.from({ length: 100 }, (_, id) => ({ id }));
      const items = kind === "array" ? list : kind === "set" ? new Set(list) : list.values();
      return {
        report: await batch(items, ({ id }) => id, { concurrency: 10, keep: "none" }),
        input: new WeakRef(items),
        item: new WeakRef(list[99] ?? {}),
      };
    })();
    expect(await isCollected(input)).toBe(true);
    expect(await isCollected(item)).toBe(true);
    expect(report.counts.succeeded).toBe(100);
  });

test("a batch that keeps all of a hundred thousand items has each in its place", async () => {
  const input = Array.from({ length: 100_000 }, (_, index) => index);
  const report = await batch(
    input,
    async (item) => {
      if (item % 3 === 0) throw new Error(String(item));
      return item;
    },
    { concurrency: 1_000, maxFailures: "50%" },
  );
  expect(report.counts).toEqual({ succeeded: 66_666, failed: 33_334, cancelled: 0, notStarted: 0 });
  expect(report.results.every(({ index, item }, place) => index === place && item === place)).toBe(true);
});
