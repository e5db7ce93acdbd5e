/** What people report of other libraries about stacks: they end in the library. V8 only: other engines have no async stacks. */
import assert from "node:assert/strict";
import {
  bulkhead,
  circuitBreaker,
  hedge,
  map,
  openTaskGroup,
  pipeline,
  rateLimit,
  retry,
  taskGroup,
  tasksOf,
  taskStack,
  timeout,
} from "holdfast";
import { registry } from "holdfast/lowlevel";
import { Semaphore } from "holdfast/sync";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";

const clock = useFakeClock();

const limit = Error.stackTraceLimit;
beforeEach(() => {
  Error.stackTraceLimit = 50;
});
afterEach(() => {
  Error.stackTraceLimit = limit;
});

async function readRow(): Promise<never> {
  await turn();
  throw new Error("no such row");
}

const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  "timeout (Effect)": () => timeout(1_000, readRow),
  "taskGroup (Effect, effection)": () => taskGroup((group) => group.spawn(readRow).join()),
  "map (p-limit, p-queue)": () => map([1], readRow, { concurrency: 1 }),
  "retry (p-retry)": () => retry(readRow, { retries: 0 }),
  "circuitBreaker (opossum)": () => circuitBreaker({ consecutiveFailures: 5, openFor: 1 }).run(readRow),
  "bulkhead (bottleneck, p-limit)": () => bulkhead({ concurrency: 1 }).run(readRow),
  "rateLimit (bottleneck)": () => rateLimit({ limit: 1, interval: 1 }).run(readRow),
  "Semaphore (p-limit)": () => new Semaphore(1).run(readRow),
  hedge: () => hedge(readRow, { delay: 1_000, attempts: 1 }),
  pipeline: () =>
    pipeline({ retry: { retries: 0 }, circuitBreaker: { consecutiveFailures: 5, openFor: 1 }, timeout: 1_000 }).run(
      readRow,
    ),
};

describe("neverthrow#647: the stack of an error leads to the caller", () => {
  for (const [name, way] of Object.entries(ways))
    test(`through ${name}`, async () => {
      async function handleRequest(): Promise<void> {
        await way();
      }
      const error = await clock.run(() => rejection(handleRequest()));
      const cause = error instanceof AggregateError ? error.errors[0] : error;
      assert(cause instanceof Error);
      expect(cause.message).toBe("no such row");
      expect(cause.stack).toContain("readRow");
      expect(cause.stack).toContain("handleRequest");
    });
});

describe("node#59397: a promise that hangs", () => {
  test("is found: the tasks that live can be listed, with name, state, and where they were spawned", async () => {
    const group = openTaskGroup({ name: "server" });
    const task = group.spawn(({ sleep }) => sleep(1e6), { name: "poll" });
    await turn();
    expect([registry().runtimes.length > 0, task.name, task.state, group.size]).toEqual([true, "poll", "running", 1]);
    group.cancel();
    await group.close();
    expect([task.state, group.size]).toEqual(["cancelled", 0]);
  });

  test("and failed: its error says which task it was, and where that was spawned", async () => {
    const error = await rejection(taskGroup((group) => void group.spawn(readRow, { name: "read" })));
    assert(error instanceof AggregateError);
    expect(tasksOf(error.errors[0]).map(({ task }) => task)).toEqual(["read"]);
    expect(taskStack(error.errors[0])).toContain("stacks.test");
  });
});
