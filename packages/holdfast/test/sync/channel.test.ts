import { sleep, taskGroup, timeout } from "holdfast";
import { kidsOf, scopeOf } from "holdfast/lowlevel";
import { channel, type Receiver, type Sender } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";

const clock = useFakeClock();

const reason = new Error("aborted");
const NOTHING = { ok: false, error: undefined };

/** The code of what `call` throws, or of what its promise rejects with; its value if it does neither. */
async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
}

/** Senders and receivers that wait, and items in the buffer. */
function countsOf(end: Sender<never> | Receiver<unknown>): [senders: number, size: number, receivers: number] {
  const { waitingSenders, size, waitingReceivers } = end.statistics();
  return [waitingSenders, size, waitingReceivers];
}

describe("a new channel", () => {
  for (const [capacity, error] of [
    [-1, "RangeError: channel: capacity must be an integer >= 0 or Infinity, got -1 (number)"],
    [1.5, "RangeError: channel: capacity must be an integer >= 0 or Infinity, got 1.5 (number)"],
    [undefined, "TypeError: channel: capacity must be an integer >= 0 or Infinity, got undefined"],
  ] as const)
    test(`can't have a capacity of ${String(capacity)}`, async () => {
      // Holds: what the compiler would refuse is what is tested.
      const options = { capacity: capacity as number };
      expect(String(await errorOf((async () => channel(options))()))).toBe(error);
    });

  test("has two open ends, and nothing in it", () => {
    const [sender, receiver] = channel<number>({ capacity: 2 });
    const statistics = {
      size: 0,
      capacity: 2,
      openSenders: 1,
      openReceivers: 1,
      waitingSenders: 0,
      waitingReceivers: 0,
    };
    expect([sender.statistics(), receiver.statistics(), sender.isClosed, receiver.isClosed]).toEqual([
      statistics,
      statistics,
      false,
      false,
    ]);
  });
});

describe("sending and receiving", () => {
  test("keeps the order; a full buffer makes senders wait, an empty one receivers", async () => {
    const [sender, receiver] = channel<number>({ capacity: 2 });
    const outcomes = new Outcomes();
    for (const item of [1, 2, 3, 4]) void outcomes.note(`send ${item}`, sender.send(item));
    const steps: unknown[] = [[await outcomes.names(), countsOf(receiver), sender.trySend(5)]];
    const received = [await receiver.receive(), receiver.tryReceive()];
    steps.push([await outcomes.names(), countsOf(receiver)]);
    received.push(await receiver.receive(), await receiver.receive(), receiver.tryReceive());
    void outcomes.note("receive", receiver.receive());
    steps.push([await outcomes.names(), countsOf(receiver)]);
    await sender.send(5);
    await turn();
    expect([steps, received, outcomes.settled.at(-1)]).toEqual([
      [
        [["send 1", "send 2"], [2, 2, 0], false],
        [
          ["send 1", "send 2", "send 3", "send 4"],
          [0, 2, 0],
        ],
        [
          ["send 1", "send 2", "send 3", "send 4"],
          [0, 0, 1],
        ],
      ],
      [1, { ok: true, value: 2 }, 3, 4, NOTHING],
      ["receive", 5],
    ]);
  });

  test("without a buffer is a rendezvous: a sender waits for a receiver, a receiver for a sender", async () => {
    const [sender, receiver] = channel<number>({ capacity: 0 });
    const outcomes = new Outcomes();
    const tried = [sender.trySend(0), receiver.tryReceive()];
    void outcomes.note("send 1", sender.send(1));
    void outcomes.note("send 2", sender.send(2));
    const before = [await outcomes.names(), countsOf(receiver)];
    const received = [receiver.tryReceive(), await receiver.receive()];
    const after = await outcomes.names();
    void outcomes.note("receive", receiver.receive());
    expect([tried, before, received, after, sender.trySend(3)]).toEqual([
      [false, NOTHING],
      [[], [2, 0, 0]],
      [{ ok: true, value: 1 }, 2],
      ["send 1", "send 2"],
      true,
    ]);
    await turn();
    expect(outcomes.settled.at(-1)).toEqual(["receive", 3]);
  });

  test("an item that was handed to one who waits can't be taken by another, nor the room that it left", async () => {
    const [sender, receiver] = channel<number>({ capacity: 1 });
    const waiting = receiver.receive();
    expect([sender.trySend(1), receiver.tryReceive()]).toEqual([true, NOTHING]);
    await sender.send(2);
    const blocked = sender.send(3);
    expect([await receiver.receive(), sender.trySend(4)]).toEqual([2, false]);
    await blocked;
    expect([await waiting, await receiver.receive()]).toEqual([1, 3]);
  });

  test("with a capacity of Infinity never waits to send", async () => {
    const [sender, receiver] = channel<number>({ capacity: Infinity });
    for (let item = 0; item < 1000; item++) await sender.send(item);
    expect([countsOf(receiver), await receiver.receive()]).toEqual([[0, 1000, 0], 0]);
  });
});

