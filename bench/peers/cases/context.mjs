// @ts-check
import { AsyncLocalStorage } from "node:async_hooks";
import { pause, rejectionOf, SOON, subject } from "../probe.mjs";

/** @import { PeerCase } from "../types.d.ts" */

/** What is stored for the request of each call. @type {AsyncLocalStorage<string>} */
const request = new AsyncLocalStorage();
const KEPT = "each call has its own caller's";
const LOST = "a call that waited has another caller's, or none";

/** @param {(run: () => Promise<void>) => PromiseLike<unknown>} call one at a time */
async function judgeStore(call) {
  let isKept = true;
  await Promise.all(
    ["a", "b", "c"].map((id) =>
      request.run(id, () =>
        call(async () => {
          isKept &&= request.getStore() === id;
          await pause(SOON);
          isKept &&= request.getStore() === id;
        }),
      ),
    ),
  );
  return isKept ? KEPT : LOST;
}

/** @type {PeerCase} */
export const store = {
  name: "store",
  title: "Three requests wait for one place: which AsyncLocalStorage store do their calls see",
  about: "Logging and tracing read the request from it.",
  complaints: [6],
  test: ["complaints/async-context.test.ts", "the store of a request"],
  subjects: [
    subject("p-limit", KEPT, async () => {
      const { default: pLimit } = await import("p-limit");
      const limit = pLimit(1);
      return await judgeStore((run) => limit(run));
    }),
    subject("p-queue", LOST, async () => {
      const { default: PQueue } = await import("p-queue");
      const queue = new PQueue({ concurrency: 1 });
      return await judgeStore((run) => queue.add(run));
    }),
    subject("p-queue-10", KEPT, async () => {
      const { default: PQueue } = await import("p-queue-10");
      const queue = new PQueue({ concurrency: 1 });
      return await judgeStore((run) => queue.add(run));
    }),
    subject("p-throttle", KEPT, async () => {
      const { default: pThrottle } = await import("p-throttle");
      const limited = pThrottle({ limit: 1, interval: SOON })((/** @type {() => Promise<void>} */ run) => run());
      return await judgeStore((run) => limited(run));
    }),
    subject("fastq", LOST, async () => {
      const { default: fastq } = await import("fastq");
      const queue = fastq.promise((/** @type {() => Promise<void>} */ run) => run(), 1);
      return await judgeStore((run) => queue.push(run));
    }),
    subject(
      "async",
      LOST,
      async () => {
        const { default: async } = await import("async");
        const queue = async.queue(async (/** @type {() => Promise<void>} */ run) => await run(), 1);
        return await judgeStore((run) => queue.pushAsync(run));
      },
      "queue",
    ),
    subject("bottleneck", LOST, async () => {
      const { default: Bottleneck } = await import("bottleneck");
      const limiter = new Bottleneck({ maxConcurrent: 1 });
      return await judgeStore((run) => limiter.schedule(run));
    }),
    subject(
      "cockatiel",
      LOST,
      async () => {
        const { bulkhead } = await import("cockatiel");
        const policy = bulkhead(1, 10);
        return await judgeStore((run) => policy.execute(run));
      },
      "bulkhead",
    ),
    subject(
      "holdfast",
      KEPT,
      async () => {
        const { bulkhead } = await import("holdfast");
        const policy = bulkhead({ concurrency: 1, maxQueue: 10 });
        return await judgeStore((run) => policy.run(run));
      },
      "bulkhead",
    ),
    subject(
      "holdfast",
      KEPT,
      async () => {
        const { Semaphore } = await import("holdfast/sync");
        const semaphore = new Semaphore(1);
        return await judgeStore((run) => semaphore.run(run));
      },
      "Semaphore",
    ),
    subject(
      "holdfast",
      KEPT,
      async () => {
        const { rateLimit } = await import("holdfast");
        const limit = rateLimit({ limit: 1, interval: SOON, maxQueue: 10 });
        return await judgeStore((run) => limit.run(run));
      },
      "rateLimit",
    ),
  ],
};

const LED = "leads to the caller";
const ENDS = "ends in the library";

