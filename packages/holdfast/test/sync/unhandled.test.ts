/** Which waits crash a process when nobody awaits them, by Node's own event. */
import process from "node:process";
import { channel, Latch, Mutex, Queue } from "holdfast/sync";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";

const reason = new Error("aborted");

let unhandled: unknown[] = [];
const listener = (error: unknown): void => void unhandled.push(error);
beforeEach(() => {
  unhandled = [];
  process.on("unhandledRejection", listener);
});
afterEach(() => {
  process.off("unhandledRejection", listener);
});

async function crashes(): Promise<unknown[]> {
  await turn();
  await turn();
  return unhandled;
}

describe("a wait that nobody awaits", () => {
  test("is silent when it was cancelled: it had no effect", async () => {
    for (const isAborted of [true, false]) {
      const controller = new AbortController();
      const { signal } = controller;
      if (isAborted) controller.abort(reason);
      const [mutex, latch, queue] = [new Mutex(), new Latch(), new Queue<number>({ capacity: 1 })];
      const [sender] = channel<number>({ capacity: 0 });
      const [, receiver] = channel<number>({ capacity: 0 });
      mutex.tryAcquire();
      void mutex.acquire({ signal });
      void latch.wait({ signal });
      void queue.get({ signal });
      void receiver.receive({ signal });
      const full = new Queue<number>({ capacity: 1 });
      full.tryPut(1);
      void full.put(2, { signal });
      void full.waitForIdle({ signal });
      void sender.send(1, { signal });
      controller.abort(reason);
      expect(await crashes()).toEqual([]);
    }
  });

  test("is silent when it ends a get, a receive or a loop: nothing is lost", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const [sender, receiver] = channel<number>({ capacity: 0 });
    void queue.get();
    void receiver.receive();
    queue.close();
    sender.close();
    void queue.get();
    void receiver.receive();
    const other = new Queue<number>({ capacity: 1 });
    void other.get();
    void other[Symbol.asyncIterator]().next();
    other.abort(reason);
    void other.get();
    const [, own] = channel<number>({ capacity: 0 });
    void own.receive();
    own.close();
    void own.receive();
    expect(await crashes()).toEqual([]);
  });

  test("is told when a put or a send is refused: the item would be lost", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const [sender, receiver] = channel<number>({ capacity: 0 });
    queue.tryPut(1);
    void queue.put(2);
    void sender.send(1);
    queue.close();
    receiver.close();
    void queue.put(3);
    void sender.send(2);
    expect(await crashes()).toMatchObject([
      { code: "ERR_QUEUE_CLOSED" },
      { code: "ERR_CHANNEL_BROKEN" },
      { code: "ERR_QUEUE_CLOSED" },
      { code: "ERR_CHANNEL_BROKEN" },
    ]);
  });
});
