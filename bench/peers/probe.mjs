// @ts-check
/** What probes are made of: waiting, and saying in a few words what was seen. Times are far enough apart for a busy machine. */
import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds until something is to happen. */
export const SOON = 30;
/** Milliseconds within which what happens at once has happened. */
export const AT_ONCE = 200;
/** Milliseconds of work, and of delays, that nobody waits for who stops at once. */
export const LONG = 600;

export const reason = new Error("the caller's reason");
export const failure = new Error("failure");

/** @param {number} ms @returns {Promise<void>} */
export async function pause(ms) {
  await wait(ms);
}

/** Resolves after `ms`, rejects with the reason when `signal` aborts. @param {number} ms @param {AbortSignal} [signal] @returns {Promise<void>} */
export function pauseUnder(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** A signal that aborts with {@link reason} after {@link SOON}. */
export function abortSoon() {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), SOON);
  return controller.signal;
}

/** @returns {Promise<never>} */
export function hang() {
  return new Promise(() => {});
}

/**
 * @param {PromiseLike<unknown>} promise
 * @returns {Promise<unknown>} what it rejects with
 */
export async function rejectionOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it resolved");
}

/**
 * What has become of it after `ms`, or before.
 * @param {PromiseLike<unknown>} promise
 * @param {number} ms
 * @returns {Promise<{ state: "pending" } | { state: "resolved", value: unknown } | { state: "rejected", error: unknown }>}
 */
export async function outcomeWithin(promise, ms) {
  const timer = new AbortController();
  try {
    return await Promise.race([
      Promise.resolve(promise).then(
        (value) => ({ state: /** @type {const} */ ("resolved"), value }),
        (/** @type {unknown} */ error) => ({ state: /** @type {const} */ ("rejected"), error }),
      ),
      wait(ms, { state: /** @type {const} */ ("pending") }, { signal: timer.signal }),
    ]);
  } finally {
    timer.abort();
  }
}

/** @param {unknown} error */
export function nameOf(error) {
  return error instanceof Error ? error.name : typeof error;
}

/** With its article. @param {string} noun */
export function a(noun) {
  return `${/^[aeiou]/iu.test(noun) ? "an" : "a"} ${noun}`;
}

/** What was thrown, where it should be {@link reason}. @param {unknown} error */
export function whatWasThrown(error) {
  return error === reason ? "with the caller's reason" : `with ${a(nameOf(error))} of its own`;
}

/** The subject's own result, as the probe of its kind describes it. @param {string} name @param {string} claim @param {() => Promise<string>} run @param {string} [way] */
export function subject(name, claim, run, way) {
  return { package: name, way, claim, run };
}

/** How often it calls what always fails. @param {(run: () => Promise<never>) => PromiseLike<unknown>} call */
export async function countCalls(call) {
  let calls = 0;
  await rejectionOf(
    call(() => {
      calls++;
      return Promise.reject(failure);
    }),
  );
  return calls === 1 ? "1 call" : `${calls} calls`;
}
