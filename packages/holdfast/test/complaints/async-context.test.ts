/** What people report of other libraries about AsyncLocalStorage: the store of a request is gone behind a queue. Node, Bun and Deno have it; a page does not. */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  batch,
  bulkhead,
  circuitBreaker,
  hedge,
  map,
  pipeline,
  rateLimit,
  retry,
  sleep,
  taskGroup,
  timeout,
} from "holdfast";
import { Mutex, Semaphore } from "holdfast/sync";
import { useFakeClock } from "../clock/fake-clock.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const request = new AsyncLocalStorage<string>();

type Work = () => Promise<void>;

/** Each makes one call of `work`, behind whatever holds it up. Made anew for each test: it is shared by the requests. */
const ways: Readonly<Record<string, () => (work: Work) => Promise<unknown>>> = {
  "bulkhead (cockatiel, bottleneck)": () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 10 });
    return (work) => policy.run(work);
  },
  "rateLimit (bottleneck, p-throttle)": () => {
    const policy = rateLimit({ limit: 1, interval: 100, maxQueue: 10 });
    return (work) => policy.run(work);
  },
  "Semaphore (p-limit#83)": () => {
    const semaphore = new Semaphore(1);
    return (work) => semaphore.run(work);
  },
  "a wrapped function of a Mutex": () => new Mutex().wrap((work: Work) => work()),
  circuitBreaker: () => {
    const policy = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    return (work) => policy.run(work);
  },
  "pipeline (cockatiel)": () => {
    const policy = pipeline({
      totalTimeout: 10_000,
      retry: {},
      circuitBreaker: { consecutiveFailures: 1, openFor: 100 },
      rateLimit: { limit: 1, interval: 100, maxQueue: 10 },
      bulkhead: { concurrency: 1, maxQueue: 10 },
      timeout: 1_000,
    });
    return (work) => policy.run(work);
  },
  retry: () => (work) =>
    retry(
      async ({ attempt }) => {
        if (attempt === 1) throw new Error("again");
        await work();
      },
      { baseDelay: 10, jitter: "none" },
    ),
  hedge: () => (work) => hedge(work, { delay: 1_000 }),
  timeout: () => (work) => timeout(1_000, work),
  "map (async.mapLimit)": () => (work) => map([1], () => work(), { concurrency: 1 }),
  batch: () => (work) => batch([1], () => work(), { concurrency: 1 }),
  "taskGroup with a limit": () => (work) =>
    taskGroup((group) => void [group.spawn(() => sleep(10)), group.spawn(work)], { concurrency: 1 }),
};

describe("p-queue#200: the store of a request", () => {
  for (const [name, make] of Object.entries(ways))
    test(`is there behind ${name}, before and after a wait`, async () => {
      const call = make();
      const seen: unknown[] = [];
      await clock.run(() =>
        Promise.all(
          ["first", "second", "third"].map((id) =>
            request.run(id, () =>
              call(async () => {
                const before = request.getStore();
                await sleep(5);
                seen.push([id, before, request.getStore()]);
              }),
            ),
          ),
        ),
      );
      expect(seen).toEqual(["first", "second", "third"].map((id) => [id, id, id]));
    });
});
