/** anyio's tests/streams/test_memory.py, as far as it adds to trio's tests of channels. The titles carry the names from there; README.md has the list. */
import { taskGroup } from "holdfast";
import { channel } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { codesOf, NOTHING } from "./refusal.ts";

const clock = useFakeClock();
const reason = new Error("aborted");

const CLOSED = "ERR_CHANNEL_CLOSED";

test("anyio test_receive_when_cancelled: a receive under an aborted signal takes nothing, though items are there", async () => {
  const [sender, receiver] = channel<string>({ capacity: 0 });
  const log = await clock.run(() =>
    taskGroup(async (group) => {
      for (const item of ["hello", "world"]) group.spawn(() => sender.send(item));
      await turn();
      const error = await errorOf(receiver.receive({ signal: AbortSignal.abort(reason) }));
      return [error, await receiver.receive(), await receiver.receive()];
    }),
  );
  expect(log).toEqual([reason, "hello", "world"]);
});

test("anyio test_send_when_cancelled: a send under an aborted signal sends nothing, though somebody waits", async () => {
  const [sender, receiver] = channel<string>({ capacity: 0 });
  const log = await clock.run(() =>
    taskGroup(async (group) => {
      const receiving = group.spawn(() => receiver.receive());
      await turn();
      const error = await errorOf(sender.send("hello", { signal: AbortSignal.abort(reason) }));
      await sender.send("world");
      return [error, await receiving.join()];
    }),
  );
  expect(log).toEqual([reason, "world"]);
});

test("anyio test_cancel_during_receive: a receiver that is cancelled when it has been given its item keeps the item", async () => {
  const [sender, receiver] = channel<string>({ capacity: 0 });
  const received: string[] = [];
  const state = await taskGroup(async (group) => {
    const task = group.spawn(async ({ signal }) => void received.push(await receiver.receive({ signal })));
    await turn();
    sender.trySend("hello");
    task.cancel();
    await turn();
    return task.state;
  });
  expect([received, state]).toEqual([["hello"], "succeeded"]);
});

test("anyio test_cancel_during_receive_buffered: what is sent when the next receiver in line has been cancelled stays in the buffer", async () => {
  const [sender, receiver] = channel<string>({ capacity: 1 });
  const tried = await taskGroup(async (group) => {
    const task = group.spawn(({ signal }) => receiver.receive({ signal }));
    await turn();
    task.cancel();
    return sender.trySend("item");
  });
  expect([tried, receiver.tryReceive()]).toEqual([true, { ok: true, value: "item" }]);
});

test("anyio test_cancel_receive: who has been cancelled receives no more, so there is nobody to send to", async () => {
  const [sender, receiver] = channel<string>({ capacity: 0 });
  await taskGroup(async (group) => {
    group.spawn(({ signal }) => receiver.receive({ signal }));
    await turn();
    group.cancel();
  });
  expect(sender.trySend("hello")).toBe(false);
});

test("anyio test_cancel_send: who has been cancelled sends no more, so there is nothing to receive", async () => {
  const [sender, receiver] = channel<string>({ capacity: 0 });
  await taskGroup(async (group) => {
    group.spawn(({ signal }) => sender.send("hello", { signal }));
    await turn();
    group.cancel();
  });
  expect(receiver.tryReceive()).toEqual(NOTHING);
});

test("anyio test_close_send_while_receiving: a task that waits to receive fails with the end, once", async () => {
  const [sender, receiver] = channel<never>({ capacity: 1 });
  const error = await errorOf(
    taskGroup(async (group) => {
      group.spawn(() => receiver.receive());
      await turn();
      sender.close();
    }),
  );
  expect(error).toMatchObject({
    name: "ErrorGroup",
    errors: [{ name: "ChannelEndedError", code: "ERR_CHANNEL_ENDED" }],
  });
});

test("anyio test_close_receive_while_sending: a task that waits to send fails since nobody is left, once; undefined is an item too", async () => {
  const [sender, receiver] = channel<undefined>({ capacity: 0 });
  const error = await errorOf(
    taskGroup(async (group) => {
      group.spawn(() => sender.send(undefined));
      await turn();
      receiver.close();
    }),
  );
  expect(error).toMatchObject({
    name: "ErrorGroup",
    errors: [{ name: "ChannelBrokenError", code: "ERR_CHANNEL_BROKEN" }],
  });
});

test("anyio test_receive_after_send_closed: what was sent before the close is received after it", async () => {
  const [sender, receiver] = channel<string>({ capacity: 1 });
  await sender.send("hello");
  sender.close();
  expect(await receiver.receive()).toBe("hello");
});

test("anyio test_close_receive_after_send: each side closes its end when it is done, in whatever order, and both succeed", async () => {
  const [sender, receiver] = channel<string>({ capacity: 0 });
  const states = await taskGroup(async (group) => {
    const tasks = [
      group.spawn(async () => {
        using _ = sender;
        await sender.send("test");
      }),
      group.spawn(async () => {
        using _ = receiver;
        return await receiver.receive();
      }),
    ];
    return await Promise.all(tasks.map((task) => task.settled()));
  });
  expect([states, sender.isClosed, receiver.isClosed]).toEqual([
    [
      { ok: true, value: undefined },
      { ok: true, value: "test" },
    ],
    true,
    true,
  ]);
});

test("anyio test_clone: clones go on when the handles that they are made from are closed", async () => {
  const [firstSender, firstReceiver] = channel<string>({ capacity: 1 });
  const [sender, receiver] = [firstSender.clone(), firstReceiver.clone()];
  firstSender.close();
  firstReceiver.close();
  expect([sender.trySend("hello"), receiver.tryReceive()]).toEqual([true, { ok: true, value: "hello" }]);
});

test("anyio test_clone_closed: a closed handle can't be cloned", async () => {
  const [sender, receiver] = channel<never>({ capacity: 1 });
  sender.close();
  receiver.close();
  const codes = await codesOf(
    () => sender.clone(),
    () => receiver.clone(),
  );
  expect(codes).toEqual([CLOSED, CLOSED]);
});

test("anyio test_sync_close: leaving a using block closes at once, on both sides", async () => {
  const [sender, receiver] = channel<undefined>({ capacity: 1 });
  {
    using _sender = sender;
    using _receiver = receiver;
  }
  const codes = await codesOf(
    () => sender.trySend(undefined),
    () => receiver.tryReceive(),
  );
  expect(codes).toEqual([CLOSED, CLOSED]);
});

test("anyio test_send_to_natively_cancelled_receiver: an item that is sent right after the abort of who waits first does not go there, but to the next", async () => {
  const [sender, receiver] = channel<string>({ capacity: 1 });
  const controller = new AbortController();
  const first = receiver.receive({ signal: controller.signal });
  const second = receiver.receive();
  await turn();
  controller.abort(reason);
  sender.trySend("hello");
  sender.trySend("world");
  expect([await errorOf(first), await second, receiver.tryReceive()]).toEqual([
    reason,
    "hello",
    { ok: true, value: "world" },
  ]);
});
