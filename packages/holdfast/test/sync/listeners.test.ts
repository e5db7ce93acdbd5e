/** Node can be asked how many listeners a signal has. */
import { getEventListeners } from "node:events";
import { sleep } from "holdfast";
import { channel, Latch, Mutex, Queue, Semaphore } from "holdfast/sync";
import * as sync from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";

useFakeClock();

const failure = new Error("failure");

const count = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

/** What waits under a signal, and what lets all of it go on. */
interface Scene {
  readonly waits: readonly Promise<unknown>[];
  readonly end: () => void;
}

/** Every export that waits, made to wait in every way there is. */
const scenes: Readonly<Record<string, (signal: AbortSignal) => Scene>> = {
  channel: (signal) => {
    const [[full, fromFull], [sender, receiver]] = [channel<number>({ capacity: 1 }), channel<number>({ capacity: 0 })];
    full.trySend(0);
    const waits = [full.send(1, { signal }), receiver.receive({ signal }), receiver.receive({ signal })];
    const end = (): void => {
      fromFull.tryReceive();
      sender.trySend(2);
      sender.close();
    };
    return { waits, end };
  },
  Latch: (signal) => {
    const latch = new Latch();
    return { waits: [latch.wait({ signal }), latch.wait({ signal })], end: () => latch.open() };
  },
  Mutex: (signal) => {
    const mutex = new Mutex();
    const permit = mutex.tryAcquire();
    const waits = [mutex.run(() => turn(), { signal }), mutex.run(() => Promise.reject(failure), { signal })];
    return { waits, end: () => permit?.release() };
  },
  Queue: (signal) => {
    const [full, empty] = [new Queue<number>({ capacity: 1 }), new Queue<number>({ capacity: 1 })];
    full.tryPut(0);
    const waits = [
      full.put(1, { signal }),
      full.put(2, { signal }),
      full.waitForIdle({ signal }),
      empty.get({ signal }),
      empty.get({ signal }),
      empty.process((_, context) => sleep(0, { signal: context.signal }), { concurrency: 2, timeout: 9, signal }),
    ];
    const end = (): void => {
      full.tryGet();
      full.tryGet();
      full.abort();
      empty.tryPut(3);
      empty.close();
    };
    return { waits, end };
  },
  Semaphore: (signal) => {
    const semaphore = new Semaphore(1);
    const permit = semaphore.tryAcquire();
    const wrapped = semaphore.wrap(() => turn(), { signal: () => signal });
    const waits = [semaphore.acquire({ signal }).then(({ release }) => release()), wrapped()];
    return { waits, end: () => permit?.release() };
  },
};

/** Exports that wait for nothing. */
const without = new Set([
  "AcquireDeadlockError",
  "ChannelBrokenError",
  "ChannelClosedError",
  "ChannelEndedError",
  "QueueClosedError",
]);

describe("R16: listeners on a foreign signal", () => {
  test("every export of holdfast/sync is in the table, or waits for nothing", () => {
    expect(Object.keys(sync).toSorted()).toEqual([...Object.keys(scenes), ...without].toSorted());
  });

  for (const [name, play] of Object.entries(scenes)) {
    test(`${name} puts one there however many wait, and none is left when they have been served`, async () => {
      const { signal } = new AbortController();
      const { waits, end } = play(signal);
      await turn();
      const during = count(signal);
      end();
      await Promise.allSettled(waits);
      expect([during, count(signal)]).toEqual([1, 0]);
    });

    test(`${name} leaves none behind after an abort, and all that waits has heard of it`, async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const { waits, end } = play(signal);
      await turn();
      controller.abort(failure);
      const outcomes = await Promise.allSettled(waits);
      expect(outcomes).toEqual(waits.map(() => ({ status: "rejected", reason: failure })));
      expect(count(signal)).toBe(0);
      end();
    });

    test(`${name} puts none on a signal that is aborted already`, async () => {
      const signal = AbortSignal.abort(failure);
      const { waits, end } = play(signal);
      const outcomes = await Promise.allSettled(waits);
      expect(outcomes).toEqual(waits.map(() => ({ status: "rejected", reason: failure })));
      expect(count(signal)).toBe(0);
      end();
    });
  }
});
