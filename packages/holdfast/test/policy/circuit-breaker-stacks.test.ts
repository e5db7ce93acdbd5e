/** What V8's async stacks show of the user's code, through the policies with state. Node only: other engines have no such stacks. */
import assert from "node:assert/strict";
import { bulkhead, circuitBreaker, type Policy, rateLimit, sleep } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

/** The functions of this file on the stack of `error`, from the inside out. */
function userFrames(error: unknown): string[] {
  assert(error instanceof Error);
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => line.includes("circuit-breaker-stacks.test"))
    .map((line) => /at (?:async )?(?<name>[\w$.]+) \(/u.exec(line)?.groups?.["name"] ?? "anonymous");
}

async function readRow(): Promise<never> {
  await turn();
  throw new Error("row");
}
async function readDatabase(): Promise<void> {
  await readRow();
}

/** Each with nothing before the call, or with something that it has to wait for. */
const policies: Readonly<Record<string, () => Policy>> = {
  "a circuit breaker": () => circuitBreaker({ consecutiveFailures: 1, openFor: 100 }),
  "a bulkhead": () => bulkhead({ concurrency: 1 }),
  "a bulkhead that it waited for": () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
    void policy.run(() => sleep(50));
    return policy;
  },
  "a rate limit": () => rateLimit({ limit: 1, interval: 100 }),
  "a rate limit that it waited for": () => {
    const policy = rateLimit({ limit: 1, interval: 100, maxQueue: 1 });
    policy.tryAcquire();
    return policy;
  },
};

describe("R24: the stack of an error thrown two awaits deep leads to who called", () => {
  for (const [what, make] of Object.entries(policies)) {
    test(`run of ${what}`, async () => {
      const policy = make();
      async function handleRequest(): Promise<void> {
        await policy.run(readDatabase);
      }
      const error = await clock.run(() => errorOf(handleRequest()));
      expect(userFrames(error).slice(0, 3)).toEqual(["readRow", "readDatabase", "handleRequest"]);
    });

    test(`a function that ${what} wraps`, async () => {
      const wrapped = make().wrap(readDatabase);
      async function handleRequest(): Promise<void> {
        await wrapped();
      }
      const error = await clock.run(() => errorOf(handleRequest()));
      expect(userFrames(error).slice(0, 3)).toEqual(["readRow", "readDatabase", "handleRequest"]);
    });
  }

  test("and that of a refusal leads there too", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    breaker.open();
    async function handleRequest(): Promise<void> {
      await turn();
      await breaker.run(readDatabase);
    }
    expect(userFrames(await errorOf(handleRequest()))[0]).toBe("handleRequest");
  });
});
