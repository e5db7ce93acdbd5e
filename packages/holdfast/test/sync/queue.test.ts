import { taskGroup } from "holdfast";
import { kidsOf, scopeOf } from "holdfast/lowlevel";
import { Queue } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { errorOf } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";
import { fill } from "./work.ts";

const reason = new Error("aborted");

/** Items in the buffer, and those that nobody has taken. */
const sizesOf = ({ size, waiting }: Queue<unknown>): [size: number, waiting: number] => [size, waiting];

/** What can be taken without waiting. */
function drain<T>(queue: Queue<T>): T[] {
  const items: T[] = [];
  for (let result = queue.tryGet(); result.ok; result = queue.tryGet()) items.push(result.value);
  return items;
}

describe("a new queue", () => {
  for (const [capacity, error] of [
    [
      0,
      "RangeError: queue: capacity must be an integer >= 1 or Infinity, got 0 (number); for a hand-over without a buffer use channel({ capacity: 0 })",
    ],
    [-1, "RangeError: queue: capacity must be an integer >= 1 or Infinity, got -1 (number)"],
    [2.5, "RangeError: queue: capacity must be an integer >= 1 or Infinity, got 2.5 (number)"],
    ["9", 'TypeError: queue: capacity must be an integer >= 1 or Infinity, got "9" (string)'],
    [undefined, "TypeError: queue: capacity must be an integer >= 1 or Infinity, got undefined"],
  ] as const)
    test(`can't have a capacity of ${String(capacity)} (${typeof capacity})`, async () => {
      // Holds: what the compiler would refuse is what is tested.
      const options = { capacity: capacity as number };
      expect(String(await errorOf((async () => new Queue(options))()))).toBe(error);
    });

  test("can't be made without options", () => {
    // Holds: what the compiler would refuse is what is tested.
    const WithoutOptions = Queue as unknown as new () => Queue<number>;
    expect(() => new WithoutOptions()).toThrow("queue: capacity must be an integer >= 1 or Infinity, got undefined");
  });

  test("is open, empty and idle", () => {
    const queue = new Queue({ capacity: 3, name: "mail" });
    const { name, capacity, size, waiting, running, isIdle, isClosed, isPaused } = queue;
    expect({ name, capacity, size, waiting, running, isIdle, isClosed, isPaused }).toEqual({
      name: "mail",
      capacity: 3,
      size: 0,
      waiting: 0,
      running: 0,
      isIdle: true,
      isClosed: false,
      isPaused: false,
    });
    expect(new Queue({ capacity: Infinity }).name).toBe("queue");
  });
});

describe("put and get", () => {
  test("EXCHANGE-2: items come out in the order in which they went in", async () => {
    const queue = new Queue<number>({ capacity: Infinity });
    const out: number[] = [];
    let next = 0;
    // Ups and downs, so that it is turned over when it is full, nearly empty and empty.
    for (const [puts, gets] of [
      [5, 2],
      [1, 4],
      [1000, 500],
      [3, 503],
      [1, 1],
    ] as const) {
      for (let count = 0; count < puts; count++) await queue.put(next++);
      for (let count = 0; count < gets; count++) out.push(await queue.get());
    }
    expect(out).toEqual(Array.from({ length: 1010 }, (_, index) => index));
    expect(queue.isIdle).toBe(true);
  });

  test("EXCHANGE-1: a put waits while the queue is full, and its item follows those before it", async () => {
    const queue = new Queue<string>({ capacity: 2 });
    const outcomes = new Outcomes();
    for (const name of ["a", "b", "c", "d"]) void outcomes.note(name, queue.put(name));
    const steps: unknown[] = [[await outcomes.names(), sizesOf(queue)]];
    for (let count = 0; count < 4; count++) steps.push([await queue.get(), await outcomes.names(), sizesOf(queue)]);
    expect(steps).toEqual([
      [
        ["a", "b"],
        [2, 4],
      ],
      ["a", ["a", "b", "c"], [2, 3]],
      ["b", ["a", "b", "c", "d"], [2, 2]],
      ["c", ["a", "b", "c", "d"], [1, 1]],
      ["d", ["a", "b", "c", "d"], [0, 0]],
    ]);
  });

  test("EXCHANGE-2: items go to those who wait in the order in which they asked", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const outcomes = new Outcomes();
    for (const name of ["a", "b", "c"]) void outcomes.note(name, queue.get());
    await fill(queue, 1, 2);
    expect([queue.tryPut(3), queue.tryGet(), queue.isIdle]).toEqual([true, { ok: false, error: undefined }, true]);
    await outcomes.names();
    expect(outcomes.settled).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
  });

  test("EXCHANGE-2: tryPut takes only room that nobody waits for, tryGet only items that nobody waits for", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const seen: unknown[] = [queue.tryGet(), queue.tryPut(1), queue.tryPut(2)];
    const waiting = queue.put(3);
    seen.push(queue.tryGet());
    // The room that this made belongs to the put that waited.
    seen.push(queue.tryPut(4), queue.tryGet(), queue.tryGet());
    await waiting;
    const nothing = { ok: false, error: undefined };
    expect(seen).toEqual([nothing, true, false, { ok: true, value: 1 }, false, { ok: true, value: 3 }, nothing]);
  });

  test("undefined, null and NaN are items like any other", async () => {
    const queue = new Queue<unknown>({ capacity: 3 });
    await fill<unknown>(queue, undefined, null, Number.NaN);
    expect([queue.tryGet(), await queue.get(), await queue.get()]).toEqual([
      { ok: true, value: undefined },
      null,
      Number.NaN,
    ]);
    const waiting = queue.get();
    await queue.put(undefined);
    expect([await waiting, queue.isIdle]).toEqual([undefined, true]);
  });

  test("several that put and several that get pass every item once", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const got: number[] = [];
    await taskGroup((group) => {
      for (let producer = 0; producer < 3; producer++)
        group.spawn(async () => {
          for (let item = 0; item < 50; item++) await queue.put(producer * 50 + item);
        });
      for (let consumer = 0; consumer < 5; consumer++)
        group.spawn(async () => {
          for (let count = 0; count < 30; count++) got.push(await queue.get());
        });
    });
    expect(got.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, index) => index));
    // Each producer's own are in order.
    expect(got.filter((item) => item < 50)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });
});

