/** A wait that is served by a listener of the very cancellation that is on its way to it. */
import { forEach, taskGroup } from "holdfast";
import { channel, Queue, Semaphore } from "holdfast/sync";
import { turn } from "../clock/fake-clock.ts";
import { expect, test } from "../harness.ts";

test("LINE-2: who is served while its cancellation is under way has left its line once: nothing goes to one who is gone", async () => {
  const queue = new Queue<number>({ capacity: 5 });
  const seen: unknown[] = [];
  await taskGroup(async (group) => {
    group.signal.addEventListener("abort", () => seen.push(queue.tryPut(1), queue.tryPut(2)));
    const first = queue.get({ signal: group.signal });
    const second = queue.get();
    group.cancel();
    seen.push(await first, await second, queue.waiting);
    seen.push(queue.tryPut(3), queue.waiting, queue.tryGet());
  });
  expect(seen).toEqual([true, true, 1, 2, 0, true, 1, { ok: true, value: 3 }]);
});

test("LINE-2: a permit that a listener gives back during the cancellation is counted once", async () => {
  const semaphore = new Semaphore(1);
  const held = await semaphore.acquire();
  const seen: unknown[] = [];
  await taskGroup(async (group) => {
    group.signal.addEventListener("abort", held.release);
    const asked = semaphore.acquire({ signal: group.signal });
    group.cancel();
    seen.push([semaphore.available, semaphore.waiting]);
    (await asked).release();
    seen.push([semaphore.available, semaphore.waiting]);
  });
  expect(seen).toEqual([
    [0, 0],
    [1, 0],
  ]);
});

test("LINE-2: an item that a cancelled loop gives back to one who is cancelled with it is counted once", async () => {
  const [sender, receiver] = channel<number>({ capacity: 5 });
  const seen: unknown[] = [];
  await taskGroup(async (group) => {
    const { signal } = group;
    const loop = forEach(receiver, () => {}, { concurrency: 1, signal }).catch(() => {});
    await turn();
    const received = receiver.receive({ signal }).catch(() => "cancelled");
    const other = receiver.receive();
    sender.trySend(1);
    group.cancel();
    await loop;
    seen.push(await received, receiver.statistics().waitingReceivers);
    sender.trySend(2);
    seen.push(await other, receiver.statistics().waitingReceivers);
  });
  expect(seen).toEqual([1, 1, 2, 0]);
});
