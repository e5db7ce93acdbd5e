/** In which AsyncLocalStorage context a function runs that had to wait. Node, Bun and Deno have it; a page does not. */
import { AsyncLocalStorage } from "node:async_hooks";
import { channel, Latch, Queue, Semaphore } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";

const request = new AsyncLocalStorage<string>();

describe("AsyncLocalStorage", () => {
  for (const permits of [1, 2])
    test(`is the caller's own in run and in wrapped functions, however long they waited, with ${permits} permits`, async () => {
      const semaphore = new Semaphore(permits);
      const seen: unknown[] = [];
      const look = async (id: string): Promise<void> => {
        seen.push([id, request.getStore()]);
        await turn();
        seen.push([id, request.getStore()]);
      };
      const wrapped = semaphore.wrap(look);
      await Promise.all(
        ["a", "b", "c", "d"].map((id) =>
          request.run(id, () => (id < "c" ? semaphore.run(() => look(id)) : wrapped(id))),
        ),
      );
      expect(seen.length).toBe(8);
      expect(seen.filter((pair) => Array.isArray(pair) && pair[0] !== pair[1])).toEqual([]);
    });

  test("is the caller's own after every wait that somebody else has ended", async () => {
    const [semaphore, latch, queue] = [new Semaphore(1), new Latch(), new Queue<number>({ capacity: 1 })];
    const [sender, receiver] = channel<number>({ capacity: 0 });
    const permit = await semaphore.acquire();
    const waits: Readonly<Record<string, () => Promise<unknown>>> = {
      acquire: () => semaphore.acquire(),
      latch: () => latch.wait(),
      get: () => queue.get(),
      next: () => queue[Symbol.asyncIterator]().next(),
      put: async () => {
        await turn();
        await queue.put(1);
        await queue.put(2);
      },
      receive: () => receiver.receive(),
      send: async () => {
        await turn();
        await sender.send(1);
        await sender.send(2);
      },
    };
    const seen: unknown[] = [];
    const all = Object.entries(waits).map(([name, wait]) =>
      request.run(name, async () => {
        await wait();
        seen.push([name, request.getStore()]);
      }),
    );
    await request.run("somebody else", async () => {
      permit.release();
      latch.open();
      for (let count = 0; count < 4; count++) {
        await turn();
        queue.tryGet();
        receiver.tryReceive();
      }
    });
    await Promise.all(all);
    expect(seen.length).toBe(7);
    expect(seen.filter((pair) => Array.isArray(pair) && pair[0] !== pair[1])).toEqual([]);
  });

  test("is that of the call of process in the function that it calls, whoever puts the item", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const seen: unknown[] = [];
    const processing = request.run("process", () =>
      queue.process(() => seen.push(request.getStore()), { concurrency: 2 }),
    );
    await turn();
    await request.run("put", async () => {
      for (const item of [1, 2, 3]) await queue.put(item);
    });
    queue.close();
    await processing;
    expect(seen).toEqual(["process", "process", "process"]);
  });
});
