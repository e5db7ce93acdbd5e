// @ts-check
import { timed } from "../measure.mjs";
import { expectSame, sumBelow } from "./expect.mjs";
import { fasterThan, timesAsFast } from "./goals.mjs";

/** @import { Case } from "../types.d.ts" */

const capacity = 1_000;

/** What the workers saw: an item that was lost, or came twice, shows. */
let sum = 0;

/** @param {number} item */
async function work(item) {
  sum += item;
}

/**
 * The queues that are given a worker: `n` pushes, each awaited by all at the end.
 * @param {(item: number) => PromiseLike<unknown>} push
 * @param {number} n
 */
function pushed(push, n) {
  return async () => {
    sum = 0;
    /** @type {PromiseLike<unknown>[]} */
    const pushes = [];
    for (let item = 0; item < n; item += 1) pushes.push(push(item));
    await Promise.all(pushes);
    return sum;
  };
}

/**
 * A producer and a consumer, each awaiting every single step.
 * @param {number} n
 * @param {(item: number) => PromiseLike<unknown>} put
 * @param {() => PromiseLike<number>} get
 */
function putAndGet(n, put, get) {
  return async () => {
    let got = 0;
    const consumer = (async () => {
      for (let count = 0; count < n; count += 1) got += await get();
    })();
    for (let item = 0; item < n; item += 1) await put(item);
    await consumer;
    return got;
  };
}

/** @type {Case} */
export const queue = {
  name: "queue",
  title: "100,000 items through a queue",
  about:
    "What it costs to hand an item from one to another. holdfast and Effect: a producer and a consumer, each awaiting every put and every get, 1,000 places between them; " +
    "“process”, and the queues that are given a worker (fastq, async.queue, p-queue): one worker, every push awaited.",
  unit: "ns",
  per: "item",
  n: 100_000,
  quickN: 2_000,
  baseline: "fastq",
  measure: timed((result, n) => expectSame(result, sumBelow(n))),
  subjects: [
    {
      name: "fastq",
      package: "fastq",
      prepare: async (n) => {
        const { default: fastq } = await import("fastq");
        const line = fastq.promise(work, 1);
        return pushed((item) => line.push(item), n);
      },
    },
    {
      name: "holdfast, put and get",
      package: "holdfast",
      prepare: async (n) => {
        const { Queue } = await import("holdfast/sync");
        /** @type {import("holdfast/sync").Queue<number>} */
        const line = new Queue({ capacity });
        return putAndGet(
          n,
          (item) => line.put(item),
          () => line.get(),
        );
      },
    },
    {
      name: "holdfast, for await",
      package: "holdfast",
      prepare: async (n) => {
        const { Queue } = await import("holdfast/sync");
        return async () => {
          /** @type {import("holdfast/sync").Queue<number>} */
          const line = new Queue({ capacity });
          let got = 0;
          const consumer = (async () => {
            for await (const item of line) got += item;
          })();
          for (let item = 0; item < n; item += 1) await line.put(item);
          line.close();
          await consumer;
          return got;
        };
      },
    },
    {
      name: "holdfast, process",
      package: "holdfast",
      prepare: async (n) => {
        const { Queue } = await import("holdfast/sync");
        return async () => {
          sum = 0;
          /** @type {import("holdfast/sync").Queue<number>} */
          const line = new Queue({ capacity });
          const processed = line.process(work, { concurrency: 1 });
          for (let item = 0; item < n; item += 1) await line.put(item);
          line.close();
          await processed;
          return sum;
        };
      },
    },
    {
      name: "holdfast, channel",
      package: "holdfast",
      prepare: async (n) => {
        const { channel } = await import("holdfast/sync");
        /** @type {[import("holdfast/sync").Sender<number>, import("holdfast/sync").Receiver<number>]} */
        const [sender, receiver] = channel({ capacity });
        return putAndGet(
          n,
          (item) => sender.send(item),
          () => receiver.receive(),
        );
      },
    },
    {
      name: "effect",
      package: "effect",
      prepare: async (n) => {
        const { Effect, Fiber, Queue } = await import("effect");
        const program = Effect.gen(function* () {
          /** @type {import("effect").Queue.Queue<number>} */
          const line = yield* Queue.bounded(capacity);
          const consumer = yield* Effect.forkChild(
            Effect.gen(function* () {
              let got = 0;
              for (let count = 0; count < n; count += 1) got += yield* Queue.take(line);
              return got;
            }),
          );
          for (let item = 0; item < n; item += 1) yield* Queue.offer(line, item);
          return yield* Fiber.join(consumer);
        });
        return () => Effect.runPromise(program);
      },
    },
    {
      name: "async.queue",
      package: "async",
      prepare: async (n) => {
        const { default: async } = await import("async");
        const line = async.queue(work, 1);
        return pushed((item) => line.pushAsync(item), n);
      },
    },
    {
      name: "p-queue",
      package: "p-queue",
      prepare: async (n) => {
        const { default: PQueue } = await import("p-queue");
        const line = new PQueue({ concurrency: 1 });
        return pushed((item) => line.add(() => work(item)), n);
      },
    },
  ],
  goals: [
    timesAsFast("holdfast, put and get", "fastq", 3),
    fasterThan("holdfast, process", "fastq"),
    fasterThan("holdfast, put and get", "effect"),
  ],
};
