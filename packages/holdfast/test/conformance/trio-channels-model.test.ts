/** A channel against the rules of trio's memory channels, written down plainly: lists of handles, a list of items, a line of those who send and one of those who receive. */
import * as fc from "fast-check";
import { channel, type Receiver, type Sender } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { Call, checkModel, type Step } from "../sync/model.ts";

const CLOSED = "error ERR_CHANNEL_CLOSED";
const BROKEN = "error ERR_CHANNEL_BROKEN";
const ENDED = "error ERR_CHANNEL_ENDED";
const DONE = 'value {"done":true}';

interface Handle<E> {
  readonly end: E;
  isOpen: boolean;
}

interface Loop {
  readonly of: Handle<Receiver<number>>;
  readonly iterator: AsyncIterator<number, void, void>;
  isOver: boolean;
}

class Sending extends Call {
  readonly by: Handle<Sender<number>>;
  readonly item: number;

  constructor(id: number, by: Handle<Sender<number>>, item: number) {
    super(id);
    this.by = by;
    this.item = item;
  }
}

class Receiving extends Call {
  readonly by: Handle<Receiver<number>>;
  readonly loop: Loop | undefined;

  constructor(id: number, by: Handle<Receiver<number>>, loop?: Loop) {
    super(id);
    this.by = by;
    this.loop = loop;
  }

  receive(item: number): void {
    this.expected = this.loop === undefined ? `value ${item}` : `value {"done":false,"value":${item}}`;
  }

  end(): void {
    this.expected = this.loop === undefined ? ENDED : DONE;
  }
}

class Model {
  readonly capacity: number;
  readonly senders: Handle<Sender<number>>[];
  readonly receivers: Handle<Receiver<number>>[];
  readonly items: number[] = [];
  sending: Sending[] = [];
  receiving: Receiving[] = [];
  readonly loops: Loop[] = [];
  readonly calls: Call[] = [];
  /** Items that were received, in order. */
  readonly received: number[] = [];
  lastItem: number = 0;

  constructor(capacity: number) {
    const [sender, receiver] = channel<number>({ capacity });
    this.capacity = capacity;
    this.senders = [{ end: sender, isOpen: true }];
    this.receivers = [{ end: receiver, isOpen: true }];
  }

  add<C extends Call>(call: C): C {
    this.calls.push(call);
    return call;
  }

  /** What sending by `handle` is refused with. */
  refusalOf(handle: Handle<Sender<number>>): string | undefined {
    if (!handle.isOpen) return CLOSED;
    return this.receivers.some(({ isOpen }) => isOpen) ? undefined : BROKEN;
  }

  /** Hands `item` over, or keeps it, if that can be done without waiting. */
  offer(item: number): boolean {
    const receiver = this.receiving.shift();
    if (receiver !== undefined) {
      this.received.push(item);
      receiver.receive(item);
      return true;
    }
    if (this.items.length === this.capacity) return false;
    this.items.push(item);
    return true;
  }

  take(): number | undefined {
    let item = this.items.shift();
    const sender = this.sending.shift();
    if (sender !== undefined) {
      sender.expected = "value undefined";
      // Without a buffer, from hand to hand.
      if (item === undefined) item = sender.item;
      else this.items.push(sender.item);
    }
    if (item !== undefined) this.received.push(item);
    return item;
  }

  get hasEnded(): boolean {
    return !this.senders.some(({ isOpen }) => isOpen);
  }

  receive(call: Receiving): void {
    if (call.loop?.isOver === true) call.expected = DONE;
    else if (!call.by.isOpen) call.expected = CLOSED;
    else {
      const item = this.take();
      if (item !== undefined) call.receive(item);
      else if (this.hasEnded) call.end();
      else this.receiving.push(call);
    }
  }

  closeSender(handle: Handle<Sender<number>>): void {
    handle.isOpen = false;
    for (const call of this.sending) if (call.by === handle) call.expected = CLOSED;
    this.leave();
    if (this.hasEnded) for (const call of this.receiving.splice(0)) call.end();
  }

  closeReceiver(handle: Handle<Receiver<number>>): void {
    handle.isOpen = false;
    for (const call of this.receiving) if (call.by === handle) call.expected = CLOSED;
    this.leave();
    if (this.receivers.some(({ isOpen }) => isOpen)) return;
    this.items.length = 0;
    for (const call of this.sending.splice(0)) call.expected = BROKEN;
  }

  /** Who knows how it has ended waits no more. */
  leave(): void {
    this.sending = this.sending.filter(({ expected }) => expected === "pending");
    this.receiving = this.receiving.filter(({ expected }) => expected === "pending");
  }

  abortable(): Call[] {
    return this.calls.filter((call) => !(call instanceof Receiving && call.loop !== undefined));
  }
}

/** What `call` throws, or gives, as a {@link Call} says it. */
function told(call: () => unknown): string {
  try {
    return `value ${JSON.stringify(call())}`;
  } catch (error) {
    return `error ${error instanceof Error && "code" in error ? String(error.code) : String(error)}`;
  }
}

