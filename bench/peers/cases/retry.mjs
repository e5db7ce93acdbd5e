// @ts-check
import {
  a,
  abortSoon,
  AT_ONCE,
  countCalls,
  failure,
  LONG,
  nameOf,
  outcomeWithin,
  pause,
  pauseUnder,
  reason,
  rejectionOf,
  SOON,
  subject,
} from "../probe.mjs";

/** @import { PeerCase } from "../types.d.ts" */

const AT_ONCE_WITH_REASON = "ends at once, with the caller's reason";

/** What somebody writes who expects the option everywhere. @template {object} O @param {O} options @param {AbortSignal} signal @returns {O} */
function withSignal(options, signal) {
  return { ...options, signal };
}

/** @param {(run: () => Promise<never>, signal: AbortSignal) => PromiseLike<unknown>} call */
async function judgeAbort(call) {
  const run = () => Promise.reject(failure);
  const began = performance.now();
  const error = await rejectionOf(call(run, abortSoon()));
  const what = error === reason ? "the caller's reason" : error === failure ? "the old error" : a(nameOf(error));
  return performance.now() - began < AT_ONCE ? `ends at once, with ${what}` : `sleeps on, then throws ${what}`;
}

/** @type {PeerCase} */
export const abortInBackoff = {
  name: "abort-in-backoff",
  title: "The caller aborts while a retry waits for its next attempt",
  about: "A shutdown should not have to wait for half a minute of backoff.",
  complaints: [9],
  test: ["complaints/retry.test.ts", "wakes a backoff sleep at once, and its reason is thrown"],
  subjects: [
    subject("cockatiel", "sleeps on, then throws the old error", async () => {
      const { retry, handleAll, ConstantBackoff } = await import("cockatiel");
      const policy = retry(handleAll, { maxAttempts: 3, backoff: new ConstantBackoff(LONG) });
      return await judgeAbort((run, signal) => policy.execute(run, signal));
    }),
    subject("p-retry", AT_ONCE_WITH_REASON, async () => {
      const { default: pRetry } = await import("p-retry");
      return await judgeAbort((run, signal) => pRetry(run, { minTimeout: LONG, signal }));
    }),
    subject("abort-controller-x", AT_ONCE_WITH_REASON, async () => {
      const { retry } = await import("abort-controller-x");
      return await judgeAbort((run, signal) => retry(signal, run, { baseMs: LONG }));
    }),
    subject("effect", "ends at once, with an Error", async () => {
      const { Effect, Schedule } = await import("effect");
      return await judgeAbort((run, signal) =>
        Effect.runPromise(Effect.retry(Effect.tryPromise(run), Schedule.spaced(LONG)), { signal }),
      );
    }),
    subject(
      "async-retry",
      "sleeps on, then throws the old error",
      async () => {
        const { default: retry } = await import("async-retry");
        return await judgeAbort((run, signal) => retry(run, withSignal({ retries: 1, minTimeout: LONG }, signal)));
      },
      "has no such option",
    ),
    subject(
      "exponential-backoff",
      "sleeps on, then throws the old error",
      async () => {
        const { backOff } = await import("exponential-backoff");
        return await judgeAbort((run, signal) =>
          backOff(run, withSignal({ numOfAttempts: 2, startingDelay: LONG }, signal)),
        );
      },
      "has no such option",
    ),
    subject(
      "async",
      "sleeps on, then throws the old error",
      async () => {
        const { default: async } = await import("async");
        return await judgeAbort((run, signal) =>
          async.retry(withSignal({ times: 2, interval: LONG }, signal), async () => await run()),
        );
      },
      "has no such option",
    ),
    subject("holdfast", AT_ONCE_WITH_REASON, async () => {
      const { retry } = await import("holdfast");
      return await judgeAbort((run, signal) => retry(run, { baseDelay: LONG, jitter: "none", signal }));
    }),
  ],
};

/** @type {PeerCase} */
export const three = {
  name: "three",
  title: "What the number 3 means",
  about: "A call that always fails, with the library's own option for how often set to 3.",
  complaints: [],
  test: ["complaints/retry.test.ts", "is of the calls after the first; the first attempt is 1"],
  subjects: [
    subject(
      "p-retry",
      "4 calls",
      async () => {
        const { default: pRetry } = await import("p-retry");
        return await countCalls((run) => pRetry(run, { retries: 3, minTimeout: 1 }));
      },
      "retries",
    ),
    subject(
      "async-retry",
      "4 calls",
      async () => {
        const { default: retry } = await import("async-retry");
        return await countCalls((run) => retry(run, { retries: 3, minTimeout: 1 }));
      },
      "retries",
    ),
    subject(
      "cockatiel",
      "4 calls",
      async () => {
        const { retry, handleAll, ConstantBackoff } = await import("cockatiel");
        const policy = retry(handleAll, { maxAttempts: 3, backoff: new ConstantBackoff(1) });
        return await countCalls((run) => policy.execute(run));
      },
      "maxAttempts",
    ),
    subject(
      "abort-controller-x",
      "4 calls",
      async () => {
        const { retry } = await import("abort-controller-x");
        return await countCalls((run) => retry(new AbortController().signal, run, { maxAttempts: 3, baseMs: 1 }));
      },
      "maxAttempts",
    ),
    subject(
      "effect",
      "4 calls",
      async () => {
        const { Effect } = await import("effect");
        return await countCalls((run) => Effect.runPromise(Effect.retry(Effect.tryPromise(run), { times: 3 })));
      },
      "times",
    ),
    subject(
      "exponential-backoff",
      "3 calls",
      async () => {
        const { backOff } = await import("exponential-backoff");
        return await countCalls((run) => backOff(run, { numOfAttempts: 3, startingDelay: 1 }));
      },
      "numOfAttempts",
    ),
    subject(
      "async",
      "3 calls",
      async () => {
        const { default: async } = await import("async");
        return await countCalls((run) => async.retry({ times: 3, interval: 1 }, async () => await run()));
      },
      "times",
    ),
    subject(
      "holdfast",
      "4 calls",
      async () => {
        const { retry } = await import("holdfast");
        return await countCalls((run) => retry(run, { retries: 3, baseDelay: 1 }));
      },
      "retries",
    ),
  ],
};

