/** A queue against a plain model of one: a list of items, a line of puts and a line of gets. */
import * as fc from "fast-check";
import { Queue } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { Call, checkModel, type Step } from "./model.ts";

const CLOSED = "error ERR_QUEUE_CLOSED";
const DONE = 'value {"done":true}';

class Putting extends Call {
  readonly item: number;

  constructor(id: number, item: number) {
    super(id);
    this.item = item;
  }
}

class Getting extends Call {
  /** The loop that it is of, if any. */
  readonly loop: Loop | undefined;

  constructor(id: number, loop: Loop | undefined) {
    super(id);
    this.loop = loop;
  }
}

interface Loop {
  readonly iterator: AsyncIterator<number, void, void>;
  isOver: boolean;
}

class Model {
  readonly queue: Queue<number>;
  readonly capacity: number;
  readonly items: number[] = [];
  readonly putters: Putting[] = [];
  readonly getters: Getting[] = [];
  readonly idlers: Call[] = [];
  readonly calls: Call[] = [];
  readonly loops: Loop[] = [];
  isPaused: boolean = false;
  /** What puts and gets get to hear, once it is closed. */
  end: string | undefined;
  lastItem: number = 0;
  /** Items that left the queue, in order. */
  readonly out: number[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
    this.queue = new Queue({ capacity });
  }

  add<C extends Call>(call: C): C {
    this.calls.push(call);
    return call;
  }

  /** What follows from what is there. */
  settle(): void {
    while (this.putters.length > 0 && this.items.length < this.capacity && this.end === undefined) this.#admit();
    while (!this.isPaused && this.getters.length > 0 && this.items.length > 0) {
      const getter = this.getters.shift();
      const item = this.items.shift();
      if (getter === undefined || item === undefined) break;
      this.out.push(item);
      getter.expected = getter.loop === undefined ? `value ${item}` : `value {"done":false,"value":${item}}`;
      this.#admit();
    }
    if (this.end !== undefined) {
      for (const putter of this.putters.splice(0)) putter.expected = this.end;
      if (this.items.length === 0) for (const getter of this.getters.splice(0)) getter.expected = this.endOf(getter);
    }
    if (this.items.length + this.putters.length === 0)
      for (const idler of this.idlers.splice(0)) idler.expected = "value undefined";
  }

  #admit(): void {
    const putter = this.items.length < this.capacity ? this.putters.shift() : undefined;
    if (putter === undefined) return;
    this.items.push(putter.item);
    putter.expected = "value undefined";
  }

  endOf({ loop }: Getting): string {
    return loop !== undefined && this.end === CLOSED ? DONE : (this.end ?? "");
  }

  take(): number | undefined {
    if (this.isPaused) return undefined;
    const item = this.items.shift();
    if (item !== undefined) this.out.push(item);
    this.settle();
    return item;
  }
}

function remove(list: unknown[], each: unknown): void {
  const at = list.indexOf(each);
  if (at >= 0) list.splice(at, 1);
}

/** What `call` throws, or gives, as a {@link Call} says it. */
function told(call: () => unknown): string {
  try {
    return `value ${JSON.stringify(call())}`;
  } catch (error) {
    return `error ${error instanceof Error && "code" in error ? String(error.code) : (error as Error).message}`;
  }
}

