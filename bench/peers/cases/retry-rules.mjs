// @ts-check
import { AT_ONCE, countCalls, failure, pause, rejectionOf, subject } from "../probe.mjs";

/** @import { PeerCase } from "../types.d.ts" */

/** @type {PeerCase} */
export const typeError = {
  name: "type-error",
  title: "A call that throws a TypeError",
  about: "It may be a bug in the program, or a fetch that found no network. Is it tried again, unless told otherwise?",
  complaints: [11],
  test: ["complaints/retry.test.ts", "a TypeError is, a bug in the program is not, and the rule can be replaced"],
  subjects: [
    subject("p-retry", "1 call", async () => {
      const { default: pRetry } = await import("p-retry");
      return await countCalls((run) =>
        pRetry(() => run().catch(() => Promise.reject(new TypeError("x is undefined"))), { retries: 3, minTimeout: 1 }),
      );
    }),
    subject(
      "cockatiel",
      "4 calls",
      async () => {
        const { retry, handleAll, ConstantBackoff } = await import("cockatiel");
        const policy = retry(handleAll, { maxAttempts: 3, backoff: new ConstantBackoff(1) });
        return await countCalls((run) =>
          policy.execute(() => run().catch(() => Promise.reject(new TypeError("x is undefined")))),
        );
      },
      "handleAll",
    ),
    subject("holdfast", "4 calls", async () => {
      const { retry } = await import("holdfast");
      return await countCalls((run) =>
        retry(() => run().catch(() => Promise.reject(new TypeError("x is undefined"))), { retries: 3, baseDelay: 1 }),
      );
    }),
  ],
};

/** @type {PeerCase} */
export const stop = {
  name: "stop",
  title: "A call says that it must not be tried again",
  about: "In the library's own way.",
  complaints: [11],
  test: ["complaints/retry.test.ts", "nothing after a StopRetry, and its error itself is thrown"],
  subjects: [
    subject(
      "async-retry",
      "1 call",
      async () => {
        const { default: retry } = await import("async-retry");
        return await countCalls((run) =>
          retry(
            async (bail) => {
              await run().catch(bail);
            },
            { retries: 3, minTimeout: 1 },
          ),
        );
      },
      "bail, and return",
    ),
    subject(
      "async-retry",
      "4 calls",
      async () => {
        const { default: retry } = await import("async-retry");
        let calls = 0;
        await rejectionOf(
          retry(
            async (bail) => {
              calls++;
              bail(failure);
              throw failure;
            },
            { retries: 3, minTimeout: 1 },
          ),
        );
        await pause(AT_ONCE);
        return calls === 1 ? "1 call" : `${calls} calls`;
      },
      "bail, and throw",
    ),
    subject(
      "p-retry",
      "1 call",
      async () => {
        const { default: pRetry, AbortError } = await import("p-retry");
        return await countCalls((run) =>
          pRetry(() => run().catch(() => Promise.reject(new AbortError(failure))), { retries: 3, minTimeout: 1 }),
        );
      },
      "AbortError",
    ),
    subject(
      "holdfast",
      "1 call",
      async () => {
        const { retry, StopRetry } = await import("holdfast");
        return await countCalls((run) =>
          retry(() => run().catch(() => Promise.reject(new StopRetry(failure))), { retries: 3, baseDelay: 1 }),
        );
      },
      "StopRetry",
    ),
  ],
};

/** Whether the wait that a server asked for (1 x) takes the place of the library's own (3 x), or comes on top of it. @param {(run: (attempt: number) => Promise<number>, asked: number, own: number) => PromiseLike<unknown>} call */
async function judgeDelay(call) {
  const began = performance.now();
  let calls = 0;
  await call(
    async () => {
      if (++calls === 1) throw failure;
      return calls;
    },
    AT_ONCE,
    AT_ONCE * 3,
  );
  const took = performance.now() - began;
  return took < AT_ONCE * 2
    ? "takes the place of the backoff"
    : took < AT_ONCE * 3.5
      ? "is ignored"
      : "comes on top of the backoff";
}

/** @type {PeerCase} */
export const askedDelay = {
  name: "asked-delay",
  title: "The server says how long to wait",
  about: "A Retry-After, in the way that the library offers for it.",
  complaints: [10],
  test: ["complaints/retry.test.ts", "is not added to the computed delay"],
  subjects: [
    subject(
      "p-retry",
      "comes on top of the backoff",
      async () => {
        const { default: pRetry } = await import("p-retry");
        return await judgeDelay((run, asked, own) =>
          pRetry(run, { minTimeout: own, onFailedAttempt: () => pause(asked) }),
        );
      },
      "await in onFailedAttempt",
    ),
    subject(
      "cockatiel",
      "takes the place of the backoff",
      async () => {
        const { retry, handleAll, DelegateBackoff } = await import("cockatiel");
        return await judgeDelay((run, asked) => {
          const policy = retry(handleAll, { maxAttempts: 3, backoff: new DelegateBackoff(() => asked) });
          return policy.execute(({ attempt }) => run(attempt));
        });
      },
      "DelegateBackoff",
    ),
    subject(
      "holdfast",
      "takes the place of the backoff",
      async () => {
        const { retry } = await import("holdfast");
        return await judgeDelay((run, asked, own) =>
          retry(({ attempt }) => run(attempt), { baseDelay: own, jitter: "none", delay: () => asked }),
        );
      },
      "delay",
    ),
  ],
};
