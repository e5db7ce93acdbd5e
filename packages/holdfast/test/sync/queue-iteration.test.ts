import { forEach, taskGroup } from "holdfast";
import { channel, Queue } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";

const reason = new Error("aborted");
const DONE = { done: true, value: undefined };

/** A queue and a channel are read in the same way. */
function sources(): readonly (readonly [
  name: string,
  make: () => { put: (item: number) => Promise<void>; end: () => void; items: AsyncIterable<number, void, void> },
])[] {
  return [
    [
      "a queue",
      () => {
        const queue = new Queue<number>({ capacity: 2 });
        return { put: (item) => queue.put(item), end: () => queue.close(), items: queue };
      },
    ],
    [
      "a channel",
      () => {
        const [sender, receiver] = channel<number>({ capacity: 2 });
        return { put: (item) => sender.send(item), end: () => sender.close(), items: receiver };
      },
    ],
  ];
}

for (const [name, make] of sources())
  describe(`a loop over ${name}`, () => {
    test("takes items as they come, and ends with it", async () => {
      const { put, end, items } = make();
      const seen: number[] = [];
      await taskGroup((group) => {
        group.spawn(async () => {
          for await (const item of items) seen.push(item);
        });
        group.spawn(async () => {
          for (let item = 0; item < 10; item++) await put(item);
          end();
        });
      });
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test("shares the items with other loops: each goes to one of them", async () => {
      const { put, end, items } = make();
      const seen: number[] = [];
      const counts = [0, 0, 0];
      await taskGroup((group) => {
        for (const index of counts.keys())
          group.spawn(async () => {
            for await (const item of items) {
              seen.push(item);
              counts[index] = (counts[index] ?? 0) + 1;
            }
          });
        group.spawn(async () => {
          for (let item = 0; item < 30; item++) await put(item);
          end();
        });
      });
      expect([seen.toSorted((a, b) => a - b), counts]).toEqual([
        Array.from({ length: 30 }, (_, index) => index),
        [10, 10, 10],
      ]);
    });

    test("can be left, and leaves the rest to the next one", async () => {
      const { put, end, items } = make();
      await put(1);
      await put(2);
      const seen: number[] = [];
      for await (const item of items) {
        seen.push(item);
        break;
      }
      end();
      for await (const item of items) seen.push(item);
      expect(seen).toEqual([1, 2]);
    });

    test("ITERATION-1: return() ends the next() that waits, of its own loop alone, and takes nothing", async () => {
      const { put, items } = make();
      const [first, second] = [items[Symbol.asyncIterator](), items[Symbol.asyncIterator]()];
      const outcomes = new Outcomes();
      void outcomes.note("first", first.next());
      void outcomes.note("first too", first.next());
      void outcomes.note("second", second.next());
      expect(await first.return?.()).toEqual(DONE);
      await put(1);
      await turn();
      expect([outcomes.settled, await first.next()]).toEqual([
        [
          ["first", DONE],
          ["first too", DONE],
          ["second", { done: false, value: 1 }],
        ],
        DONE,
      ]);
    });

    test("ITERATION-1: what a cancelled forEach was waiting for stays there for others", async () => {
      const { put, items } = make();
      const controller = new AbortController();
      const seen: number[] = [];
      const reading = forEach(items, (item) => seen.push(item), { concurrency: 3, signal: controller.signal });
      await put(1);
      await turn();
      controller.abort(reason);
      expect(await errorOf(reading)).toBe(reason);
      await put(2);
      expect([seen, await items[Symbol.asyncIterator]().next()]).toEqual([[1], { done: false, value: 2 }]);
    });
  });

test("a loop gives an item that is a promise as it is; get awaits it", async () => {
  const promise = Promise.resolve(1);
  const queue = new Queue<Promise<number>>({ capacity: 1 });
  await queue.put(promise);
  const direct = await queue[Symbol.asyncIterator]().next();
  const waiting = queue[Symbol.asyncIterator]().next();
  await queue.put(promise);
  await queue.put(promise);
  expect([direct.value === promise, (await waiting).value === promise, await queue.get()]).toEqual([true, true, 1]);
});
