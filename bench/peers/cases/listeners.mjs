// @ts-check
import { getEventListeners } from "node:events";
import { AT_ONCE, pause, SOON, subject } from "../probe.mjs";

/** @import { PeerCase } from "../types.d.ts" */

/** @param {(signal: AbortSignal) => PromiseLike<unknown>} call */
async function judgeListeners(call) {
  const { signal } = new AbortController();
  for (let count = 0; count < 100; count++) await call(signal);
  const left = getEventListeners(signal, "abort").length;
  return left === 0 ? "none" : left >= 100 ? "one for each call" : "some";
}

/** @param {(signal: AbortSignal) => PromiseLike<unknown>} call */
async function judgeListenersAtATime(call) {
  const { signal } = new AbortController();
  const calls = Array.from({ length: 20 }, () => call(signal));
  await pause(SOON);
  const now = getEventListeners(signal, "abort").length;
  await Promise.all(calls);
  return now <= 1 ? "one for all" : now >= 20 ? "at least one for each" : "some";
}

/** @type {PeerCase} */
export const listenersLeft = {
  name: "listeners-left",
  title: "A hundred calls, one after the other, under one signal: which listeners are left on it",
  about: "A signal that lives as long as the program, for shutdown say, must not remember every call.",
  complaints: [1, 7],
  test: ["complaints/tasks.test.ts", "a thousand calls under it leave nothing on it"],
  subjects: [
    subject("p-map", "none", async () => {
      const { default: pMap } = await import("p-map");
      return await judgeListeners((signal) => pMap([1], (item) => item, { signal }));
    }),
    subject("p-retry", "none", async () => {
      const { default: pRetry } = await import("p-retry");
      return await judgeListeners((signal) => pRetry(() => 1, { signal }));
    }),
    subject("p-timeout", "none", async () => {
      const { default: pTimeout } = await import("p-timeout");
      return await judgeListeners((signal) => pTimeout(Promise.resolve(1), { milliseconds: 1_000, signal }));
    }),
    subject("p-queue", "none", async () => {
      const { default: PQueue } = await import("p-queue");
      const queue = new PQueue();
      return await judgeListeners((signal) => queue.add(() => 1, { signal }));
    }),
    subject(
      "cockatiel",
      "none",
      async () => {
        const { timeout, TimeoutStrategy } = await import("cockatiel");
        const policy = timeout(1_000, TimeoutStrategy.Aggressive);
        return await judgeListeners((signal) => policy.execute(() => 1, signal));
      },
      "timeout",
    ),
    subject("better-all", "none", async () => {
      const { all } = await import("better-all");
      return await judgeListeners((signal) => all({ first: async () => 1 }, { signal }));
    }),
    subject("effect", "none", async () => {
      const { Effect } = await import("effect");
      return await judgeListeners((signal) =>
        Effect.runPromise(
          Effect.promise(async () => 1),
          { signal },
        ),
      );
    }),
    subject(
      "holdfast",
      "none",
      async () => {
        const { timeout } = await import("holdfast");
        return await judgeListeners((signal) => timeout(1_000, () => 1, { signal }));
      },
      "timeout",
    ),
  ],
};

/** @type {PeerCase} */
export const listenersAtATime = {
  name: "listeners-at-a-time",
  title: "Twenty calls at the same time under one signal: how many listeners are on it",
  about: "Node warns of a leak from the eleventh on, and each takes its time when the signal aborts.",
  complaints: [7],
  test: ["complaints/tasks.test.ts", "a hundred calls at a time put one listener on it, not a hundred"],
  subjects: [
    subject("p-timeout", "at least one for each", async () => {
      const { default: pTimeout } = await import("p-timeout");
      return await judgeListenersAtATime((signal) => pTimeout(pause(AT_ONCE), { milliseconds: 1_000, signal }));
    }),
    subject("p-retry", "at least one for each", async () => {
      const { default: pRetry } = await import("p-retry");
      return await judgeListenersAtATime((signal) =>
        pRetry(
          async (attempt) => {
            if (attempt === 1) throw new Error("again");
          },
          { minTimeout: AT_ONCE, signal },
        ),
      );
    }),
    subject(
      "cockatiel",
      "at least one for each",
      async () => {
        const { timeout, TimeoutStrategy } = await import("cockatiel");
        const policy = timeout(1_000, TimeoutStrategy.Aggressive);
        return await judgeListenersAtATime((signal) => policy.execute(() => pause(AT_ONCE), signal));
      },
      "timeout",
    ),
    subject("effect", "at least one for each", async () => {
      const { Effect } = await import("effect");
      return await judgeListenersAtATime((signal) => Effect.runPromise(Effect.sleep(AT_ONCE), { signal }));
    }),
    subject(
      "holdfast",
      "one for all",
      async () => {
        const { timeout } = await import("holdfast");
        return await judgeListenersAtATime((signal) => timeout(1_000, ({ sleep }) => sleep(AT_ONCE), { signal }));
      },
      "timeout",
    ),
  ],
};
