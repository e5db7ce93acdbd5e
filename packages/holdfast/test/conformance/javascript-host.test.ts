/** What the host is told by itself, on Node: a listener of the user's that throws. README.md has the list. */
import process from "node:process";
import { onLateError, openTaskGroup, taskGroup } from "holdfast";
import { expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { aborted } from "../core/outcome.ts";

/** Calls `run` while uncaught exceptions go to a list instead of to whoever runs the tests. */
async function uncaughtOf(run: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => seen.push(error));
  try {
    await run();
    await turn();
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  }
  return seen;
}

test("JS abort listener that throws: the host reports it once; every other task is cancelled, and the outcome is the same", async () => {
  const thrown = new Error("listener");
  const log: string[] = [];
  const late: unknown[] = [];
  using _listener = onLateError((error) => late.push(error));
  const seen = await uncaughtOf(async () => {
    const value = await taskGroup(async (group) => {
      group.spawn(async ({ signal }) => {
        signal.addEventListener("abort", () => {
          throw thrown;
        });
        await aborted(signal);
        log.push("the task with the listener");
      });
      group.spawn(({ signal }) => aborted(signal).then(() => log.push("its sibling")));
      await turn();
      group.cancel();
      return "value";
    });
    log.push(value);
  });
  expect(log).toEqual(["the task with the listener", "its sibling", "value"]);
  expect([seen, late]).toEqual([[thrown], []]);
});

test("JS abort listener that throws: it does not keep cancel from returning", async () => {
  const thrown = new Error("listener");
  const group = openTaskGroup();
  group.signal.addEventListener("abort", () => {
    throw thrown;
  });
  const seen = await uncaughtOf(async () => {
    expect(() => group.cancel()).not.toThrow();
    await group.close();
  });
  expect([group.cancelled, seen]).toEqual([true, [thrown]]);
});
