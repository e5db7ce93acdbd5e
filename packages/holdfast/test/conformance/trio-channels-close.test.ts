/** The tests of closing in trio's test_channel.py. The titles carry the names from there; README.md has the list. */
import { taskGroup } from "holdfast";
import { channel, type Receiver, type Sender } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { Outcomes } from "../sync/outcomes.ts";
import { codeOf, codesOf } from "./refusal.ts";

const CLOSED = "ERR_CHANNEL_CLOSED";
const BROKEN = "ERR_CHANNEL_BROKEN";
const ENDED = "ERR_CHANNEL_ENDED";

function tryAndSend(sender: Sender<undefined>): Promise<unknown[]> {
  return codesOf(
    () => sender.trySend(undefined),
    () => sender.send(undefined),
  );
}

function tryAndReceive(receiver: Receiver<undefined>): Promise<unknown[]> {
  return codesOf(
    () => receiver.tryReceive(),
    () => receiver.receive(),
  );
}

/** There are two ways here, too; neither waits. */
for (const [name, close] of [
  ["test_close_basics", (end: Disposable): void => end[Symbol.dispose]()],
  ["test_close_sync", (end: Sender<undefined> | Receiver<undefined>): void => end.close()],
] as const) {
  test(`trio ${name}: who waits to send is told that its own end was closed, for good, and the other side that it is the end`, async () => {
    const [sender, receiver] = channel<undefined>({ capacity: 0 });
    const waiting = codeOf(() => sender.send(undefined));
    await turn();
    close(sender);
    expect([await waiting, await tryAndSend(sender), await tryAndReceive(receiver)]).toEqual([
      CLOSED,
      [CLOSED, CLOSED],
      [ENDED, ENDED],
    ]);
  });

  test(`trio ${name}: who waits to send is told that nobody is left to receive, for good`, async () => {
    const [sender, receiver] = channel<undefined>({ capacity: 0 });
    const waiting = codeOf(() => sender.send(undefined));
    await turn();
    close(receiver);
    expect([await waiting, await tryAndSend(sender)]).toEqual([BROKEN, [BROKEN, BROKEN]]);
  });

  test(`trio ${name}: who waits to receive is told that its own end was closed, for good`, async () => {
    const [, receiver] = channel<undefined>({ capacity: 0 });
    const waiting = codeOf(() => receiver.receive());
    await turn();
    close(receiver);
    expect([await waiting, await tryAndReceive(receiver)]).toEqual([CLOSED, [CLOSED, CLOSED]]);
  });
}

test("trio test_receive_channel_clone_and_close: a side is closed when all its handles are, and a closed one can't be cloned", async () => {
  const [sender, first] = channel<number>({ capacity: 10 });
  const [second, third] = [first.clone(), first.clone()];
  sender.trySend(1);
  first.close();
  {
    using _ = second;
  }
  const cloning = await codesOf(
    () => first.clone(),
    () => second.clone(),
  );
  const sent = sender.trySend(2);
  const { size } = sender.statistics();
  third.close();
  expect([cloning, sent, size, await codeOf(() => sender.trySend(3)), sender.statistics().size]).toEqual([
    [CLOSED, CLOSED],
    true,
    2,
    BROKEN,
    0,
  ]);
});

test("trio test_close_multiple_send_handles: closing one handle wakes who sends by it, and nobody else", async () => {
  const [first, receiver] = channel<string>({ capacity: 0 });
  const second = first.clone();
  const outcomes = new Outcomes();
  await taskGroup(async (group) => {
    group.spawn(() => outcomes.note("first", first.send("nope")).catch(() => {}));
    group.spawn(() => outcomes.note("second", second.send("ok")));
    await turn();
    first.close();
    const woken = await outcomes.names();
    expect([woken, await receiver.receive()]).toEqual([["first"], "ok"]);
  });
  expect(outcomes.settled).toMatchObject([
    ["first", { code: CLOSED }],
    ["second", undefined],
  ]);
});

test("trio test_close_multiple_receive_handles: closing one handle wakes who receives by it, and nobody else", async () => {
  const [sender, first] = channel<string>({ capacity: 0 });
  const second = first.clone();
  const outcomes = new Outcomes();
  await taskGroup(async (group) => {
    group.spawn(() => outcomes.note("first", first.receive()).catch(() => {}));
    group.spawn(() => outcomes.note("second", second.receive()));
    await turn();
    first.close();
    expect(await outcomes.names()).toEqual(["first"]);
    await sender.send("ok");
  });
  expect(outcomes.settled).toMatchObject([
    ["first", { code: CLOSED }],
    ["second", "ok"],
  ]);
});
