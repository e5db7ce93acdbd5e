/** In which AsyncLocalStorage context the policies call. Node, Bun and Deno have it; a page does not. */
import { AsyncLocalStorage } from "node:async_hooks";
import { bulkhead, circuitBreaker, type Policy, rateLimit } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { expect, test } from "../harness.ts";

const clock = useFakeClock();
const request = new AsyncLocalStorage<string>();

const policies: Readonly<Record<string, () => Policy>> = {
  bulkhead: () => bulkhead({ concurrency: 1, maxQueue: 9 }),
  circuitBreaker: () => circuitBreaker({ consecutiveFailures: 1, openFor: 100 }),
  rateLimit: () => rateLimit({ limit: 1, interval: 10, maxQueue: 9 }),
};

for (const [name, make] of Object.entries(policies))
  test(`a function that ${name} calls, at once or later, has the AsyncLocalStorage of its own caller`, async () => {
    const policy = make();
    const seen: string[] = [];
    await clock.run(() =>
      Promise.all(
        ["a", "b", "c"].map((id) =>
          request.run(id, () =>
            policy.run(async () => {
              seen.push(`${id}: ${request.getStore()}`);
              await turn();
              seen.push(`${id}: ${request.getStore()}`);
            }),
          ),
        ),
      ),
    );
    expect(seen.toSorted()).toEqual(["a: a", "a: a", "b: b", "b: b", "c: c", "c: c"]);
  });
