/** Items that lanes take from a queue or a channel, when all is cancelled before, in, and after the turn in which one is handed over. */
import { batch, forEach, map, mapStream, sleep } from "holdfast";
import { channel, Queue } from "holdfast/sync";
import { turn } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

interface Source {
  readonly items: AsyncIterable<number>;
  readonly put: (item: number) => Promise<void>;
  readonly get: () => Promise<number>;
  readonly close: () => void;
  /** What is there for the taking, in order; it is not any more. */
  readonly drain: () => number[];
}

function queueSource(capacity: number): Source {
  const queue = new Queue<number>({ capacity });
  return {
    items: queue,
    put: (item) => queue.put(item),
    get: () => queue.get(),
    close: () => queue.close(),
    drain: () => drained(() => queue.tryGet()),
  };
}

function channelSource(capacity: number): Source {
  const [sender, receiver] = channel<number>({ capacity });
  const other = receiver.clone();
  return {
    items: receiver,
    put: (item) => sender.send(item),
    get: () => other.receive(),
    close: () => sender.close(),
    drain: () => drained(() => other.tryReceive()),
  };
}

function drained(take: () => { readonly ok: boolean; readonly value?: number }): number[] {
  const items: number[] = [];
  try {
    for (let next = take(); next.ok; next = take()) items.push(Number(next.value));
  } catch {
    // An empty channel that has ended says so.
  }
  return items;
}

const sources: Readonly<Record<string, () => Source>> = {
  "a queue": () => queueSource(10),
  "a queue for one item": () => queueSource(1),
  "a channel without a buffer": () => channelSource(0),
  "a channel": () => channelSource(10),
};

type Consume = (
  items: AsyncIterable<number>,
  run: (item: number) => Promise<void>,
  options: { readonly concurrency: number; readonly signal: AbortSignal },
) => Promise<unknown>;

const consumers: Readonly<Record<string, Consume>> = {
  map,
  forEach,
  batch,
  mapStream: async (items, run, options) => {
    for await (const _result of mapStream(items, run, options));
  },
};

/** Microtasks. */
async function steps(count: number): Promise<void> {
  for (let step = 0; step < count; step++) await Promise.resolve();
}