describe("a signal", () => {
  test("EXCHANGE-3: that ends a put takes its item with it, and the others move up", async () => {
    const queue = new Queue<string>({ capacity: 1 });
    const controller = new AbortController();
    await queue.put("a");
    const outcomes = new Outcomes();
    void outcomes.note("b", queue.put("b"));
    outcomes.note("c", queue.put("c", { signal: controller.signal })).catch(() => {});
    void outcomes.note("d", queue.put("d"));
    controller.abort(reason);
    const { waiting } = queue;
    const got = [await queue.get(), await queue.get(), await queue.get()];
    await outcomes.names();
    expect([waiting, got, outcomes.settled, queue.isIdle]).toEqual([
      3,
      ["a", "b", "d"],
      [
        ["c", reason],
        ["b", undefined],
        ["d", undefined],
      ],
      true,
    ]);
  });

  test("EXCHANGE-3: that ends a get takes nothing, and the item goes to the next", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const controller = new AbortController();
    const outcomes = new Outcomes();
    outcomes.note("a", queue.get({ signal: controller.signal })).catch(() => {});
    void outcomes.note("b", queue.get());
    controller.abort(reason);
    await queue.put(1);
    await outcomes.names();
    expect(outcomes.settled).toEqual([
      ["a", reason],
      ["b", 1],
    ]);
  });

  test("LINE-2: that aborts in the turn in which the item was handed over comes too late, on either side", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const [getting, putting] = [new AbortController(), new AbortController()];
    const got = queue.get({ signal: getting.signal });
    await queue.put(1);
    getting.abort(reason);
    await queue.put(2);
    const put = queue.put(3, { signal: putting.signal });
    const second = queue.tryGet();
    putting.abort(reason);
    await put;
    expect([await got, second, queue.tryGet()]).toEqual([1, { ok: true, value: 2 }, { ok: true, value: 3 }]);
  });

  test("that is aborted already rejects whatever could be had at once, and changes nothing", async () => {
    const queue = new Queue<number>({ capacity: 2 });
    await queue.put(1);
    const signal = AbortSignal.abort(reason);
    expect(await errorOf(queue.put(2, { signal }))).toBe(reason);
    expect(await errorOf(queue.get({ signal }))).toBe(reason);
    drain(queue);
    expect(await errorOf(queue.waitForIdle({ signal }))).toBe(reason);
  });

  test("shows a tool what is waited for", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const { signal } = new AbortController();
    const kinds = (): unknown[] => kidsOf(scopeOf(signal));
    const get = queue.get({ signal });
    expect(kinds()).toMatchObject([{ kind: "get", resource: queue }]);
    await queue.put(1);
    await get;
    await queue.put(2);
    const put = queue.put(3, { signal });
    const idle = queue.waitForIdle({ signal });
    expect(kinds()).toMatchObject([
      { kind: "put", resource: queue, item: 3 },
      { kind: "idle", resource: queue },
    ]);
    drain(queue);
    await Promise.all([put, idle]);
    expect(kinds()).toEqual([]);
  });
});