/** A step on one of several things, if there are any. */
function onOne<T>(
  name: string,
  all: (model: Model) => readonly T[],
  run: (model: Model, one: T) => void,
  can: (model: Model) => boolean = () => true,
): fc.Arbitrary<Step<Model>> {
  return fc.nat({ max: 100 }).map((pick) => ({
    name: `${name} ${pick}`,
    can,
    run: (model) => {
      const ones = all(model);
      const one = ones[pick % ones.length];
      if (one !== undefined) run(model, one);
    },
  }));
}

const senders = (model: Model): readonly Handle<Sender<number>>[] => model.senders;
const receivers = (model: Model): readonly Handle<Receiver<number>>[] => model.receivers;

const send = onOne("send", senders, (model, by) => {
  const call = model.add(new Sending(model.calls.length, by, ++model.lastItem));
  call.watch(by.end.send(call.item, { signal: call.signal }));
  const refusal = model.refusalOf(by);
  if (refusal !== undefined) call.expected = refusal;
  else if (model.offer(call.item)) call.expected = "value undefined";
  else model.sending.push(call);
});

const trySend = onOne("trySend", senders, (model, by) => {
  const item = ++model.lastItem;
  expect(told(() => by.end.trySend(item))).toBe(model.refusalOf(by) ?? `value ${model.offer(item)}`);
});

const receive = onOne("receive", receivers, (model, by) => {
  const call = model.add(new Receiving(model.calls.length, by));
  call.watch(by.end.receive({ signal: call.signal }));
  model.receive(call);
});

const tryReceive = onOne("tryReceive", receivers, (model, by) => {
  const outcome = told(() => by.end.tryReceive());
  const item = by.isOpen ? model.take() : undefined;
  const nothing = model.hasEnded ? ENDED : 'value {"ok":false}';
  expect(outcome).toBe(by.isOpen ? (item === undefined ? nothing : `value {"ok":true,"value":${item}}`) : CLOSED);
});

const loop = onOne("loop", receivers, (model, of) => {
  model.loops.push({ of, iterator: of.end[Symbol.asyncIterator](), isOver: false });
});

const next = onOne(
  "next",
  ({ loops }) => loops,
  (model, one) => {
    const call = model.add(new Receiving(model.calls.length, one.of, one));
    call.watch(one.iterator.next());
    model.receive(call);
  },
);

const leaveLoop = onOne(
  "return",
  ({ loops }) => loops,
  (model, one) => {
    void one.iterator.return?.();
    one.isOver = true;
    for (const call of model.receiving) if (call.loop === one) call.expected = DONE;
    model.leave();
  },
);

const abort = onOne(
  "abort",
  (model) => model.abortable(),
  (model, call) => {
    call.abort();
    if (call.expected === "pending") call.expected = call.cancelled;
    model.leave();
  },
);

function clone<E extends { clone(): E }>(handles: Handle<E>[], { end, isOpen }: Handle<E>): void {
  if (isOpen) handles.push({ end: end.clone(), isOpen });
  else expect(told(() => end.clone())).toBe(CLOSED);
}

const cloneSender = onOne("clone sender", senders, (model, handle) => clone(model.senders, handle));
const cloneReceiver = onOne("clone receiver", receivers, (model, handle) => clone(model.receivers, handle));

// Late enough that something has happened.
const isLate = ({ calls, lastItem }: Model): boolean => calls.length + lastItem > 6;

const closeSender = onOne(
  "close sender",
  senders,
  (model, handle) => {
    handle.end.close();
    model.closeSender(handle);
  },
  isLate,
);

const closeReceiver = onOne(
  "close receiver",
  receivers,
  (model, handle) => {
    handle.end.close();
    model.closeReceiver(handle);
  },
  isLate,
);

function verify(model: Model, isQuiet: boolean): void {
  const statistics = {
    size: model.items.length,
    capacity: model.capacity,
    openSenders: model.senders.filter(({ isOpen }) => isOpen).length,
    openReceivers: model.receivers.filter(({ isOpen }) => isOpen).length,
    waitingSenders: model.sending.length,
    waitingReceivers: model.receiving.length,
  };
  for (const { end, isOpen } of [...model.senders, ...model.receivers])
    expect([end.statistics(), end.isClosed]).toEqual([statistics, !isOpen]);
  // Nobody overtakes.
  expect(model.received).toEqual(model.received.toSorted((a, b) => a - b));
  if (isQuiet) expect(model.calls.map(({ outcome }) => outcome)).toEqual(model.calls.map(({ expected }) => expected));
}

test("trio test_channel: whatever is sent, received, cloned, closed and cancelled when, a channel does what the rules say, and nothing waits when all is closed", async () => {
  await checkModel<Model>({
    make: fc.constantFrom(0, 1, 2, Infinity).map((capacity) => () => new Model(capacity)),
    steps: [
      send,
      send,
      trySend,
      receive,
      receive,
      tryReceive,
      loop,
      next,
      leaveLoop,
      abort,
      cloneSender,
      cloneReceiver,
      closeSender,
      closeReceiver,
    ],
    verify,
    finish: (model) => {
      for (const handle of model.senders) {
        handle.end.close();
        model.closeSender(handle);
      }
      for (const handle of model.receivers) {
        handle.end.close();
        model.closeReceiver(handle);
      }
      expect(model.calls.filter(({ expected }) => expected === "pending")).toEqual([]);
    },
    runs: 500,
  });
});