describe("a signal", () => {
  test("ends a send and a receive at once, which then had no effect", async () => {
    const [sender, receiver] = channel<number>({ capacity: 0 });
    for (const wait of [
      (signal: AbortSignal): Promise<unknown> => sender.send(1, { signal }),
      (signal: AbortSignal): Promise<unknown> => receiver.receive({ signal }),
    ]) {
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = wait(signal);
      controller.abort(reason);
      expect([await errorOf(waiting), countsOf(receiver), kidsOf(scopeOf(signal))]).toEqual([reason, [0, 0, 0], []]);
      expect(await errorOf(wait(signal))).toBe(reason);
    }
    expect([sender.trySend(2), receiver.tryReceive()]).toEqual([false, NOTHING]);
  });

  test("that aborts in the turn in which the item was handed over comes too late, on either side", async () => {
    const [sender, receiver] = channel<number>({ capacity: 0 });
    const controller = new AbortController();
    const { signal } = controller;
    const received = receiver.receive({ signal });
    await sender.send(1);
    const sent = sender.send(2);
    const second = receiver.tryReceive();
    controller.abort(reason);
    await sent;
    expect([await received, second]).toEqual([1, { ok: true, value: 2 }]);
  });

  test("a receive that ran out of time leaves nobody behind who would take an item", async () => {
    const [sender, receiver] = channel<number>({ capacity: 1 });
    await clock.run(() => errorOf(timeout(10, ({ signal }) => receiver.receive({ signal }))));
    await sender.send(1);
    expect(await receiver.receive()).toBe(1);
  });
});

