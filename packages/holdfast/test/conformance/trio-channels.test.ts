/** trio's src/trio/_tests/test_channel.py: what passes through, fairness and statistics. What is about closing is in a file beside this one. The titles carry the names from there; README.md has the list. */
import { taskGroup, timeout, TimeoutError } from "holdfast";
import { channel } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { codesOf, NOTHING } from "./refusal.ts";

const clock = useFakeClock();

const CLOSED = "ERR_CHANNEL_CLOSED";
const ENDED = "ERR_CHANNEL_ENDED";

test("trio test_channel: a capacity is a whole number from 0 up, or Infinity", async () => {
  const errors = [-1, 0.5, Number.NaN].map(async (capacity) =>
    String(await errorOf((async () => channel({ capacity }))())),
  );
  expect(await Promise.all(errors)).toEqual([
    "RangeError: channel: capacity must be an integer >= 0 or Infinity, got -1 (number)",
    "RangeError: channel: capacity must be an integer >= 0 or Infinity, got 0.5 (number)",
    "RangeError: channel: capacity must be an integer >= 0 or Infinity, got NaN (number)",
  ]);
});

test("trio test_channel: trying says when there is no room, and when nothing is there", async () => {
  const [sender, receiver] = channel<number | undefined>({ capacity: 2 });
  const sent = [sender.trySend(1), await sender.send(2), sender.trySend(undefined)];
  const received = [await receiver.receive(), receiver.tryReceive(), receiver.tryReceive()];
  expect([sent, received]).toEqual([
    [true, undefined, false],
    [1, { ok: true, value: 2 }, NOTHING],
  ]);
});

test("trio test_channel: after closing, which may be done twice, what was sent is received, then the end; whoever uses a closed end is told so", async () => {
  const [sender, receiver] = channel<string>({ capacity: 2 });
  sender.trySend("last");
  sender.close();
  const sending = await codesOf(
    () => sender.send("too late"),
    () => sender.trySend("too late"),
    () => sender.clone(),
  );
  sender.close();
  const last = receiver.tryReceive();
  const ended = await codesOf(
    () => receiver.receive(),
    () => receiver.tryReceive(),
  );
  receiver.close();
  const receiving = await codesOf(
    () => receiver.receive(),
    () => receiver.tryReceive(),
    () => receiver.clone(),
  );
  receiver.close();
  expect([sending, last, ended, receiving]).toEqual([
    [CLOSED, CLOSED, CLOSED],
    { ok: true, value: "last" },
    [ENDED, ENDED],
    [CLOSED, CLOSED, CLOSED],
  ]);
});

test("trio test_553: a receive that ran out of time leaves nobody behind to whom the next item would go", async () => {
  const [sender, receiver] = channel<string>({ capacity: 1 });
  const error = await clock.run(() => errorOf(timeout(10, ({ signal }) => receiver.receive({ signal }))));
  const { waitingReceivers } = sender.statistics();
  await sender.send("item");
  expect(error).toBeInstanceOf(TimeoutError);
  expect([waitingReceivers, receiver.tryReceive()]).toEqual([0, { ok: true, value: "item" }]);
});

test("trio test_channel_multiple_producers: the loop ends when the last of several producers has closed his clone, and nothing is lost", async () => {
  const [sender, receiver] = channel<number>({ capacity: 0 });
  const got = await clock.run(() =>
    taskGroup(async (group) => {
      for (let producer = 0; producer < 10; producer++) {
        const own = sender.clone();
        group.spawn(async () => {
          using _ = own;
          for (let item = 3 * producer; item < 3 * (producer + 1); item++) await own.send(item);
        });
      }
      sender.close();
      const items: number[] = [];
      for await (const item of receiver) items.push(item);
      return items;
    }),
  );
  expect(got.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, item) => item));
});

test("trio test_channel_multiple_consumers: several consumers share the work: each gets some, each item goes to one", async () => {
  const successful = new Set<number>();
  const received: number[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      const [sender, receiver] = channel<number>({ capacity: 1 });
      for (let consumer = 0; consumer < 5; consumer++)
        group.spawn(async () => {
          for await (const item of receiver) {
            successful.add(consumer);
            received.push(item);
          }
        });
      await turn();
      for (let item = 0; item < 10; item++) await sender.send(item);
      sender.close();
    }),
  );
  expect([[...successful], received.toSorted((a, b) => a - b)]).toEqual([
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  ]);
});

