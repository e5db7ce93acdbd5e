// @ts-check
import {
  a,
  AT_ONCE,
  failure,
  hang,
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

const fail = () => Promise.reject(failure);

/** @type {PeerCase} */
export const sharedAbort = {
  name: "shared-abort",
  title: "Two calls through one breaker, and the first runs out of time: what becomes of the second",
  about: "Both take the breaker's signal, where it has one.",
  complaints: [15],
  test: ["complaints/policies.test.ts", "an abort of one of them leaves the others alone, and the next one works"],
  subjects: [
    subject(
      "opossum",
      "is aborted with it",
      async () => {
        const { default: CircuitBreaker } = await import("opossum");
        const abortController = new AbortController();
        const { signal } = abortController;
        const breaker = new CircuitBreaker((/** @type {number} */ ms) => pauseUnder(ms, signal), {
          timeout: AT_ONCE,
          abortController,
          volumeThreshold: 100,
        });
        const slow = rejectionOf(breaker.fire(LONG));
        await pause(AT_ONCE / 2);
        const other = outcomeWithin(breaker.fire(AT_ONCE * 0.75), LONG);
        await slow;
        return (await other).state === "resolved" ? "goes on" : "is aborted with it";
      },
      "abortController",
    ),
    subject("cockatiel", "goes on", async () => {
      const { circuitBreaker, timeout, wrap, handleAll, ConsecutiveBreaker, TimeoutStrategy } =
        await import("cockatiel");
      const breaker = circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(100) });
      const policy = wrap(breaker, timeout(AT_ONCE, TimeoutStrategy.Aggressive));
      const slow = rejectionOf(policy.execute(({ signal }) => pauseUnder(LONG, signal)));
      await pause(AT_ONCE / 2);
      const other = outcomeWithin(
        policy.execute(({ signal }) => pauseUnder(AT_ONCE * 0.75, signal)),
        LONG,
      );
      await slow;
      return (await other).state === "resolved" ? "goes on" : "is aborted with it";
    }),
    subject("holdfast", "goes on", async () => {
      const { pipeline } = await import("holdfast");
      const policy = pipeline({ circuitBreaker: { consecutiveFailures: 100, openFor: 10_000 }, timeout: AT_ONCE });
      const slow = rejectionOf(policy.run(({ sleep }) => sleep(LONG)));
      await pause(AT_ONCE / 2);
      const other = outcomeWithin(
        policy.run(({ sleep }) => sleep(AT_ONCE * 0.75)),
        LONG,
      );
      await slow;
      return (await other).state === "resolved" ? "goes on" : "is aborted with it";
    }),
  ],
};

/** @param {() => unknown} make */
function judgeTimers(make) {
  let timers = 0;
  const { setTimeout, setInterval } = globalThis;
  globalThis.setTimeout = counting(setTimeout);
  globalThis.setInterval = counting(setInterval);
  const made = Array.from({ length: 100 }, make);
  Object.assign(globalThis, { setTimeout, setInterval });
  return made.length === 100 && timers === 0 ? "none" : timers >= 100 ? "at least one for each" : "some";

  /** @template {object} F @param {F} start @returns {F} */
  function counting(start) {
    return new Proxy(start, {
      apply: (target, self, given) => {
        timers++;
        return Reflect.apply(/** @type {Function} */ (/** @type {unknown} */ (target)), self, given);
      },
    });
  }
}

/** @type {PeerCase} */
export const breakerTimers = {
  name: "breaker-timers",
  title: "A hundred breakers that nobody has called: how many timers they have started",
  about: "Each costs memory and wakes the process, though nothing is called.",
  complaints: [16],
  test: ["complaints/policies.test.ts", "has no timers, open or closed, however many there are"],
  subjects: [
    subject("opossum", "at least one for each", async () => {
      const { default: CircuitBreaker } = await import("opossum");
      return judgeTimers(() => new CircuitBreaker(fail));
    }),
    subject("cockatiel", "none", async () => {
      const { circuitBreaker, handleAll, SamplingBreaker } = await import("cockatiel");
      return judgeTimers(() =>
        circuitBreaker(handleAll, {
          halfOpenAfter: 10_000,
          breaker: new SamplingBreaker({ threshold: 0.5, duration: 1_000 }),
        }),
      );
    }),
    subject("holdfast", "none", async () => {
      const { circuitBreaker } = await import("holdfast");
      return judgeTimers(() => circuitBreaker({ failureRatio: 0.5, window: { ms: 1_000 }, openFor: 10_000 }));
    }),
  ],
};

