// @ts-check
import { AT_ONCE, LONG, pause, pauseUnder, rejectionOf, SOON, subject } from "../probe.mjs";

/** @import { PeerCase } from "../types.d.ts" */

const RAN_ON = "rejects, and the work runs on without knowing";
const TOLD = "rejects at once, and the work is told to stop";
const AWAITED = "tells the work to stop, and rejects when it has";

/** Work that stops when it is told, and needs a moment for it. */
class Work {
  told = false;
  hasEnded = false;

  /** @param {AbortSignal | undefined} signal */
  run = async (signal) => {
    try {
      await pauseUnder(LONG, signal);
    } catch (error) {
      this.told = true;
      await pause(SOON);
      this.hasEnded = true;
      throw error;
    }
  };

  /** @param {PromiseLike<unknown>} call */
  async judge(call) {
    await rejectionOf(call);
    const { hasEnded } = this;
    await pause(AT_ONCE);
    if (!this.told) return RAN_ON;
    return hasEnded ? AWAITED : TOLD;
  }
}

/** @type {PeerCase} */
export const timeLimit = {
  name: "time-limit",
  title: "A call runs out of time: what becomes of the work",
  about: "What runs on holds its socket, its lock and its memory, and may still write.",
  complaints: [2],
  test: ["complaints/tasks.test.ts", "stops the work, and does not reject while it still stops"],
  subjects: [
    subject("p-timeout", RAN_ON, async () => {
      const work = new Work();
      return await work.judge((await import("p-timeout")).default(work.run(undefined), { milliseconds: SOON }));
    }),
    subject("p-queue", RAN_ON, async () => {
      const work = new Work();
      const { default: PQueue } = await import("p-queue");
      return await work.judge(new PQueue().add(({ signal }) => work.run(signal), { timeout: SOON }));
    }),
    subject("p-queue-10", TOLD, async () => {
      const work = new Work();
      const { default: PQueue } = await import("p-queue-10");
      return await work.judge(new PQueue().add(({ signal }) => work.run(signal), { timeout: SOON }));
    }),
    subject("opossum", RAN_ON, async () => {
      const work = new Work();
      const { default: CircuitBreaker } = await import("opossum");
      return await work.judge(new CircuitBreaker(() => work.run(undefined), { timeout: SOON }).fire());
    }),
    subject(
      "opossum",
      TOLD,
      async () => {
        const work = new Work();
        const { default: CircuitBreaker } = await import("opossum");
        const abortController = new AbortController();
        const breaker = new CircuitBreaker(() => work.run(abortController.signal), { timeout: SOON, abortController });
        return await work.judge(breaker.fire());
      },
      "with abortController",
    ),
    subject(
      "bottleneck",
      RAN_ON,
      async () => {
        const work = new Work();
        const { default: Bottleneck } = await import("bottleneck");
        return await work.judge(new Bottleneck().schedule({ expiration: SOON }, () => work.run(undefined)));
      },
      "expiration",
    ),
    subject(
      "async",
      RAN_ON,
      async () => {
        const work = new Work();
        const { default: async } = await import("async");
        const limited = async.timeout(async () => await work.run(undefined), SOON);
        return await work.judge(
          new Promise((resolve, reject) => {
            limited((/** @type {unknown} */ error) => (error ? reject(error) : resolve(undefined)));
          }),
        );
      },
      "timeout",
    ),
    subject(
      "cockatiel",
      TOLD,
      async () => {
        const work = new Work();
        const { timeout, TimeoutStrategy } = await import("cockatiel");
        return await work.judge(timeout(SOON, TimeoutStrategy.Aggressive).execute(({ signal }) => work.run(signal)));
      },
      "Aggressive",
    ),
    subject(
      "cockatiel",
      AWAITED,
      async () => {
        const work = new Work();
        const { timeout, TimeoutStrategy } = await import("cockatiel");
        return await work.judge(timeout(SOON, TimeoutStrategy.Cooperative).execute(({ signal }) => work.run(signal)));
      },
      "Cooperative",
    ),
    subject(
      "effect",
      TOLD,
      async () => {
        const work = new Work();
        const { Effect } = await import("effect");
        const program = Effect.timeout(
          Effect.promise((signal) => work.run(signal)),
          SOON,
        );
        return await work.judge(Effect.runPromise(program));
      },
      "Effect.timeout",
    ),
    subject(
      "holdfast",
      AWAITED,
      async () => {
        const work = new Work();
        const { timeout } = await import("holdfast");
        return await work.judge(timeout(SOON, ({ signal }) => work.run(signal)));
      },
      "timeout",
    ),
  ],
};

const BESIDE = "the next one starts beside it";
const AFTER = "the next one starts when it has ended";

/** @param {(work: () => Promise<void>) => unknown} first @param {(work: () => Promise<void>) => unknown} next */
async function judgePlace(first, next) {
  let hasEnded = false;
  /** @type {string | undefined} */
  let seen;
  first(async () => {
    await pause(AT_ONCE);
    hasEnded = true;
  });
  next(async () => {
    seen = hasEnded ? AFTER : BESIDE;
  });
  await pause(AT_ONCE * 2);
  return seen ?? "the next one is never called";
}

/** @param {PromiseLike<unknown>} promise */
function ignore(promise) {
  promise.then(undefined, () => {});
}

/** @type {PeerCase} */
export const place = {
  name: "place",
  title: "A call under a limit of one at a time runs out of time, and takes a while to end",
  about: "If its place is given away at once, more calls run than the limit says.",
  complaints: [2],
  test: ["complaints/tasks.test.ts", "of an item keeps its place until the work has stopped"],
  subjects: [
    subject("p-queue", BESIDE, async () => {
      const { default: PQueue } = await import("p-queue");
      const queue = new PQueue({ concurrency: 1 });
      return await judgePlace(
        (work) => ignore(queue.add(work, { timeout: SOON })),
        (work) => ignore(queue.add(work)),
      );
    }),
    subject("bottleneck", BESIDE, async () => {
      const { default: Bottleneck } = await import("bottleneck");
      const limiter = new Bottleneck({ maxConcurrent: 1 });
      return await judgePlace(
        (work) => ignore(limiter.schedule({ expiration: SOON }, work)),
        (work) => ignore(limiter.schedule(work)),
      );
    }),
    subject(
      "holdfast",
      AFTER,
      async () => {
        const { timeout } = await import("holdfast");
        const { Semaphore } = await import("holdfast/sync");
        const semaphore = new Semaphore(1);
        return await judgePlace(
          (work) => ignore(timeout(SOON, (context) => semaphore.run(work, context))),
          (work) => ignore(semaphore.run(work)),
        );
      },
      "Semaphore",
    ),
  ],
};