async function readRow() {
  await pause(1);
  throw new Error("no such row");
}

/** @param {() => PromiseLike<unknown>} call */
async function judgeStack(call) {
  Error.stackTraceLimit = 50;
  async function handleRequest() {
    await call();
  }
  const error = await rejectionOf(handleRequest());
  const stacks = [error, Object(error).cause].map((one) => String(Object(one).stack)).join("\n");
  return stacks.includes("handleRequest") ? LED : ENDS;
}

/** @type {PeerCase} */
export const stack = {
  name: "stack",
  title: "A call fails after an await: where does the stack of its error lead",
  about: "The function that handles the request should be in it: it says which request.",
  complaints: [23],
  test: ["complaints/stacks.test.ts", "the stack of an error leads to the caller"],
  subjects: [
    subject("p-map", LED, async () => {
      const { default: pMap } = await import("p-map");
      return await judgeStack(() => pMap([1], readRow));
    }),
    subject("p-limit", ENDS, async () => {
      const { default: pLimit } = await import("p-limit");
      const limit = pLimit(1);
      return await judgeStack(() => limit(readRow));
    }),
    subject("p-queue", ENDS, async () => {
      const { default: PQueue } = await import("p-queue");
      const queue = new PQueue();
      return await judgeStack(() => queue.add(readRow));
    }),
    subject("p-retry", LED, async () => {
      const { default: pRetry } = await import("p-retry");
      return await judgeStack(() => pRetry(readRow, { retries: 0 }));
    }),
    subject("p-timeout", LED, async () => {
      const { default: pTimeout } = await import("p-timeout");
      return await judgeStack(() => pTimeout(readRow(), { milliseconds: 1_000 }));
    }),
    subject(
      "cockatiel",
      LED,
      async () => {
        const { retry, handleAll, ConstantBackoff } = await import("cockatiel");
        const policy = retry(handleAll, { maxAttempts: 0, backoff: new ConstantBackoff(1) });
        return await judgeStack(() => policy.execute(readRow));
      },
      "retry",
    ),
    subject("opossum", ENDS, async () => {
      const { default: CircuitBreaker } = await import("opossum");
      const breaker = new CircuitBreaker(readRow);
      return await judgeStack(() => breaker.fire());
    }),
    subject("bottleneck", ENDS, async () => {
      const { default: Bottleneck } = await import("bottleneck");
      const limiter = new Bottleneck({ maxConcurrent: 1 });
      return await judgeStack(() => limiter.schedule(readRow));
    }),
    subject("better-all", LED, async () => {
      const { all } = await import("better-all");
      return await judgeStack(() => all({ first: readRow }));
    }),
    subject(
      "abort-controller-x",
      LED,
      async () => {
        const { retry } = await import("abort-controller-x");
        return await judgeStack(() => retry(new AbortController().signal, readRow, { maxAttempts: 0 }));
      },
      "retry",
    ),
    subject(
      "effect",
      ENDS,
      async () => {
        const { Effect } = await import("effect");
        return await judgeStack(() => Effect.runPromise(Effect.tryPromise({ try: readRow, catch: (error) => error })));
      },
      "runPromise",
    ),
    subject(
      "effection",
      ENDS,
      async () => {
        const { run, until } = await import("effection");
        return await judgeStack(() => run(() => until(readRow())));
      },
      "run",
    ),
    subject(
      "holdfast",
      LED,
      async () => {
        const { timeout } = await import("holdfast");
        return await judgeStack(() => timeout(1_000, readRow));
      },
      "timeout",
    ),
    subject(
      "holdfast",
      LED,
      async () => {
        const { Semaphore } = await import("holdfast/sync");
        const semaphore = new Semaphore(1);
        return await judgeStack(() => semaphore.run(readRow));
      },
      "Semaphore",
    ),
    subject(
      "holdfast",
      LED,
      async () => {
        const { pipeline } = await import("holdfast");
        const policy = pipeline({ retry: { retries: 0 }, bulkhead: { concurrency: 1 }, timeout: 1_000 });
        return await judgeStack(() => policy.run(readRow));
      },
      "pipeline",
    ),
  ],
};