/** @type {PeerCase} */
export const refusal = {
  name: "refusal",
  title: "What an open breaker refuses a call with",
  about: "Whether a program can tell it from other errors, and when it may come back.",
  complaints: [16],
  test: ["complaints/policies.test.ts", "what it refuses with has a class, a code, and says when to come back"],
  subjects: [
    subject("opossum", "an Error with the code EOPENBREAKER", async () => {
      const { default: CircuitBreaker } = await import("opossum");
      const breaker = new CircuitBreaker(fail, { volumeThreshold: 1 });
      await rejectionOf(breaker.fire());
      return described(await rejectionOf(breaker.fire()));
    }),
    subject("cockatiel", "an Error of class BrokenCircuitError", async () => {
      const { circuitBreaker, handleAll, ConsecutiveBreaker } = await import("cockatiel");
      const breaker = circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(1) });
      await rejectionOf(breaker.execute(fail));
      return described(await rejectionOf(breaker.execute(fail)));
    }),
    subject("holdfast", "a CircuitOpenError with the code ERR_CIRCUIT_OPEN, and when to come back", async () => {
      const { circuitBreaker } = await import("holdfast");
      const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 10_000 });
      await rejectionOf(breaker.run(fail));
      return described(await rejectionOf(breaker.run(fail)));
    }),
  ],
};

/** @param {unknown} error */
function described(error) {
  const { code, retryAfter } = Object(error);
  const own = Object(error).constructor.name;
  const ofClass = own === nameOf(error) ? "" : ` of class ${own}`;
  const withCode = code === undefined ? "" : ` with the code ${code}`;
  return `${a(nameOf(error))}${ofClass}${withCode}${typeof retryAfter === "number" ? ", and when to come back" : ""}`;
}

const FREED = "its place in the queue is free, and the next call is made";
const KEPT = "it keeps its place in the queue";

/**
 * One runs, one waits and is aborted, one comes after it.
 * @param {(run: () => Promise<unknown>, signal?: AbortSignal) => PromiseLike<unknown>} call under a limit of one at a time, with a queue of one
 */
async function judgeQueue(call) {
  let isCalled = false;
  const controller = new AbortController();
  const first = call(() => pause(AT_ONCE));
  const aborted = outcomeWithin(
    call(async () => {}, controller.signal),
    AT_ONCE / 2,
  );
  await pause(SOON);
  controller.abort(reason);
  await aborted;
  const last = outcomeWithin(
    call(async () => {
      isCalled = true;
    }),
    LONG,
  );
  await first;
  await last;
  return isCalled ? FREED : KEPT;
}

/** @type {PeerCase} */
export const abortedInQueue = {
  name: "aborted-in-queue",
  title: "A call that waits for its place in a bulkhead is aborted",
  about: "One place, a queue of one. Can another call wait then?",
  complaints: [5],
  test: ["complaints/policies.test.ts", "a call that is aborted while it waits holds no place: the next one is called"],
  subjects: [
    subject("cockatiel", KEPT, async () => {
      const { bulkhead } = await import("cockatiel");
      const policy = bulkhead(1, 1);
      return await judgeQueue((run, signal) => policy.execute(run, signal));
    }),
    subject("holdfast", FREED, async () => {
      const { bulkhead } = await import("holdfast");
      const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
      return await judgeQueue((run, signal) => policy.run(run, { signal }));
    }),
  ],
};

const RECOVERS = "lets another one through after the same time";
const STUCK = "refuses everything from then on";
const WAITS = "lets everything after it wait for it, for ever";

/**
 * Opens it, waits until it is half-open, lets the probe hang, waits again, and sees.
 * @param {(run: () => Promise<unknown>) => PromiseLike<unknown>} call
 */
async function judgeHungProbe(call) {
  await rejectionOf(call(fail));
  await pause(AT_ONCE);
  void call(hang);
  await pause(AT_ONCE * 2);
  const { state } = await outcomeWithin(
    call(async () => "answer"),
    AT_ONCE,
  );
  if (state === "resolved") return RECOVERS;
  return state === "pending" ? WAITS : STUCK;
}

