// @ts-check
import {
  abortSoon,
  AT_ONCE,
  hang,
  LONG,
  outcomeWithin,
  pauseUnder,
  rejectionOf,
  subject,
  whatWasThrown,
} from "../probe.mjs";

/** @import { PeerCase } from "../types.d.ts" */

const OWN = "with the caller's reason";

/** @type {PeerCase} */
export const abortReason = {
  name: "abort-reason",
  title: "The caller aborts: what is thrown",
  about: "`controller.abort(reason)` while a call runs that stops at once. The reason says why, so it should arrive.",
  complaints: [14],
  test: ["complaints/tasks.test.ts", "its reason is what is thrown, the same object"],
  subjects: [
    subject("p-map", OWN, async () => {
      const { default: pMap } = await import("p-map");
      return whatWasThrown(await rejectionOf(pMap([1], hang, { signal: abortSoon() })));
    }),
    subject("p-queue", OWN, async () => {
      const { default: PQueue } = await import("p-queue");
      const call = (/** @type {{ signal?: AbortSignal | undefined }} */ { signal }) => pauseUnder(LONG, signal);
      return whatWasThrown(await rejectionOf(new PQueue().add(call, { signal: abortSoon() })));
    }),
    subject("p-timeout", OWN, async () => {
      const { default: pTimeout } = await import("p-timeout");
      return whatWasThrown(await rejectionOf(pTimeout(hang(), { milliseconds: LONG, signal: abortSoon() })));
    }),
    subject("better-all", OWN, async () => {
      const { all } = await import("better-all");
      const tasks = {
        /** @this {{ $signal: AbortSignal }} */
        async first() {
          await pauseUnder(LONG, this.$signal);
        },
      };
      return whatWasThrown(await rejectionOf(all(tasks, { signal: abortSoon() })));
    }),
    subject(
      "abort-controller-x",
      OWN,
      async () => {
        const { all } = await import("abort-controller-x");
        return whatWasThrown(await rejectionOf(all(abortSoon(), (signal) => [pauseUnder(LONG, signal)])));
      },
      "all",
    ),
    subject(
      "abort-controller-x",
      OWN,
      async () => {
        const { delay } = await import("abort-controller-x");
        return whatWasThrown(await rejectionOf(delay(abortSoon(), LONG)));
      },
      "delay",
    ),
    subject(
      "cockatiel",
      "with an AbortError of its own",
      async () => {
        const { timeout, TimeoutStrategy } = await import("cockatiel");
        const policy = timeout(LONG, TimeoutStrategy.Cooperative);
        return whatWasThrown(await rejectionOf(policy.execute(({ signal }) => pauseUnder(LONG, signal), abortSoon())));
      },
      "timeout",
    ),
    subject(
      "cockatiel-4",
      OWN,
      async () => {
        const { timeout, TimeoutStrategy } = await import("cockatiel-4");
        const policy = timeout(LONG, TimeoutStrategy.Cooperative);
        return whatWasThrown(await rejectionOf(policy.execute(({ signal }) => pauseUnder(LONG, signal), abortSoon())));
      },
      "timeout",
    ),
    subject("effect", "with an Error of its own", async () => {
      const { Effect } = await import("effect");
      return whatWasThrown(await rejectionOf(Effect.runPromise(Effect.sleep(LONG), { signal: abortSoon() })));
    }),
    subject(
      "holdfast",
      OWN,
      async () => {
        const { all } = await import("holdfast");
        return whatWasThrown(await rejectionOf(all([({ sleep }) => sleep(LONG)], { signal: abortSoon() })));
      },
      "all",
    ),
    subject(
      "holdfast",
      OWN,
      async () => {
        const { sleep } = await import("holdfast");
        return whatWasThrown(await rejectionOf(sleep(LONG, { signal: abortSoon() })));
      },
      "sleep",
    ),
  ],
};

const FREED = "is free at once";
const HELD = "waits as long as the call takes";

/** @param {(signal: AbortSignal) => PromiseLike<unknown>} call */
async function judgeFreedom(call) {
  const { state } = await outcomeWithin(call(abortSoon()), AT_ONCE);
  return state === "pending" ? HELD : state === "rejected" ? FREED : "is told that it succeeded";
}

