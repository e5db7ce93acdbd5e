/** A million items through a queue. */
import { channel, Queue } from "holdfast/sync";
import { reachableBytes } from "../core/lanes-heap.ts";
import { describe, expect, test } from "../harness.ts";

const MILLION = 1_000_000;
/** What may be there more at the end than in the middle: kept items would take tens of it. */
const SLACK = 1_000_000;

describe("memory", () => {
  for (const retries of [undefined, 1])
    test(`a million items processed ${retries === undefined ? "" : "with retries "}take no more memory than a tenth of them`, async () => {
      const queue = new Queue<{ readonly id: number }>({ capacity: 1000 });
      const bytes: number[] = [];
      let dead = 0;
      const processing = queue.process(
        async ({ id }, { attempt }) => {
          if (id === MILLION / 10 || id === MILLION - 1) bytes.push(reachableBytes());
          if (id % 1000 === 1 && attempt === 1) throw new Error(`item ${id}`);
        },
        {
          concurrency: 100,
          retry: retries === undefined ? undefined : { retries, baseDelay: 0 },
          onDeadLetter: () => void dead++,
        },
      );
      for (let id = 0; id < MILLION; id++) await queue.put({ id });
      queue.close();
      await processing;
      expect([dead, queue.isIdle]).toEqual([retries === undefined ? MILLION / 1000 : 0, true]);
      const [early = 0, late = 0] = bytes;
      expect(late - early).toBeLessThan(SLACK);
    });

  test("a million items through a channel take no more memory than a tenth of them", async () => {
    const [sender, receiver] = channel<{ readonly id: number }>({ capacity: 10 });
    const bytes: number[] = [];
    const receiving = (async () => {
      for await (const { id } of receiver) if (id === MILLION / 10 || id === MILLION - 1) bytes.push(reachableBytes());
    })();
    for (let id = 0; id < MILLION; id++) await sender.send({ id });
    sender.close();
    await receiving;
    const [early = 0, late = 0] = bytes;
    expect(late - early).toBeLessThan(SLACK);
  });
});
