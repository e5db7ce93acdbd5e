/** What V8's async stacks show of the user's code, through the library. Node only: other engines have no such stacks. */
import assert from "node:assert/strict";
import { settle, sleep, taskGroup, timeout } from "holdfast";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "./outcome.ts";

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
    .filter((line) => line.includes("stacks.test"))
    .map((line) => /at (?:async )?(?<name>[\w$.]+) \(/u.exec(line)?.groups?.["name"] ?? "anonymous");
}

async function readRow(): Promise<never> {
  await turn();
  throw new Error("row");
}
async function readTable(): Promise<void> {
  await readRow();
}
async function readDatabase(): Promise<void> {
  await readTable();
}

describe("R24: the stack of an error thrown three awaits deep", () => {
  test("in a timeout leads to who called timeout()", async () => {
    async function handleRequest(): Promise<void> {
      await timeout(1000, readDatabase);
    }
    const error = await errorOf(handleRequest());
    expect(userFrames(error).slice(0, 4)).toEqual(["readRow", "readTable", "readDatabase", "handleRequest"]);
  });

  test("in nested timeouts leads through both", async () => {
    async function inner({ signal }: { readonly signal: AbortSignal }): Promise<void> {
      await timeout(500, readDatabase, { signal });
    }
    async function handleRequest(): Promise<void> {
      await timeout(1000, inner);
    }
    const error = await errorOf(handleRequest());
    expect(userFrames(error).slice(0, 5)).toEqual(["readRow", "readTable", "readDatabase", "inner", "handleRequest"]);
  });

  test("in a task leads to who joins it, whether before its start or while it runs", async () => {
    for (const wait of [undefined, turn]) {
      let joined: unknown;
      async function handleRequest(): Promise<void> {
        await taskGroup(async function body(group) {
          const task = group.spawn(async function work() {
            await turn();
            await readDatabase();
          });
          if (wait !== undefined) await wait();
          async function wantsRows(): Promise<void> {
            await task.join();
          }
          joined = await errorOf(wantsRows());
        });
      }
      await errorOf(handleRequest());
      expect(userFrames(joined).slice(0, 5)).toEqual(["readRow", "readTable", "readDatabase", "work", "wantsRows"]);
    }
  });

  test("in a body leads to who called taskGroup()", async () => {
    async function handleRequest(): Promise<void> {
      await taskGroup(async function body() {
        await readDatabase();
      });
    }
    const error = (await errorOf(handleRequest())) as AggregateError;
    expect(userFrames(error.errors[0]).slice(0, 5)).toEqual([
      "readRow",
      "readTable",
      "readDatabase",
      "body",
      "handleRequest",
    ]);
    expect(userFrames(error)).toContain("handleRequest");
  });

  test("in settle leads to who called settle()", async () => {
    let error: unknown;
    async function handleRequest(): Promise<void> {
      const result = await settle(readDatabase);
      if (!result.ok) ({ error } = result);
    }
    await handleRequest();
    expect(userFrames(error).slice(0, 3)).toEqual(["readRow", "readTable", "readDatabase"]);
    expect(userFrames(error)).toContain("handleRequest");
  });
});

describe("R24: the stack of an error of the library", () => {
  test("that is a TimeoutError leads to who called timeout()", async () => {
    async function handleRequest(): Promise<void> {
      await timeout(10, ({ sleep: pause }) => pause(100));
    }
    const error = await clock.run(() => errorOf(handleRequest()));
    expect(userFrames(error)).toContain("handleRequest");
  });

  test("that is a TimeoutError of work that was abandoned says where it was started", async () => {
    await taskGroup((group) => void group.spawn(() => {}));
    async function handleRequest(): Promise<void> {
      await timeout(10, () => sleep(100));
    }
    const error = await clock.run(() => errorOf(handleRequest()));
    await clock.advanceUntilIdle();
    const { unresponsive } = error as { unresponsive: { spawnedAt: string }[] };
    expect(unresponsive[0]?.spawnedAt).toMatch(/handleRequest/u);
  });
});