/** @type {PeerCase} */
export const deafCall = {
  name: "deaf-call",
  title: "The caller aborts, and the call does not notice: what the caller does",
  about: "A call that takes no signal. It can't be stopped, but the caller can be told.",
  complaints: [2, 9],
  test: ["complaints/retry.test.ts", "frees the caller though the attempt hangs and ignores it"],
  subjects: [
    subject("p-map", FREED, () =>
      judgeFreedom(async (signal) => await (await import("p-map")).default([1], hang, { signal })),
    ),
    subject("p-timeout", FREED, () =>
      judgeFreedom(
        async (signal) => await (await import("p-timeout")).default(hang(), { milliseconds: 60_000, signal }),
      ),
    ),
    subject("p-queue", FREED, async () => {
      const { default: PQueue } = await import("p-queue");
      return await judgeFreedom((signal) => new PQueue().add(hang, { signal }));
    }),
    subject("p-retry", HELD, async () => {
      const { default: pRetry } = await import("p-retry");
      return await judgeFreedom((signal) => pRetry(hang, { signal }));
    }),
    subject(
      "cockatiel",
      HELD,
      async () => {
        const { retry, handleAll, ConstantBackoff } = await import("cockatiel");
        const policy = retry(handleAll, { maxAttempts: 3, backoff: new ConstantBackoff(1) });
        return await judgeFreedom((signal) => policy.execute(hang, signal));
      },
      "retry",
    ),
    subject("better-all", HELD, async () => {
      const { all } = await import("better-all");
      return await judgeFreedom((signal) => all({ first: hang }, { signal }));
    }),
    subject(
      "abort-controller-x",
      HELD,
      async () => {
        const { retry } = await import("abort-controller-x");
        return await judgeFreedom((signal) => retry(signal, hang));
      },
      "retry",
    ),
    subject(
      "effect",
      FREED,
      async () => {
        const { Effect } = await import("effect");
        return await judgeFreedom((signal) => Effect.runPromise(Effect.promise(hang), { signal }));
      },
      "Effect.promise",
    ),
    subject(
      "holdfast",
      FREED,
      async () => {
        const { retry } = await import("holdfast");
        return await judgeFreedom((signal) => retry(hang, { signal }));
      },
      "retry",
    ),
    subject(
      "holdfast",
      FREED,
      async () => {
        const { abortable } = await import("holdfast");
        return await judgeFreedom((signal) => abortable(hang(), { signal }));
      },
      "abortable",
    ),
    subject(
      "holdfast",
      HELD,
      async () => {
        const { all } = await import("holdfast");
        return await judgeFreedom((signal) => all([hang], { signal }));
      },
      "all, without a grace",
    ),
  ],
};

const HANDED = "is handed one";
const NONE = "is handed none";

/** Looks for a signal in what it is given, one level deep. */
class Given {
  seen = NONE;

  /** With a parameter that has a name: Effect hands a signal only to a function that declares one. @param {unknown} [first] @param {...unknown} rest */
  call = async (first, ...rest) => {
    for (const value of [first, ...rest])
      if (
        value instanceof AbortSignal ||
        (typeof value === "object" && value !== null && Reflect.get(value, "signal") instanceof AbortSignal)
      )
        this.seen = HANDED;
  };
}

/** @type {PeerCase} */
export const handedSignal = {
  name: "handed-signal",
  title: "Whether the function that is called is handed a signal",
  about:
    "Without one it can't be stopped, whatever aborts. The call has a signal of the caller's where the library takes one.",
  complaints: [2, 9],
  test: ["complaints/tasks.test.ts", "reaches the function of each item through a signal of its own"],
  subjects: [
    subject("p-map", NONE, async () => {
      const given = new Given();
      await (await import("p-map")).default([1], given.call, { signal: new AbortController().signal });
      return given.seen;
    }),
    subject("p-limit", NONE, async () => {
      const given = new Given();
      await (await import("p-limit")).default(1)(given.call);
      return given.seen;
    }),
    subject("p-queue", HANDED, async () => {
      const given = new Given();
      const { default: PQueue } = await import("p-queue");
      await new PQueue().add(given.call, { signal: new AbortController().signal });
      return given.seen;
    }),
    subject("p-retry", NONE, async () => {
      const given = new Given();
      await (await import("p-retry")).default(given.call, { signal: new AbortController().signal });
      return given.seen;
    }),
    subject("cockatiel", HANDED, async () => {
      const given = new Given();
      const { noop } = await import("cockatiel");
      await noop.execute(given.call, new AbortController().signal);
      return given.seen;
    }),
    subject("opossum", NONE, async () => {
      const given = new Given();
      const { default: CircuitBreaker } = await import("opossum");
      await new CircuitBreaker(given.call, { abortController: new AbortController() }).fire();
      return given.seen;
    }),
    subject("bottleneck", NONE, async () => {
      const given = new Given();
      const { default: Bottleneck } = await import("bottleneck");
      await new Bottleneck({ maxConcurrent: 1 }).schedule(given.call);
      return given.seen;
    }),
    subject(
      "async",
      NONE,
      async () => {
        const given = new Given();
        const { default: async } = await import("async");
        await async.mapLimit(
          [1],
          1,
          async (/** @type {number} */ item, /** @type {unknown[]} */ ...rest) => await given.call(item, ...rest),
        );
        return given.seen;
      },
      "mapLimit",
    ),
    subject("fastq", NONE, async () => {
      const given = new Given();
      const { default: fastq } = await import("fastq");
      await fastq.promise(given.call, 1).push(1);
      return given.seen;
    }),
    subject(
      "abort-controller-x",
      HANDED,
      async () => {
        const given = new Given();
        const { retry } = await import("abort-controller-x");
        await retry(new AbortController().signal, given.call);
        return given.seen;
      },
      "retry",
    ),
    subject(
      "effect",
      HANDED,
      async () => {
        const given = new Given();
        const { Effect } = await import("effect");
        await Effect.runPromise(Effect.promise(given.call));
        return given.seen;
      },
      "Effect.promise",
    ),
    subject(
      "holdfast",
      HANDED,
      async () => {
        const given = new Given();
        const { map } = await import("holdfast");
        await map([1], given.call, { concurrency: 1 });
        return given.seen;
      },
      "map",
    ),
  ],
};