test("trio test_inf_capacity: with a capacity of Infinity nobody who sends ever waits", async () => {
  const [sender, receiver] = channel<number>({ capacity: Infinity });
  const sent: boolean[] = [];
  for (let item = 0; item < 10; item++) sent.push(sender.trySend(item));
  sender.close();
  const got: number[] = [];
  for await (const item of receiver) got.push(item);
  expect([new Set(sent), got]).toEqual([new Set([true]), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
});

test("trio test_statistics: both ends tell the same, of the buffer and of the handles that are open", () => {
  const [sender, receiver] = channel<undefined>({ capacity: 2 });
  const atFirst = [sender.statistics(), receiver.statistics()];
  sender.trySend(undefined);
  const { size } = sender.statistics();
  const other = sender.clone();
  const senders = [sender.statistics().openSenders];
  sender.close();
  senders.push(other.statistics().openSenders);
  const otherReceiver = receiver.clone();
  const receivers = [other.statistics().openReceivers];
  otherReceiver.close();
  receivers.push(other.statistics().openReceivers);
  const none = { size: 0, capacity: 2, openSenders: 1, openReceivers: 1, waitingSenders: 0, waitingReceivers: 0 };
  expect([atFirst, size, senders, receivers]).toEqual([[none, none], 1, [2, 1], [2, 1]]);
});

test("trio test_statistics: who waits is counted, and is not any more when it was cancelled", async () => {
  const [sender, receiver] = channel<undefined>({ capacity: 2 });
  const log: number[][] = [];
  const note = (): void => {
    const { size, waitingSenders, waitingReceivers } = receiver.statistics();
    log.push([size, waitingSenders, waitingReceivers]);
  };
  sender.trySend(undefined);
  sender.trySend(undefined);
  await taskGroup(async (group) => {
    for (let count = 0; count < 2; count++) group.spawn(({ signal }) => sender.send(undefined, { signal }));
    await turn();
    note();
    group.cancel();
    note();
  });
  for (let left = 2; left > 0; left--) receiver.tryReceive();
  note();
  await taskGroup(async (group) => {
    group.spawn(({ signal }) => receiver.receive({ signal }));
    await turn();
    note();
    group.cancel();
    note();
  });
  expect(log).toEqual([
    [2, 2, 0],
    [2, 0, 0],
    [0, 0, 0],
    [0, 0, 1],
    [0, 0, 0],
  ]);
});

test("trio test_channel_fairness: an item belongs to who waits for one, and can't be taken by another who comes first", async () => {
  const [sender, receiver] = channel<number>({ capacity: 1 });
  sender.trySend(1);
  const alone = [receiver.tryReceive(), sender.trySend(2), receiver.tryReceive()];
  const waiting = receiver.receive();
  await turn();
  const handed = [sender.trySend(3), receiver.tryReceive()];
  expect([alone, handed, await waiting]).toEqual([
    [{ ok: true, value: 1 }, true, { ok: true, value: 2 }],
    [true, NOTHING],
    3,
  ]);
});

test("trio test_channel_fairness: room that gets free belongs to who waits to send", async () => {
  const [sender, receiver] = channel<number>({ capacity: 1 });
  sender.trySend(1);
  const full = sender.trySend(0);
  const waiting = sender.send(2);
  await turn();
  const freed = [receiver.tryReceive(), sender.trySend(3)];
  await waiting;
  expect([full, freed, await receiver.receive(), receiver.tryReceive()]).toEqual([
    false,
    [{ ok: true, value: 1 }, false],
    2,
    NOTHING,
  ]);
});

test("trio test_unbuffered: without a buffer an item passes only from one who sends to one who receives at the same time", async () => {
  const [sender, receiver] = channel<number>({ capacity: 0 });
  const tried = [receiver.tryReceive(), sender.trySend(1)];
  const log = await taskGroup(async (group) => {
    const sending = group.spawn(() => sender.send(1));
    await turn();
    return [sending.state, await receiver.receive(), await sending.settled(), receiver.tryReceive()];
  });
  expect([tried, log]).toEqual([
    [NOTHING, false],
    ["running", 1, { ok: true, value: undefined }, NOTHING],
  ]);
});
