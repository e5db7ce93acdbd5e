/** What V8's async stacks show of the user's code, through a semaphore and a queue. Node only: other engines have no such stacks. */
import assert from "node:assert/strict";
import { Queue, Semaphore } from "holdfast/sync";
import { turn } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

/** The functions of this file on the stack of `error`, from the inside out. */
function userFrames(error: unknown): string[] {
  assert(error instanceof Error);
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => line.includes("sync/stacks.test"))
    .map((line) => /at (?:async )?(?<name>[\w$.]+) \(/u.exec(line)?.groups?.["name"] ?? "anonymous");
}

async function readRow(): Promise<never> {
  await turn();
  throw new Error("row");
}
async function readDatabase(): Promise<void> {
  await readRow();
}

describe("the stack of an error", () => {
  for (const isHeld of [false, true])
    test(`from a function that a semaphore runs leads to who called it, ${isHeld ? "after a wait" : "at once"}`, async () => {
      const semaphore = new Semaphore(1);
      const permit = isHeld ? semaphore.tryAcquire() : undefined;
      async function handleRequest(): Promise<void> {
        await semaphore.run(readDatabase);
      }
      const error = errorOf(handleRequest());
      await turn();
      permit?.release();
      expect(userFrames(await error).slice(0, 3)).toEqual(["readRow", "readDatabase", "handleRequest"]);
    });

  test("from an item of a queue leads to the function that was given to process", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    await queue.put(1);
    const error = await errorOf(queue.process(readDatabase, { concurrency: 1 }));
    expect(userFrames(error).slice(0, 2)).toEqual(["readRow", "readDatabase"]);
  });
});