/** @type {PeerCase} */
export const hungProbe = {
  name: "hung-probe",
  title: "The probe of a half-open breaker never ends",
  about: "Nobody has put a limit around it. What becomes of the calls after it?",
  complaints: [16],
  test: ["complaints/policies.test.ts", "does not stay so when its probe never ends: after openFor there is a new one"],
  subjects: [
    subject(
      "opossum",
      STUCK,
      async () => {
        const { default: CircuitBreaker } = await import("opossum");
        const breaker = new CircuitBreaker((/** @type {() => Promise<unknown>} */ run) => run(), {
          timeout: false,
          volumeThreshold: 1,
          resetTimeout: AT_ONCE / 2,
        });
        return await judgeHungProbe((run) => breaker.fire(run));
      },
      "timeout: false",
    ),
    subject("cockatiel", WAITS, async () => {
      const { circuitBreaker, handleAll, ConsecutiveBreaker } = await import("cockatiel");
      const breaker = circuitBreaker(handleAll, { halfOpenAfter: AT_ONCE / 2, breaker: new ConsecutiveBreaker(1) });
      return await judgeHungProbe((run) => breaker.execute(run));
    }),
    subject("holdfast", RECOVERS, async () => {
      const { circuitBreaker } = await import("holdfast");
      const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: AT_ONCE / 2 });
      return await judgeHungProbe((run) => breaker.run(run));
    }),
  ],
};

const WITHIN = "never more than the limit";
const TWICE = "up to twice the limit";
const LIMIT = 5;
const INTERVAL = 500;

/** The most that started within any stretch of an interval's length. @param {(run: () => Promise<void>) => PromiseLike<unknown>} call */
async function judgeWindow(call) {
  /** @type {number[]} */
  const starts = [];
  const began = performance.now();
  await Promise.all(Array.from({ length: 1 }, () => call(async () => {})));
  // Near the end of what a fixed window would be.
  await pause(INTERVAL * 0.8 - (performance.now() - began));
  await Promise.all(
    Array.from({ length: LIMIT * 3 }, () =>
      call(async () => {
        starts.push(performance.now());
      }),
    ),
  );
  // A timer may fire a little early.
  const most = Math.max(
    ...starts.map((from) => starts.filter((at) => at >= from && at < from + INTERVAL * 0.9).length),
  );
  return most <= LIMIT ? WITHIN : TWICE;
}

/** @type {PeerCase} */
export const window = {
  name: "window",
  title:
    "Five calls in half a second are allowed, and fifteen come at the end of one: how many start within half a second",
  about: "The service on the other side counts from when it likes.",
  complaints: [20],
  test: ["complaints/policies.test.ts", "lets no window through twice the limit, wherever it begins"],
  subjects: [
    subject(
      "bottleneck",
      TWICE,
      async () => {
        const { default: Bottleneck } = await import("bottleneck");
        const limiter = new Bottleneck({
          reservoir: LIMIT,
          reservoirRefreshAmount: LIMIT,
          reservoirRefreshInterval: INTERVAL,
        });
        const seen = await judgeWindow((run) => limiter.schedule(run));
        await limiter.disconnect();
        return seen;
      },
      "reservoir",
    ),
    subject(
      "p-queue",
      TWICE,
      async () => {
        const { default: PQueue } = await import("p-queue");
        const queue = new PQueue({ intervalCap: LIMIT, interval: INTERVAL });
        return await judgeWindow((run) => queue.add(run));
      },
      "intervalCap",
    ),
    subject(
      "p-queue",
      WITHIN,
      async () => {
        const { default: PQueue } = await import("p-queue");
        const queue = new PQueue({ intervalCap: LIMIT, interval: INTERVAL, strict: true });
        return await judgeWindow((run) => queue.add(run));
      },
      "intervalCap, strict",
    ),
    subject("p-throttle", TWICE, async () => {
      const { default: pThrottle } = await import("p-throttle");
      const limited = pThrottle({ limit: LIMIT, interval: INTERVAL })((/** @type {() => Promise<void>} */ run) =>
        run(),
      );
      return await judgeWindow((run) => limited(run));
    }),
    subject(
      "p-throttle",
      WITHIN,
      async () => {
        const { default: pThrottle } = await import("p-throttle");
        const limited = pThrottle({ limit: LIMIT, interval: INTERVAL, strict: true })(
          (/** @type {() => Promise<void>} */ run) => run(),
        );
        return await judgeWindow((run) => limited(run));
      },
      "strict",
    ),
    subject(
      "holdfast",
      WITHIN,
      async () => {
        const { rateLimit } = await import("holdfast");
        const limit = rateLimit({ limit: LIMIT, interval: INTERVAL, algorithm: "sliding-window", maxQueue: 100 });
        return await judgeWindow((run) => limit.run(run));
      },
      "sliding-window",
    ),
  ],
};
