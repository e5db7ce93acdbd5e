// @ts-check
import { AT_ONCE, failure, hang, LONG, outcomeWithin, pause, reason, rejectionOf, SOON, subject } from "../probe.mjs";

/** @import { PeerCase } from "../types.d.ts" */

const REJECTED = "rejects";
const PENDING = "stays pending for ever";

/** @param {PromiseLike<unknown>} waiter */
async function judgeWaiter(waiter) {
  const { state } = await outcomeWithin(waiter, AT_ONCE);
  return state === "pending" ? PENDING : state === "rejected" ? REJECTED : "resolves";
}

/** @type {PeerCase} */
export const cleared = {
  name: "cleared",
  title: "A queue is emptied while somebody waits for a call in it",
  about:
    "One runs, one waits, and the library is told to forget what waits. What becomes of the promise of the one that waited?",
  complaints: [5],
  test: ["complaints/queues.test.ts", "abort of a queue settles everybody who waits at it, and hands back the items"],
  subjects: [
    subject(
      "p-limit",
      PENDING,
      async () => {
        const { default: pLimit } = await import("p-limit");
        const limit = pLimit(1);
        void limit(hang);
        const waiter = limit(hang);
        await pause(0);
        limit.clearQueue();
        return await judgeWaiter(waiter);
      },
      "clearQueue",
    ),
    subject(
      "p-limit",
      REJECTED,
      async () => {
        const { default: pLimit } = await import("p-limit");
        const limit = pLimit({ concurrency: 1, rejectOnClear: true });
        void limit(hang);
        const waiter = judgeWaiter(limit(hang));
        await pause(0);
        limit.clearQueue();
        return await waiter;
      },
      "clearQueue, rejectOnClear",
    ),
    subject(
      "p-queue",
      PENDING,
      async () => {
        const { default: PQueue } = await import("p-queue");
        const queue = new PQueue({ concurrency: 1 });
        void queue.add(hang);
        const waiter = judgeWaiter(queue.add(hang));
        queue.clear();
        return await waiter;
      },
      "clear",
    ),
    subject(
      "p-queue-10",
      REJECTED,
      async () => {
        const { default: PQueue } = await import("p-queue-10");
        const queue = new PQueue({ concurrency: 1 });
        void queue.add(hang);
        const waiter = judgeWaiter(queue.add(hang));
        queue.clear();
        return await waiter;
      },
      "clear",
    ),
    subject(
      "fastq",
      PENDING,
      async () => {
        const { default: fastq } = await import("fastq");
        const queue = fastq.promise(hang, 1);
        void queue.push(1);
        const waiter = judgeWaiter(queue.push(2));
        queue.kill();
        return await waiter;
      },
      "kill",
    ),
    subject(
      "fastq",
      REJECTED,
      async () => {
        const { default: fastq } = await import("fastq");
        const queue = fastq.promise(hang, 1);
        // The one that runs is settled too.
        void outcomeWithin(queue.push(1), AT_ONCE);
        const waiter = judgeWaiter(queue.push(2));
        // Its typings do not know it.
        Reflect.get(queue, "abort").call(queue);
        return await waiter;
      },
      "abort",
    ),
    subject(
      "async",
      PENDING,
      async () => {
        const { default: async } = await import("async");
        const queue = async.queue(async () => await hang(), 1);
        void queue.pushAsync(1);
        const waiter = judgeWaiter(queue.pushAsync(2));
        await pause(0);
        queue.kill();
        return await waiter;
      },
      "kill",
    ),
    subject(
      "bottleneck",
      REJECTED,
      async () => {
        const { default: Bottleneck } = await import("bottleneck");
        const limiter = new Bottleneck({ maxConcurrent: 1 });
        void limiter.schedule(hang);
        const waiter = judgeWaiter(limiter.schedule(hang));
        await pause(SOON);
        void limiter.stop({ dropWaitingJobs: true });
        return await waiter;
      },
      "stop, dropWaitingJobs",
    ),
    subject(
      "holdfast",
      REJECTED,
      async () => {
        const { Semaphore } = await import("holdfast/sync");
        const semaphore = new Semaphore(1);
        const controller = new AbortController();
        void semaphore.run(hang);
        const waiter = judgeWaiter(semaphore.run(hang, { signal: controller.signal }));
        controller.abort(reason);
        return await waiter;
      },
      "Semaphore, signal",
    ),
    subject(
      "holdfast",
      REJECTED,
      async () => {
        const { Queue } = await import("holdfast/sync");
        const queue = new Queue({ capacity: 1 });
        await queue.put(1);
        const waiter = judgeWaiter(queue.put(2));
        queue.abort();
        return await waiter;
      },
      "Queue, abort",
    ),
  ],
};