describe("closing", () => {
  test("CHANNEL-1: of the last sender lets receivers have what is there, then says so; loops end", async () => {
    const [sender, receiver] = channel<string>({ capacity: 2, name: "words" });
    await sender.send("a");
    await sender.send("b");
    sender.close();
    sender.close();
    const seen: unknown[] = [await receiver.receive(), receiver.tryReceive()];
    for (let count = 0; count < 2; count++) {
      expect(await errorOf(receiver.receive())).toMatchObject({
        name: "ChannelEndedError",
        code: "ERR_CHANNEL_ENDED",
        channel: "words",
        message: 'channel "words" has ended: every sender is closed; read it with for await, which ends then',
      });
      expect(await codeOf(() => receiver.tryReceive())).toBe("ERR_CHANNEL_ENDED");
    }
    for await (const item of receiver) seen.push(item);
    expect([seen, sender.isClosed, receiver.isClosed]).toEqual([["a", { ok: true, value: "b" }], true, false]);
  });

  test("CHANNEL-1: of the last receiver tells senders, those that wait too, and drops what was in the buffer", async () => {
    const [sender, receiver] = channel<number>({ capacity: 1, name: "words" });
    await sender.send(1);
    const waiting = sender.send(2);
    receiver.close();
    expect(await errorOf(waiting)).toMatchObject({
      name: "ChannelBrokenError",
      code: "ERR_CHANNEL_BROKEN",
      channel: "words",
      message: 'channel "words" has no receiver any more; stop sending, or keep a receiver open',
    });
    expect([await codeOf(() => sender.send(3)), await codeOf(() => sender.trySend(3)), countsOf(sender)]).toEqual([
      "ERR_CHANNEL_BROKEN",
      "ERR_CHANNEL_BROKEN",
      [0, 0, 0],
    ]);
  });

  test("makes whatever is done with that very handle a mistake, and says whose", async () => {
    const [sender, receiver] = channel<number>({ capacity: 1, name: "words" });
    sender.close();
    receiver.close();
    expect(await errorOf(sender.send(1))).toMatchObject({
      name: "ChannelClosedError",
      code: "ERR_CHANNEL_CLOSED",
      channel: "words",
      message:
        'this sender of channel "words" is closed; give each task a clone() of its own, and close that when it is done',
    });
    expect(await errorOf(receiver.receive())).toMatchObject({
      code: "ERR_CHANNEL_CLOSED",
      message:
        'this receiver of channel "words" is closed; give each task a clone() of its own, and close that when it is done',
    });
    const codes = [
      () => sender.trySend(1),
      () => sender.clone(),
      () => receiver.tryReceive(),
      () => receiver.clone(),
      () => receiver[Symbol.asyncIterator]().next(),
    ].map((call) => codeOf(call));
    expect(await Promise.all(codes)).toEqual(Array.from({ length: 5 }, () => "ERR_CHANNEL_CLOSED"));
  });

  test("CHANNEL-2: wakes those that wait by this handle, and leaves those by its clones waiting", async () => {
    const [sender, receiver] = channel<string>({ capacity: 0 });
    const [otherSender, otherReceiver] = [sender.clone(), receiver.clone()];
    const outcomes = new Outcomes();
    for (const [name, end] of [
      ["first", sender],
      ["other", otherSender],
      ["first too", sender],
    ] as const)
      outcomes.note(name, end.send(name)).catch(() => {});
    sender.close();
    await turn();
    expect([outcomes.settled, countsOf(receiver)]).toMatchObject([
      [
        ["first", { code: "ERR_CHANNEL_CLOSED" }],
        ["first too", { code: "ERR_CHANNEL_CLOSED" }],
      ],
      [1, 0, 0],
    ]);
    expect(await receiver.receive()).toBe("other");
    outcomes.settled.length = 0;
    outcomes.note("by receive", receiver.receive()).catch(() => {});
    outcomes.note("by next", receiver[Symbol.asyncIterator]().next()).catch(() => {});
    void outcomes.note("by the clone", otherReceiver.receive());
    receiver.close();
    await turn();
    expect([outcomes.settled, countsOf(otherSender)]).toMatchObject([
      [
        ["by receive", { code: "ERR_CHANNEL_CLOSED" }],
        ["by next", { code: "ERR_CHANNEL_CLOSED" }],
      ],
      [0, 0, 1],
    ]);
    await otherSender.send("x");
    await turn();
    expect(outcomes.settled.at(-1)).toEqual(["by the clone", "x"]);
  });

  test("CHANNEL-1: ends its side only when all its clones are closed, in whatever order", async () => {
    const [sender, receiver] = channel<number>({ capacity: 1 });
    const [senderClone, receiverClone] = [sender.clone(), receiver.clone()];
    const { openSenders, openReceivers } = sender.statistics();
    sender.close();
    await senderClone.send(1);
    receiver.close();
    const received = await receiverClone.receive();
    const ended = receiverClone.receive();
    senderClone.close();
    expect([openSenders, openReceivers, received, await codeOf(() => ended)]).toEqual([2, 2, 1, "ERR_CHANNEL_ENDED"]);
    receiverClone.close();
    const after = receiverClone.statistics();
    expect([after.openSenders, after.openReceivers]).toEqual([0, 0]);
  });

  test("CHANNEL-1: of one handle twice counts once", async () => {
    const [sender, receiver] = channel<number>({ capacity: 1 });
    const [senderClone, receiverClone] = [sender.clone(), receiver.clone()];
    for (const end of [sender, sender, receiver, receiver]) end.close();
    await senderClone.send(1);
    expect(await receiverClone.receive()).toBe(1);
  });

  test("is what the end of a using block does", async () => {
    const [sender, receiver] = channel<number>({ capacity: 1 });
    {
      using own = sender;
      await own.send(1);
    }
    const seen: number[] = [];
    {
      using own = receiver;
      for await (const item of own) seen.push(item);
    }
    expect([seen, sender.isClosed, receiver.isClosed]).toEqual([[1], true, true]);
  });

  test("lets loops end when the last of several producers is done", async () => {
    const [sender, receiver] = channel<string>({ capacity: 0 });
    const seen: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        for (const [name, pause] of [
          ["a", 10],
          ["b", 15],
        ] as const) {
          const own = sender.clone();
          group.spawn(async () => {
            for (let count = 1; count <= 3; count++) {
              await sleep(pause);
              await own.send(`${clock.now()}: ${name}`);
            }
            own.close();
          });
        }
        sender.close();
        for await (const item of receiver) seen.push(item);
      }),
    );
    expect(seen).toEqual(["10: a", "15: b", "20: a", "30: b", "30: a", "45: b"]);
  });
});
