import { timeout } from "holdfast";
import type { Handler } from "../../src/handler/handler-context.ts";
import type { Input, InputItem } from "../../src/input/index.ts";
import type { ItemOutcome } from "../../src/journal/index.ts";
import { parseRunArguments } from "../../src/options/run-arguments.ts";
import { RunStatus } from "../../src/progress/run-status.ts";
import { FailureLimit } from "../../src/run/failure-limit.ts";
import type { FlyingItem } from "../../src/run/in-flight.ts";
import { ItemSource } from "../../src/run/item-source.ts";
import { runItems } from "../../src/run/run-loop.ts";
import type { LoopResult } from "../../src/run/run-loop.ts";
import { StopControl } from "../../src/run/stop-control.ts";
import { expect, test } from "../harness.ts";
import { ManualClock, settled } from "../manual-clock.ts";

function start(
  items: readonly string[],
  handler: Handler,
  args: readonly string[],
  record?: (outcome: ItemOutcome) => void,
) {
  const clock = new ManualClock();
  const stop = new StopControl(clock, 0);
  const flying = new Map<number, FlyingItem>();
  const inFlight = (): number => flying.size;
  const status = new RunStatus({ total: items.length, before: { succeeded: 0, dead: 0 }, now: 0, inFlight });
  const outcomes: ItemOutcome[] = [];
  const entries = (async function* entries(): AsyncGenerator<InputItem, undefined> {
    for (const [index, item] of items.entries()) yield { index, key: undefined, item };
    return undefined;
  })();
  const input: Input = {
    name: "in",
    format: "lines",
    duplicates: 0,
    facts: () => Promise.resolve(undefined),
    items: () => entries,
  };
  const source = new ItemSource({ input, isDone: () => false, limit: undefined, interval: undefined, clock });
  const done: Promise<LoopResult> = runItems({
    name: "h.ts",
    handler,
    settings: parseRunArguments(["h.ts", "in", ...args]),
    failureLimit: new FailureLimit(undefined, undefined),
    source,
    record: record ?? ((outcome) => void outcomes.push(outcome)),
    status,
    flying,
    stop,
    shared: { log: () => {}, stopping: stop.stopping, shared: undefined },
    clock,
  });
  return { stop, status, flying, outcomes, done };
}

test("an item that waits for its next attempt is shown as retrying, until it is over", async () => {
  const fail: Handler = () => {
    throw new Error("not yet");
  };
  const { stop, status, flying, outcomes, done } = start(["a", "b"], fail, ["--backoff", "fixed:1h"]);
  await settled();
  expect([status.retrying, [...flying.values()]]).toEqual([
    2,
    ["0", "1"].map((key) => ({ key, startedAt: 0, attempt: 1, failuresSeen: 1, waiting: true })),
  ]);
  expect(status.snapshot(0).errors).toEqual([{ label: "Error", count: 2 }]);
  stop.abort("enough");
  expect([await done, status.retrying, flying.size, outcomes]).toEqual([
    { cancelled: 2, abandoned: [], abandonedCount: 0 },
    0,
    0,
    [],
  ]);
});

test("LOOP-1: each item is recorded once, with every attempt that failed", async () => {
  const second: Handler = (item, { attempt }) => {
    if (item === "b" || attempt === 1) throw new Error(`${String(item)} ${attempt}`);
    return { item };
  };
  const { outcomes, done } = start(["a", "b"], second, ["--backoff", "none", "--retries", "1", "-j", "1"]);
  await done;
  expect(
    outcomes.map(({ index, state, attempts, output, failedAttempts }) => [
      index,
      state,
      attempts,
      output,
      failedAttempts.map(({ message }) => message),
    ]),
  ).toEqual([
    [0, "succeeded", 2, '{"item":"a"}', ["a 1"]],
    [1, "dead", 2, undefined, ["b 1", "b 2"]],
  ]);
});

test("LOOP-2: what can't be accounted for ends the run: no further item is begun", async () => {
  const calls: unknown[] = [];
  const { stop, done } = start(
    ["a", "b", "c"],
    (item) => void calls.push(item),
    ["-j", "1"],
    () => {
      throw new Error("no room in the journal");
    },
  );
  await done;
  expect([calls, stop.cause]).toEqual([["a"], new Error("no room in the journal")]);
});

test("LOOP-3: a failed attempt is counted once, whoever sees it first", async () => {
  const mixed: Handler = (_item, { attempt, signal }) => {
    if (attempt === 1) throw new Error("thrown");
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  };
  const { status, done } = start(["a"], mixed, ["--backoff", "none", "--retries", "2", "--timeout", "5ms"]);
  await done;
  expect(status.snapshot(0).errors).toEqual([
    { label: "TimeoutError (ERR_TIMEOUT)", count: 2 },
    { label: "Error", count: 1 },
  ]);
});

test("a timeout of the handler's own is a failure like any other, and no abandoned attempt", async () => {
  const own: Handler = () => timeout(1, () => new Promise(() => {}), { grace: 0 });
  const { outcomes, done } = start(["a"], own, ["--retries", "0"]);
  expect(await done).toEqual({ cancelled: 0, abandoned: [], abandonedCount: 0 });
  expect(outcomes.map(({ error }) => error?.errorName)).toEqual(["TimeoutError"]);
});

test("LOOP-4: what fails after the run was aborted is not recorded", async () => {
  const wrapping: Handler = (_item, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("could not"))));
  const { stop, outcomes, done } = start(["a"], wrapping, ["--retries", "0"]);
  await settled();
  stop.abort("enough");
  expect([await done, outcomes]).toEqual([{ cancelled: 1, abandoned: [], abandonedCount: 0 }, []]);
});
