/** A channel against a plain model of one: trio's, a list of items, and a line for each end. */
import * as fc from "fast-check";
import { channel, type Receiver, type Sender } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { Call, checkModel, type Step } from "./model.ts";

interface Handle<E> {
  readonly end: E;
  isClosed: boolean;
}
type SenderHandle = Handle<Sender<number>>;
type ReceiverHandle = Handle<Receiver<number>>;

class Sending extends Call {
  readonly handle: SenderHandle;
  readonly item: number;

  constructor(id: number, handle: SenderHandle, item: number) {
    super(id);
    this.handle = handle;
    this.item = item;
  }
}

class Receiving extends Call {
  readonly handle: ReceiverHandle;

  constructor(id: number, handle: ReceiverHandle) {
    super(id);
    this.handle = handle;
  }
}

const CLOSED = "ERR_CHANNEL_CLOSED";
const BROKEN = "ERR_CHANNEL_BROKEN";
const ENDED = "ERR_CHANNEL_ENDED";

class Model {
  readonly capacity: number;
  readonly senders: SenderHandle[];
  readonly receivers: ReceiverHandle[];
  items: number[] = [];
  readonly sending: Sending[] = [];
  readonly receiving: Receiving[] = [];
  readonly calls: Call[] = [];
  lastItem: number = 0;
  /** In the order in which they were received. */
  readonly out: number[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
    const [sender, receiver] = channel<number>({ capacity });
    this.senders = [{ end: sender, isClosed: false }];
    this.receivers = [{ end: receiver, isClosed: false }];
  }

  add<C extends Call>(call: C): C {
    this.calls.push(call);
    return call;
  }

  /** Why a send by this handle can't be. */
  refusal({ isClosed }: SenderHandle): string | undefined {
    return isClosed ? CLOSED : this.receivers.every((each) => each.isClosed) ? BROKEN : undefined;
  }

  /** What follows from what is there. */
  settle(): void {
    for (;;) {
      const receiving = this.receiving[0];
      const direct = this.items.length === 0 ? this.sending[0] : undefined;
      if (receiving !== undefined && (this.items.length > 0 || direct !== undefined)) {
        this.receiving.shift();
        receiving.expected = `value ${this.next()}`;
      } else if (this.sending.length > 0 && this.items.length < this.capacity) this.#admit();
      else break;
    }
    if (this.senders.every(({ isClosed }) => isClosed) && this.items.length === 0)
      for (const receiving of this.receiving.splice(0)) receiving.expected = `error ${ENDED}`;
  }

  close(handle: Handle<Sender<number> | Receiver<number>>): void {
    handle.end.close();
    handle.isClosed = true;
    for (const line of [this.sending, this.receiving])
      for (const call of line.filter((each: Sending | Receiving) => each.handle === handle)) {
        call.expected = `error ${CLOSED}`;
        remove(line, call);
      }
    if (this.receivers.every(({ isClosed }) => isClosed)) {
      this.items = [];
      for (const call of this.sending.splice(0)) call.expected = `error ${BROKEN}`;
    }
    this.settle();
  }

  #admit(): void {
    const sending = this.sending.shift();
    if (sending === undefined) return;
    sending.expected = "value undefined";
    this.items.push(sending.item);
  }

  /** Takes an item, if there is one. */
  next(): number | undefined {
    if (this.items.length === 0) this.#admit();
    const item = this.items.shift();
    if (item !== undefined) this.out.push(item);
    return item;
  }
}

function pickOf<T>(list: readonly T[], pick: number): T {
  // Holds: there is always one of each end.
  return list[pick % list.length] as T;
}

function remove(list: unknown[], each: unknown): void {
  const at = list.indexOf(each);
  if (at >= 0) list.splice(at, 1);
}

/** What `call` throws, by its code, or gives. */
function told(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
}

