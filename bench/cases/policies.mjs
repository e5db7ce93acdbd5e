// @ts-check
import { timed } from "../measure.mjs";
import { expectSame } from "./expect.mjs";
import { fasterThan } from "./goals.mjs";

/** @import { Case, Subject } from "../types.d.ts" */

/** How often it was called: a call that was refused, left out or made twice shows. */
let calls = 0;

async function call() {
  calls += 1;
  return 1;
}

/**
 * `n` calls, one after the other.
 * @param {number} n
 * @param {() => PromiseLike<number>} once
 */
function inSequence(n, once) {
  return async () => {
    calls = 0;
    let sum = 0;
    for (let count = 0; count < n; count += 1) sum += await once();
    expectSame(calls, n);
    return sum;
  };
}

/**
 * @param {string} name
 * @param {string | undefined} peer
 * @param {() => Promise<() => PromiseLike<number>>} prepare
 * @returns {Subject}
 */
function subject(name, peer, prepare) {
  return { name, package: peer, prepare: async (n) => inSequence(n, await prepare()) };
}

const common = {
  unit: /** @type {const} */ ("ns"),
  per: "call",
  n: 100_000,
  quickN: 1_000,
  baseline: "bare await",
  measure: timed((result, n) => expectSame(result, n)),
};
const bareAwait = subject("bare await", undefined, async () => call);

/** @type {Case} */
export const circuitBreaker = {
  ...common,
  name: "circuit-breaker",
  title: "A circuit breaker around a call that succeeds",
  about:
    "Closed, as it is all but a few minutes of the year. Half of the last hundred calls, or of the last ten seconds, may fail.",
  subjects: [
    bareAwait,
    subject("holdfast, last 100 calls", "holdfast", async () => {
      const { circuitBreaker: breakerOf } = await import("holdfast/policy");
      const breaker = breakerOf({ failureRatio: 0.5, window: { calls: 100 }, openFor: 10_000 });
      return () => breaker.run(call);
    }),
    subject("holdfast, last 10 s", "holdfast", async () => {
      const { circuitBreaker: breakerOf } = await import("holdfast/policy");
      const breaker = breakerOf({ failureRatio: 0.5, window: { ms: 10_000 }, openFor: 10_000 });
      return () => breaker.run(call);
    }),
    subject("cockatiel, last 100 calls", "cockatiel", async () => {
      const { circuitBreaker: breakerOf, CountBreaker, handleAll } = await import("cockatiel");
      const breaker = new CountBreaker({ threshold: 0.5, size: 100 });
      const policy = breakerOf(handleAll, { halfOpenAfter: 10_000, breaker });
      return () => policy.execute(call);
    }),
    subject("cockatiel, last 10 s", "cockatiel", async () => {
      const { circuitBreaker: breakerOf, handleAll, SamplingBreaker } = await import("cockatiel");
      const breaker = new SamplingBreaker({ threshold: 0.5, duration: 10_000 });
      const policy = breakerOf(handleAll, { halfOpenAfter: 10_000, breaker });
      return () => policy.execute(call);
    }),
    subject("opossum, last 10 s", "opossum", async () => {
      const { default: CircuitBreaker } = await import("opossum");
      const breaker = new CircuitBreaker(call, { timeout: false, errorThresholdPercentage: 50, resetTimeout: 10_000 });
      // Its timers would hold the process.
      return () => breaker.fire();
    }),
  ],
  goals: [
    fasterThan("holdfast, last 100 calls", "cockatiel, last 100 calls"),
    fasterThan("holdfast, last 10 s", "cockatiel, last 10 s"),
    fasterThan("holdfast, last 10 s", "opossum, last 10 s"),
  ],
};

