/** A million items in constant memory. */
import { forEach, map } from "holdfast";
import { turn } from "../clock/fake-clock.ts";
import { describe, expect, test } from "../harness.ts";
import { reachableBytes } from "./lanes-heap.ts";

const MILLION = 1_000_000;
/** What may be there more at the end than in the middle: a result or an item that was kept would take tens of it. */
const SLACK = 1_000_000;

interface Item {
  readonly id: number;
}

async function* asyncItems(): AsyncGenerator<Item> {
  for (let id = 0; id < MILLION; id++) yield { id };
}

function* syncItems(): Generator<Item> {
  for (let id = 0; id < MILLION; id++) yield { id };
}

describe("forEach", () => {
  for (const [kind, make] of [
    ["a sync iterator", syncItems],
    ["an async generator", asyncItems],
  ] as const)
    for (const timeout of [undefined, 60_000])
      test(`over a million items of ${kind} takes no more memory than over a tenth of them${timeout === undefined ? "" : ", with a timeout for each"}`, async () => {
        const bytes: number[] = [];
        let calls = 0;
        await forEach(
          make(),
          async (_item, index) => {
            calls++;
            if (index === MILLION / 10 || index === MILLION - 1) bytes.push(reachableBytes());
          },
          { concurrency: 100, timeout },
        );
        expect(calls).toBe(MILLION);
        const [early = 0, late = 0] = bytes;
        expect(late - early).toBeLessThan(SLACK);
      });

  test("under one signal a hundred thousand times leaves nothing on it", async () => {
    const { signal } = new AbortController();
    const round = async (count: number): Promise<number> => {
      for (let call = 0; call < count; call++) await forEach([1, 2], () => {}, { concurrency: 2, signal });
      await turn();
      return reachableBytes();
    };
    const early = await round(10_000);
    const late = await round(100_000);
    expect(late - early).toBeLessThan(SLACK);
  });
});

describe("map", () => {
  test("over a million items keeps their results in order, and nothing else", async () => {
    const results = await map(syncItems(), async ({ id }) => id, { concurrency: 1_000 });
    expect(results.length).toBe(MILLION);
    expect(results.every((id, index) => id === index)).toBe(true);
  });

  test("with a lane for each of a hundred thousand items works", async () => {
    const items = Array.from({ length: 100_000 }, (_, index) => index);
    const results = await map(items, async (item) => await Promise.resolve(item), { concurrency: Infinity });
    expect(results).toEqual(items);
  });

  test("with stopOnError: false and a hundred thousand failures has them all, in their order", async () => {
    const items = Array.from({ length: 100_000 }, (_, index) => new Error(String(index)));
    const promise = map(items, (error) => Promise.reject(error), { concurrency: 1_000, stopOnError: false });
    const errors: unknown = await promise.catch((error: AggregateError) => error.errors);
    expect(errors).toEqual(items);
  });
});