const steps: readonly fc.Arbitrary<Step<Model>>[] = [
  fc.nat().map((pick) => ({
    name: `send by ${pick}`,
    run: (model) => {
      const handle = pickOf(model.senders, pick);
      const call = model.add(new Sending(model.calls.length, handle, ++model.lastItem));
      call.watch(handle.end.send(call.item, { signal: call.signal }));
      const refusal = model.refusal(handle);
      if (refusal === undefined) model.sending.push(call);
      else call.expected = `error ${refusal}`;
      model.settle();
    },
  })),
  fc.nat().map((pick) => ({
    name: `trySend by ${pick}`,
    run: (model) => {
      const handle = pickOf(model.senders, pick);
      const item = ++model.lastItem;
      const hasRoom = model.receiving.length > 0 || model.items.length < model.capacity;
      const refusal = model.refusal(handle);
      expect(told(() => handle.end.trySend(item))).toBe(refusal ?? hasRoom);
      if (refusal === undefined && hasRoom) model.items.push(item);
      model.settle();
    },
  })),
  fc.nat().map((pick) => ({
    name: `receive by ${pick}`,
    run: (model) => {
      const handle = pickOf(model.receivers, pick);
      const call = model.add(new Receiving(model.calls.length, handle));
      call.watch(handle.end.receive({ signal: call.signal }));
      if (handle.isClosed) call.expected = `error ${CLOSED}`;
      else model.receiving.push(call);
      model.settle();
    },
  })),
  fc.nat().map((pick) => ({
    name: `tryReceive by ${pick}`,
    run: (model) => {
      const handle = pickOf(model.receivers, pick);
      const result = told(() => handle.end.tryReceive());
      const item = handle.isClosed ? undefined : model.next();
      const hasEnded = model.senders.every(({ isClosed }) => isClosed);
      if (handle.isClosed) expect(result).toBe(CLOSED);
      else if (item !== undefined) expect(result).toEqual({ ok: true, value: item });
      else expect(result).toEqual(hasEnded ? ENDED : { ok: false, error: undefined });
      model.settle();
    },
  })),
  fc.nat().map((pick) => ({
    name: `abort call ${pick}`,
    can: ({ calls }) => calls.length > 0,
    run: (model) => {
      const call = pickOf(model.calls, pick);
      call.abort();
      if (call.expected === "pending") call.expected = call.cancelled;
      for (const line of [model.sending, model.receiving]) remove(line, call);
    },
  })),
  fc.tuple(fc.nat(), fc.boolean()).map(([pick, isSender]) => ({
    name: `clone ${isSender ? "sender" : "receiver"} ${pick}`,
    run: (model) => {
      const handle = pickOf<Handle<Sender<number> | Receiver<number>>>(
        isSender ? model.senders : model.receivers,
        pick,
      );
      const clone = told(() => handle.end.clone());
      if (handle.isClosed) expect(clone).toBe(CLOSED);
      else if (isSender) model.senders.push({ end: clone as Sender<number>, isClosed: false });
      else model.receivers.push({ end: clone as Receiver<number>, isClosed: false });
    },
  })),
  fc.tuple(fc.nat(), fc.boolean()).map(([pick, isSender]) => ({
    name: `close ${isSender ? "sender" : "receiver"} ${pick}`,
    // Not at once: a channel that is closed is soon told.
    can: ({ calls }) => calls.length > 5,
    run: (model) => {
      const handle = pickOf<Handle<Sender<number> | Receiver<number>>>(
        isSender ? model.senders : model.receivers,
        pick,
      );
      model.close(handle);
    },
  })),
];

test("CHANNEL-1, CHANNEL-2: whatever is sent, received, cloned, closed and cancelled when, it does what trio's does", async () => {
  await checkModel<Model>({
    make: fc.constantFrom(0, 1, 2, Infinity).map((capacity) => () => new Model(capacity)),
    steps,
    verify: (model, isQuiet) => {
      const { senders, receivers, items, sending, receiving, capacity } = model;
      expect(pickOf(senders, 0).end.statistics()).toEqual({
        size: items.length,
        capacity,
        openSenders: senders.filter(({ isClosed }) => !isClosed).length,
        openReceivers: receivers.filter(({ isClosed }) => !isClosed).length,
        waitingSenders: sending.length,
        waitingReceivers: receiving.length,
      });
      if (isQuiet)
        expect(model.calls.map(({ outcome }) => outcome)).toEqual(model.calls.map(({ expected }) => expected));
    },
    finish: (model) => {
      for (const handle of [...model.senders, ...model.receivers]) model.close(handle);
      expect(model.calls.filter(({ expected }) => expected === "pending")).toEqual([]);
    },
    runs: 500,
  });
});