/** @type {PeerCase} */
export const abortedBefore = {
  name: "aborted-before",
  title: "A call is queued behind another one, with a signal that is aborted already",
  about: "It will not be made. When is its caller told?",
  complaints: [5],
  test: ["complaints/queues.test.ts", "with a signal that is aborted already is told so, though there is no place"],
  subjects: [
    subject("p-queue", REJECTED, async () => {
      const { default: PQueue } = await import("p-queue");
      const queue = new PQueue({ concurrency: 1 });
      void queue.add(hang);
      return await judgeWaiter(queue.add(async () => {}, { signal: AbortSignal.abort(reason) }));
    }),
    subject(
      "cockatiel",
      REJECTED,
      async () => {
        const { bulkhead } = await import("cockatiel");
        const policy = bulkhead(1, 1);
        void policy.execute(hang);
        return await judgeWaiter(policy.execute(async () => {}, AbortSignal.abort(reason)));
      },
      "bulkhead",
    ),
    subject(
      "holdfast",
      REJECTED,
      async () => {
        const { Semaphore } = await import("holdfast/sync");
        const semaphore = new Semaphore(1);
        void semaphore.run(hang);
        return await judgeWaiter(semaphore.run(async () => {}, { signal: AbortSignal.abort(reason) }));
      },
      "Semaphore",
    ),
  ],
};

const USES_NONE = "they use nothing of the limit";
const USES = "each of them uses up a place of the limit";

/** @param {(run: () => Promise<void>, signal?: AbortSignal) => PromiseLike<unknown>} call one in each AT_ONCE */
async function judgeQuota(call) {
  const controller = new AbortController();
  await call(async () => {});
  const aborted = Array.from({ length: 5 }, () =>
    outcomeWithin(
      call(async () => {}, controller.signal),
      LONG * 4,
    ),
  );
  const began = performance.now();
  const last = call(async () => {});
  controller.abort(reason);
  await last;
  const took = performance.now() - began;
  await Promise.all(aborted);
  return took < AT_ONCE * 2 ? USES_NONE : USES;
}

/** @type {PeerCase} */
export const quota = {
  name: "quota",
  title: "Five calls that wait under a rate limit are aborted",
  about: "One call in 200 ms is allowed. Does the call behind them wait for their turns?",
  complaints: [5],
  test: ["complaints/queues.test.ts", "is aborted uses nothing of a rate limit"],
  subjects: [
    subject("p-queue", USES_NONE, async () => {
      const { default: PQueue } = await import("p-queue");
      const queue = new PQueue({ concurrency: 1, intervalCap: 1, interval: AT_ONCE });
      return await judgeQuota((run, signal) => queue.add(run, { signal }));
    }),
    subject("holdfast", USES_NONE, async () => {
      const { rateLimit } = await import("holdfast");
      const limit = rateLimit({ limit: 1, interval: AT_ONCE, maxQueue: 10 });
      return await judgeQuota((run, signal) => limit.run(run, { signal }));
    }),
  ],
};

const CRASH = "an unhandled rejection, which ends the process";
const QUIET = "nothing: the error is lost";
const TOLD = "nothing; the one who runs the queue is told";

/** @param {() => unknown} start @param {() => boolean} [isTold] */
async function judgeCrash(start, isTold) {
  let crashed = false;
  process.on("unhandledRejection", () => {
    crashed = true;
  });
  start();
  await pause(AT_ONCE);
  if (crashed) return CRASH;
  return isTold?.() === true ? TOLD : QUIET;
}

/** @type {PeerCase} */
export const unawaited = {
  name: "unawaited",
  title: "Work is put into a queue, nobody awaits that, and it fails: what happens to the process",
  about: "The usual mistake: `queue.add(work)` as a statement.",
  complaints: [8],
  test: [
    "complaints/queues.test.ts",
    "crashes nothing that did not ask: put has no outcome of the item's, process has",
  ],
  subjects: [
    subject("p-queue", CRASH, async () => {
      const { default: PQueue } = await import("p-queue");
      const queue = new PQueue();
      return await judgeCrash(() => void queue.add(() => Promise.reject(failure)));
    }),
    subject("p-limit", CRASH, async () => {
      const { default: pLimit } = await import("p-limit");
      const limit = pLimit(1);
      return await judgeCrash(() => void limit(() => Promise.reject(failure)));
    }),
    subject("bottleneck", CRASH, async () => {
      const { default: Bottleneck } = await import("bottleneck");
      const limiter = new Bottleneck();
      return await judgeCrash(() => void limiter.schedule(() => Promise.reject(failure)));
    }),
    subject("fastq", QUIET, async () => {
      const { default: fastq } = await import("fastq");
      const queue = fastq.promise(() => Promise.reject(failure), 1);
      return await judgeCrash(() => void queue.push(1));
    }),
    subject(
      "async",
      QUIET,
      async () => {
        const { default: async } = await import("async");
        const queue = async.queue(async () => await Promise.reject(failure), 1);
        return await judgeCrash(() => void queue.push(1));
      },
      "queue, push",
    ),
    subject(
      "holdfast",
      TOLD,
      async () => {
        const { Queue } = await import("holdfast/sync");
        const queue = new Queue({ capacity: 1 });
        let told = false;
        const processing = rejectionOf(queue.process(() => Promise.reject(failure), { concurrency: 1 }));
        void processing.then((error) => (told = error === failure));
        return await judgeCrash(
          () => void queue.put(1),
          () => told,
        );
      },
      "Queue",
    ),
  ],
};