const steps: readonly fc.Arbitrary<Step<Model>>[] = [
  fc.constant({
    name: "put",
    run: (model) => {
      const call = model.add(new Putting(model.calls.length, ++model.lastItem));
      call.watch(model.queue.put(call.item, { signal: call.signal }));
      model.putters.push(call);
      model.settle();
    },
  }),
  fc.constant({
    name: "tryPut",
    run: (model) => {
      const item = ++model.lastItem;
      const { end } = model;
      const hasRoom = model.items.length < model.capacity;
      expect(told(() => model.queue.tryPut(item))).toBe(end ?? `value ${hasRoom}`);
      if (end === undefined && hasRoom) model.items.push(item);
      model.settle();
    },
  }),
  fc.constant({
    name: "get",
    run: (model) => {
      const call = model.add(new Getting(model.calls.length, undefined));
      call.watch(model.queue.get({ signal: call.signal }));
      model.getters.push(call);
      model.settle();
    },
  }),
  fc.constant({
    name: "tryGet",
    run: (model) => {
      const result = model.queue.tryGet();
      const item = model.take();
      expect(result).toEqual(item === undefined ? { ok: false, error: undefined } : { ok: true, value: item });
    },
  }),
  fc.constant({
    name: "loop",
    run: (model) => void model.loops.push({ iterator: model.queue[Symbol.asyncIterator](), isOver: false }),
  }),
  fc.nat().map((pick) => ({
    name: `next ${pick}`,
    can: ({ loops }) => loops.length > 0,
    run: (model) => {
      const loop = model.loops[pick % model.loops.length];
      if (loop === undefined) return;
      const call = model.add(new Getting(model.calls.length, loop));
      call.watch(loop.iterator.next());
      if (loop.isOver) call.expected = DONE;
      else model.getters.push(call);
      model.settle();
    },
  })),
  fc.nat().map((pick) => ({
    name: `return ${pick}`,
    can: ({ loops }) => loops.length > 0,
    run: (model) => {
      const loop = model.loops[pick % model.loops.length];
      if (loop === undefined) return;
      void loop.iterator.return?.();
      loop.isOver = true;
      for (const getter of model.getters.filter((each) => each.loop === loop)) {
        getter.expected = DONE;
        remove(model.getters, getter);
      }
    },
  })),
  fc.constant({
    name: "waitForIdle",
    run: (model) => {
      const call = model.add(new Call(model.calls.length));
      call.watch(model.queue.waitForIdle({ signal: call.signal }));
      model.idlers.push(call);
      model.settle();
    },
  }),
  fc.nat().map((pick) => ({
    name: `abort call ${pick}`,
    can: ({ calls }) => calls.some((call) => !(call instanceof Getting && call.loop !== undefined)),
    run: (model) => {
      const calls = model.calls.filter((call) => !(call instanceof Getting && call.loop !== undefined));
      const call = calls[pick % calls.length];
      if (call === undefined) return;
      call.abort();
      if (call.expected === "pending") call.expected = call.cancelled;
      for (const line of [model.putters, model.getters, model.idlers]) remove(line, call);
    },
  })),
  fc.constant({
    name: "pause",
    run: (model) => {
      model.queue.pause();
      model.isPaused = true;
    },
  }),
  fc.constant({
    name: "resume",
    run: (model) => {
      model.queue.resume();
      model.isPaused = false;
      model.settle();
    },
  }),
  fc.constant({
    name: "close",
    can: ({ calls }) => calls.length > 8,
    run: (model) => {
      model.queue.close();
      model.end ??= CLOSED;
      model.settle();
    },
  }),
  fc.option(fc.constant("stop"), { nil: undefined }).map((reason) => ({
    name: `abort${reason === undefined ? "" : " with a reason"}`,
    can: ({ calls }) => calls.length > 8,
    run: (model) => {
      const items = model.queue.abort(reason === undefined ? undefined : new Error(reason));
      expect(items).toEqual(model.items.splice(0));
      model.out.push(...items);
      if (reason !== undefined && (model.end === undefined || model.end === CLOSED)) model.end = `error ${reason}`;
      model.end ??= CLOSED;
      model.settle();
    },
  })),
];

test("EXCHANGE-1, EXCHANGE-2, EXCHANGE-3: whatever is put, got, paused, closed and cancelled when, it does what a list and two lines do", async () => {
  await checkModel<Model>({
    make: fc.constantFrom(1, 2, 3, Infinity).map((capacity) => () => new Model(capacity)),
    steps,
    verify: (model, isQuiet) => {
      const { queue, items, putters, isPaused, end } = model;
      const { size, waiting, running, isIdle, isClosed } = queue;
      const all = items.length + putters.length;
      expect([size, waiting, running, isIdle, isClosed, queue.isPaused]).toEqual([
        items.length,
        all,
        0,
        all === 0,
        end !== undefined,
        isPaused,
      ]);
      if (isQuiet) expect(model.calls.map((call) => call.outcome)).toEqual(model.calls.map((call) => call.expected));
      // Never out of order.
      expect(model.out).toEqual(model.out.toSorted((a, b) => a - b));
    },
    finish: (model) => {
      model.queue.resume();
      model.isPaused = false;
      model.settle();
      const items = model.queue.abort();
      expect(items).toEqual(model.items.splice(0));
      model.end ??= CLOSED;
      model.settle();
      expect(model.calls.filter(({ expected }) => expected === "pending")).toEqual([]);
    },
    runs: 1000,
  });
});
