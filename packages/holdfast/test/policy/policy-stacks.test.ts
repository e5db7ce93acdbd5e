/** What V8's async stacks, and the places where calls began, show of the user's code through the policies. Node only: other engines have no such stacks. */
import assert from "node:assert/strict";
import { fallback, hedge, pipeline, retry, taskGroup } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { deaf } from "./attempts.ts";

const clock = useFakeClock();

const limit = Error.stackTraceLimit;
beforeEach(() => {
  Error.stackTraceLimit = 50;
});
afterEach(() => {
  Error.stackTraceLimit = limit;
});

/** The functions of this file on the stack of `error`, from the inside out. */
function userFrames(error: unknown): string[] {
  assert(error instanceof Error);
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => line.includes("policy-stacks.test"))
    .map((line) => /at (?:async )?(?<name>[\w$.]+) \(/u.exec(line)?.groups?.["name"] ?? "anonymous");
}

async function readRow(): Promise<never> {
  await turn();
  throw new Error("row");
}

const layers = {
  totalTimeout: 1_000,
  retry: { retries: 0 },
  circuitBreaker: { consecutiveFailures: 9, openFor: 1 },
  rateLimit: { limit: 9, interval: 1 },
  bulkhead: { concurrency: 1 },
  timeout: 100,
};

for (const [name, call] of [
  ["retry", () => retry(readRow, { retries: 1, baseDelay: 1 })],
  ["the hook of a retry", () => retry(() => Promise.reject(new Error("row")), { onFailedAttempt: () => readRow() })],
  ["fallback", () => fallback(readRow, { fallback: (error) => Promise.reject(error) })],
  ["the fallback itself", () => fallback(() => Promise.reject(new Error("no")), { fallback: readRow })],
  ["a pipeline", () => pipeline(layers).run(readRow)],
] as const)
  test(`R24: the stack of an error in ${name} leads to who called it`, async () => {
    async function handleRequest(): Promise<void> {
      await call();
    }
    const frames = userFrames(await clock.run(() => rejection(handleRequest())));
    expect([frames[0], frames.includes("handleRequest")]).toEqual(["readRow", true]);
  });

test("R24: the stack of an error in any attempt of a hedge leads to who called it", async () => {
  async function handleRequest(): Promise<void> {
    await hedge(readRow, { delay: Infinity, attempts: 3 });
  }
  const group = await clock.run(() => rejection(handleRequest()));
  assert(group instanceof AggregateError);
  expect(group.errors.map((error) => [userFrames(error)[0], userFrames(error).includes("handleRequest")])).toEqual([
    ["readRow", true],
    ["readRow", true],
    ["readRow", true],
  ]);
});

test("a call of a pipeline that is abandoned says where it was started", async () => {
  // A new second for the budget of such places.
  await taskGroup((group) => void group.spawn(() => {}));
  for (const some of [{ timeout: 10 }, { totalTimeout: 10 }, { retry: { retries: 0 }, timeout: 10 }]) {
    async function handleRequest(): Promise<void> {
      await pipeline(some).run(deaf);
    }
    expect(await clock.run(() => rejection(handleRequest()))).toMatchObject({
      unresponsive: [{ task: "deaf", spawnedAt: expect.stringContaining("handleRequest") }],
    });
  }
});