/** @type {Case} */
export const bulkhead = {
  ...common,
  // bottleneck starts every call by a timer: a millisecond each.
  n: 2_000,
  quickN: 200,
  name: "bulkhead",
  title: "A limit of ten at a time around a call that finds a place",
  about: "One call after the other, so nobody ever waits.",
  subjects: [
    bareAwait,
    subject("holdfast, bulkhead", "holdfast", async () => {
      const { bulkhead: bulkheadOf } = await import("holdfast/policy");
      const policy = bulkheadOf({ concurrency: 10, maxQueue: 100 });
      return () => policy.run(call);
    }),
    subject("holdfast, Semaphore", "holdfast", async () => {
      const { Semaphore } = await import("holdfast/sync");
      const semaphore = new Semaphore(10);
      return () => semaphore.run(call);
    }),
    subject("cockatiel", "cockatiel", async () => {
      const { bulkhead: bulkheadOf } = await import("cockatiel");
      const policy = bulkheadOf(10, 100);
      return () => policy.execute(call);
    }),
    subject("p-limit", "p-limit", async () => {
      const { default: pLimit } = await import("p-limit");
      const limit = pLimit(10);
      return () => limit(call);
    }),
    subject("bottleneck", "bottleneck", async () => {
      const { default: Bottleneck } = await import("bottleneck");
      const limiter = new Bottleneck({ maxConcurrent: 10, highWater: 100 });
      return () => limiter.schedule(call);
    }),
  ],
  goals: [
    fasterThan("holdfast, bulkhead", "cockatiel"),
    fasterThan("holdfast, bulkhead", "p-limit"),
    fasterThan("holdfast, bulkhead", "bottleneck"),
  ],
};

/** @type {Case} */
export const rateLimit = {
  ...common,
  // bottleneck starts every call by a timer: a millisecond each.
  n: 2_000,
  quickN: 200,
  name: "rate-limit",
  title: "A rate limit around a call that is within it",
  about: "Ten million calls a second are allowed, so that nobody ever waits.",
  subjects: [
    bareAwait,
    subject("holdfast, token bucket", "holdfast", async () => {
      const { rateLimit: limitOf } = await import("holdfast/policy");
      const policy = limitOf({ limit: 10_000_000, interval: 1_000 });
      return () => policy.run(call);
    }),
    subject("holdfast, sliding window", "holdfast", async () => {
      const { rateLimit: limitOf } = await import("holdfast/policy");
      const policy = limitOf({ limit: 10_000_000, interval: 1_000, algorithm: "sliding-window" });
      return () => policy.run(call);
    }),
    subject("bottleneck, reservoir", "bottleneck", async () => {
      const { default: Bottleneck } = await import("bottleneck");
      const limiter = new Bottleneck({ reservoir: 1_000_000_000 });
      return () => limiter.schedule(call);
    }),
    subject("p-throttle", "p-throttle", async () => {
      const { default: pThrottle } = await import("p-throttle");
      return pThrottle({ limit: 10_000_000, interval: 1_000 })(call);
    }),
  ],
  goals: [
    fasterThan("holdfast, token bucket", "bottleneck, reservoir"),
    fasterThan("holdfast, token bucket", "p-throttle"),
  ],
};

/** @type {Case} */
export const pipeline = {
  ...common,
  name: "pipeline",
  title: "Retry, circuit breaker, bulkhead and timeout around a call that succeeds",
  about: "All of it together, as a service puts it around an upstream.",
  subjects: [
    bareAwait,
    subject("holdfast", "holdfast", async () => {
      const { pipeline: pipelineOf } = await import("holdfast/policy");
      const policy = pipelineOf({
        retry: { retries: 3 },
        circuitBreaker: { failureRatio: 0.5, window: { calls: 100 }, openFor: 10_000 },
        bulkhead: { concurrency: 10, maxQueue: 100 },
        timeout: 5_000,
      });
      return () => policy.run(call);
    }),
    subject("cockatiel", "cockatiel", async () => {
      const cockatiel = await import("cockatiel");
      const { handleAll, TimeoutStrategy } = cockatiel;
      const policy = cockatiel.wrap(
        cockatiel.retry(handleAll, { maxAttempts: 3, backoff: new cockatiel.ExponentialBackoff() }),
        cockatiel.circuitBreaker(handleAll, {
          halfOpenAfter: 10_000,
          breaker: new cockatiel.CountBreaker({ threshold: 0.5, size: 100 }),
        }),
        cockatiel.bulkhead(10, 100),
        cockatiel.timeout(5_000, TimeoutStrategy.Aggressive),
      );
      return () => policy.execute(call);
    }),
  ],
  goals: [fasterThan("holdfast", "cockatiel")],
};