/** Settles when `promise` does, with its error if there is one: a batch has none, nor has a loop that was done. */
function ended(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** More than it takes from the hand-over to the start of an item. */
const LONGEST = 20;
const reason = new Error("stop");

for (const [from, make] of Object.entries(sources))
  for (const [by, consume] of Object.entries(consumers))
    describe(`${by} over ${from}`, () => {
      for (const concurrency of [1, 3])
        test(`LANES-4: takes no item that it does not start, however close a cancellation is to the hand-over, concurrency ${concurrency}`, async () => {
          for (let before = 0; before <= LONGEST; before++)
            for (const isThere of [true, false]) {
              const { items, put, drain } = make();
              const started: number[] = [];
              const outer = new AbortController();
              const start = (): Promise<unknown> =>
                ended(consume(items, async (item) => void started.push(item), { concurrency, signal: outer.signal }));
              // Items that wait for the loop, or a loop that waits for items.
              let run: Promise<unknown>;
              let puts: Promise<unknown>[];
              if (isThere) {
                puts = [1, 2, 3, 4].map(put);
                run = start();
              } else {
                run = start();
                await turn();
                puts = [1, 2, 3, 4].map(put);
              }
              await steps(before);
              outer.abort(reason);
              // In order, and at once.
              expect([...started, ...drain()]).toEqual([1, 2, 3, 4]);
              await run;
              await Promise.all(puts);
              expect(drain()).toEqual([]);
            }
        });

      test("takes nothing after a cancellation, while a lane is still busy", async () => {
        const { items, put, drain } = make();
        const outer = new AbortController();
        const gate = new Gate();
        const run = ended(consume(items, () => gate.promise, { concurrency: 2, signal: outer.signal }));
        const first = put(1);
        await turn();
        outer.abort(reason);
        const later = [put(2), put(3)];
        await turn();
        expect(drain()).toEqual([2, 3]);
        gate.open();
        await run;
        await Promise.all([first, ...later]);
        expect(drain()).toEqual([]);
      });

      test("ITERATION-2: leaves an item that it can't start to whoever waits next", async () => {
        for (let before = 0; before <= LONGEST; before++) {
          const { items, put, get, drain } = make();
          const outer = new AbortController();
          const started: number[] = [];
          const run = ended(
            consume(items, async (item) => void started.push(item), { concurrency: 1, signal: outer.signal }),
          );
          await turn();
          const waiting = get();
          const puts = [put(1)];
          await steps(before);
          outer.abort(reason);
          puts.push(put(2));
          const got = await waiting;
          await run;
          const rest = drain();
          await Promise.all(puts);
          expect([...started, got, ...rest]).toEqual([1, 2]);
        }
      });

      test("takes no item that a failure of a sibling keeps from its start", async () => {
        for (let before = 0; before <= LONGEST; before++) {
          const { items, put, drain } = make();
          const gate = new Gate();
          const started: number[] = [];
          const outer = new AbortController();
          const work = async (item: number): Promise<void> => {
            started.push(item);
            if (item === 1) await gate.promise;
          };
          const run = ended(consume(items, work, { concurrency: 2, signal: outer.signal }));
          await put(1);
          await turn();
          const puts = [put(2), put(3)];
          await steps(before);
          gate.fail(new Error("failed"));
          await turn();
          // A batch goes on.
          outer.abort(reason);
          await run;
          const rest = drain();
          await Promise.all(puts);
          expect([...started, ...rest]).toEqual([1, 2, 3]);
        }
      });

      test("gives back to one that has been closed in the meantime", async () => {
        for (let before = 0; before <= LONGEST; before++) {
          const { items, put, close, drain } = make();
          const started: number[] = [];
          const outer = new AbortController();
          const run = ended(
            consume(items, async (item) => void started.push(item), { concurrency: 1, signal: outer.signal }),
          );
          await turn();
          const puts = [put(1)];
          close();
          await steps(before);
          outer.abort(reason);
          await run;
          await Promise.all(puts);
          expect([...started, ...drain()]).toEqual([1]);
        }
      });
    });

test("who leaves a mapStream leaves what it has not started, in its own turn", async () => {
  for (const make of Object.values(sources))
    for (let before = 0; before <= LONGEST; before++) {
      const { items, put, drain } = make();
      const started: number[] = [];
      const stream = mapStream(items, async (item) => void started.push(item), { concurrency: 2 });
      const puts = [put(1)];
      await stream.next();
      puts.push(put(2), put(3));
      await steps(before);
      const hasLeft = stream.return?.();
      expect([...started, ...drain()]).toEqual([1, 2, 3]);
      await Promise.all([hasLeft, ...puts]);
    }
});

describe("an item that a loop gives back", () => {
  test("is among those that process gives back where it was", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    const outer = new AbortController();
    const stopped = new AbortController();
    const process = (): Promise<void> =>
      queue.process((_item, { signal }) => sleep(60_000, { signal }), { concurrency: 1, signal: stopped.signal });
    const runs = [ended(process())];
    const loop = ended(forEach(queue, () => {}, { concurrency: 1, signal: outer.signal }));
    await turn();
    runs.push(ended(process()));
    await turn();
    const puts = [1, 2, 3, 4].map((item) => queue.put(item));
    outer.abort(reason);
    stopped.abort(reason);
    await Promise.all([...runs, loop, ...puts]);
    expect(queue.abort()).toEqual([1, 2, 3, 4]);
  });

  test("is back at once, of process too, while another lane is still busy", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    const outer = new AbortController();
    const gate = new Gate();
    const started: number[] = [];
    const run = (item: number): Promise<void> => {
      started.push(item);
      return gate.promise;
    };
    const ran = ended(queue.process(run, { concurrency: 2, signal: outer.signal }));
    await queue.put(1);
    await turn();
    const puts = [queue.put(2), queue.put(3)];
    outer.abort(reason);
    expect([started, queue.waiting, queue.running, queue.tryGet()]).toEqual([[1], 2, 1, { ok: true, value: 2 }]);
    gate.open();
    expect([await ran, queue.abort(), await Promise.all(puts)]).toEqual([reason, [3], [undefined, undefined]]);
  });

  test("waits for the end of a pause", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    const outer = new AbortController();
    const loop = ended(forEach(queue, () => {}, { concurrency: 1, signal: outer.signal }));
    await turn();
    const puts = [queue.put(1)];
    queue.pause();
    outer.abort(reason);
    expect([await loop, queue.waiting, queue.tryGet()]).toEqual([reason, 1, { ok: false, error: undefined }]);
    queue.resume();
    expect([await queue.get(), await Promise.all(puts)]).toEqual([1, [undefined]]);
  });

  test("is gone with the last receiver of a channel, as all that is in its buffer", async () => {
    const [sender, receiver] = channel<number>({ capacity: 10 });
    const outer = new AbortController();
    const loop = ended(forEach(receiver, () => {}, { concurrency: 1, signal: outer.signal }));
    await turn();
    await sender.send(1);
    const other = new AbortController();
    const next = ended(forEach(receiver, () => {}, { concurrency: 1, signal: other.signal }));
    await turn();
    const sent = sender.send(2);
    receiver.close();
    outer.abort(reason);
    other.abort(reason);
    await Promise.all([loop, next, sent]);
    expect(sender.statistics()).toMatchObject({ size: 0, openReceivers: 0 });
  });

  test("is not given back twice, and not after it has been started", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    const started: number[] = [];
    const outer = new AbortController();
    const gate = new Gate();
    const run = (item: number): Promise<void> => {
      started.push(item);
      return gate.promise;
    };
    const loop = ended(forEach(queue, run, { concurrency: 1, signal: outer.signal }));
    await queue.put(1);
    await turn();
    outer.abort(reason);
    gate.open();
    expect([await loop, started, queue.abort()]).toEqual([reason, [1], []]);
  });
});