const NONE_AFTER = "no attempt comes after it";
const MORE_AFTER = "attempts come after it";

/** @param {(run: () => Promise<never>) => PromiseLike<unknown>} call */
async function judgeAfter(call) {
  let calls = 0;
  await rejectionOf(
    call(() => {
      calls++;
      return Promise.reject(failure);
    }),
  );
  const before = calls;
  await pause(LONG);
  return calls === before ? NONE_AFTER : MORE_AFTER;
}

/** @type {PeerCase} */
export const outerTimeout = {
  name: "outer-timeout",
  title: "A timeout around a retry runs out while that waits",
  about: "The caller has gone. Who is still being called?",
  complaints: [19],
  test: ["complaints/retry.test.ts", "leaves no further attempt after it"],
  subjects: [
    subject("cockatiel", MORE_AFTER, async () => {
      const { wrap, timeout, retry, handleAll, ConstantBackoff, TimeoutStrategy } = await import("cockatiel");
      const again = retry(handleAll, { maxAttempts: 5, backoff: new ConstantBackoff(AT_ONCE) });
      const policy = wrap(timeout(SOON, TimeoutStrategy.Aggressive), again);
      return await judgeAfter((run) => policy.execute(run));
    }),
    subject(
      "p-timeout",
      MORE_AFTER,
      async () => {
        const { default: pTimeout } = await import("p-timeout");
        const { default: pRetry } = await import("p-retry");
        return await judgeAfter((run) => pTimeout(pRetry(run, { minTimeout: AT_ONCE }), { milliseconds: SOON }));
      },
      "around p-retry",
    ),
    subject("effect", NONE_AFTER, async () => {
      const { Effect, Schedule } = await import("effect");
      return await judgeAfter((run) =>
        Effect.runPromise(Effect.timeout(Effect.retry(Effect.tryPromise(run), Schedule.spaced(AT_ONCE)), SOON)),
      );
    }),
    subject(
      "holdfast",
      NONE_AFTER,
      async () => {
        const { pipeline } = await import("holdfast");
        const policy = pipeline({ totalTimeout: SOON, retry: { baseDelay: AT_ONCE, jitter: "none" } });
        return await judgeAfter((run) => policy.run(run));
      },
      "pipeline",
    ),
  ],
};

const STOPS = "ends it";
const LETS_GO_ON = "waits for it to end by itself";

/** @type {PeerCase} */
export const totalLimit = {
  name: "total-limit",
  title: "The limit for all attempts together runs out while one of them runs",
  about:
    "The library's own option. A limit that only keeps the next attempt from starting is none for a call that hangs.",
  complaints: [9],
  test: ["complaints/retry.test.ts", "ends an attempt that runs, not only the next one"],
  subjects: [
    subject(
      "p-retry",
      LETS_GO_ON,
      async () => {
        const { default: pRetry } = await import("p-retry");
        const { state } = await outcomeWithin(
          pRetry(() => pause(LONG), { maxRetryTime: SOON }),
          AT_ONCE,
        );
        return state === "pending" ? LETS_GO_ON : STOPS;
      },
      "maxRetryTime",
    ),
    subject(
      "async-retry",
      LETS_GO_ON,
      async () => {
        const { default: retry } = await import("async-retry");
        const { state } = await outcomeWithin(
          retry(() => pause(LONG), { maxRetryTime: SOON }),
          AT_ONCE,
        );
        return state === "pending" ? LETS_GO_ON : STOPS;
      },
      "maxRetryTime",
    ),
    subject(
      "holdfast",
      STOPS,
      async () => {
        const { retry } = await import("holdfast");
        const call = retry(({ signal }) => pauseUnder(LONG, signal), { totalTimeout: SOON });
        const { state } = await outcomeWithin(call, AT_ONCE);
        return state === "pending" ? LETS_GO_ON : STOPS;
      },
      "totalTimeout",
    ),
  ],
};
