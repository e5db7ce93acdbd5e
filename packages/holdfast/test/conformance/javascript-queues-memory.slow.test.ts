/** What queues and channels keep, and what they let go of. Needs a host with `gc()`. README.md has the list. */
import { channel, Mutex, Queue } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";

/** A collection, and the turns in which what it found is cleared. */
async function collect(): Promise<void> {
  const { gc } = globalThis as { readonly gc?: () => void };
  if (gc === undefined) throw new Error("run with --expose-gc");
  for (let round = 0; round < 4; round++) {
    gc();
    await turn();
  }
}

/** Calls `use` with new objects, and says which of them are still there when it has settled. */
async function left(count: number, use: (items: readonly object[]) => Promise<unknown>): Promise<number[]> {
  const references = await (async () => {
    const items: object[] = Array.from({ length: count }, (_, index) => ({ index }));
    await use(items);
    return items.map((item) => new WeakRef(item));
  })();
  await turn();
  await collect();
  return references.flatMap((reference, index) => (reference.deref() === undefined ? [] : [index]));
}

test("JS gc() during pending waits: who waits at a queue, a channel or a lock that nobody else holds is not collected, and hears of the abort", async () => {
  const log: string[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  const waits = [
    ["get", () => new Queue({ capacity: 1 }).get({ signal })],
    ["receive", () => channel({ capacity: 0 })[1].receive({ signal })],
    ["send", () => channel<number>({ capacity: 0 })[0].send(1, { signal })],
    [
      "acquire",
      () => {
        const mutex = new Mutex();
        mutex.tryAcquire();
        return mutex.acquire({ signal });
      },
    ],
  ] as const;
  for (const [name, wait] of waits)
    void (async () => {
      try {
        await wait();
      } catch {
        log.push(name);
      }
    })();
  await collect();
  const before = [...log];
  controller.abort();
  await turn();
  expect([before, log]).toEqual([[], ["get", "receive", "send", "acquire"]]);
});

test("JS heap flat after 1e5 scopes on one long-lived signal: a queue that lives lets go of what was got, processed, handed back, or taken away by an abort", async () => {
  const queue = new Queue<object>({ capacity: 4 });
  const remaining = await left(6, async ([got, tried, processed, failed, withdrawn, waits]) => {
    for (const item of [got, tried, processed, failed]) queue.tryPut(Object(item));
    await queue.get();
    queue.tryGet();
    const letters: unknown[] = [];
    const controller = new AbortController();
    const processing = queue.process((item) => (item === failed ? Promise.reject(new Error("failed")) : undefined), {
      concurrency: 2,
      onDeadLetter: (item) => void letters.push(item),
      signal: controller.signal,
    });
    await queue.waitForIdle();
    controller.abort();
    await processing.catch(() => {});
    for (let place = 0; place < 3; place++) queue.tryPut({});
    queue.tryPut(Object(waits));
    const put = new AbortController();
    const putting = queue.put(Object(withdrawn), { signal: put.signal });
    put.abort();
    await putting.catch(() => {});
    expect([letters.length, queue.size]).toEqual([1, 4]);
  });
  // The last is where it was put.
  expect([remaining, queue.abort().length]).toEqual([[5], 4]);
});

test("JS heap flat after 1e5 scopes on one long-lived signal: a channel whose receivers are closed lets go of what was in it", async () => {
  const [sender, receiver] = channel<object>({ capacity: 2 });
  const remaining = await left(3, async ([first, second, third]) => {
    sender.trySend(Object(first));
    sender.trySend(Object(second));
    const sending = sender.send(Object(third));
    receiver.close();
    await sending.catch(() => {});
  });
  expect([remaining, sender.statistics().size]).toEqual([[], 0]);
});

test("JS heap flat after 1e5 scopes on one long-lived signal: waits at a queue leave nothing behind", async () => {
  const { signal } = new AbortController();
  const queue = new Queue<number>({ capacity: 1 });
  const heapAfter = async (times: number): Promise<number> => {
    for (let time = 0; time < times; time++) {
      const waiting = queue.get({ signal });
      await queue.put(time, { signal });
      await waiting;
    }
    await collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(2000);
  const after = await heapAfter(100_000);
  // Ten bytes kept for each would be as much.
  expect(after - before).toBeLessThan(1_000_000);
});
