/**
 * CPython's Lib/test/test_asyncio/test_queues.py: size, order and getting; what is about putting, joining and shutting down is in files beside this one.
 * The titles carry the names from there; README.md has the list.
 */
import { taskGroup, timeout, TimeoutError } from "holdfast";
import { Queue } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { Outcomes } from "../sync/outcomes.ts";
import { NOTHING } from "./refusal.ts";

const clock = useFakeClock();
const reason = new Error("aborted");

test("asyncio Basic.test_empty: a queue is empty until something is put, and again when that has been got", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  const sizes = [queue.size];
  await queue.put(1);
  sizes.push(queue.size);
  const item = await queue.get();
  sizes.push(queue.size);
  expect([sizes, item]).toEqual([[0, 1, 0], 1]);
});

test("asyncio Basic.test_full: a queue is full when as many items are in it as its capacity says; Infinity never is", async () => {
  const endless = new Queue<number>({ capacity: Infinity });
  for (let item = 0; item < 1000; item++) await endless.put(item);
  const small = new Queue<number>({ capacity: 1 });
  await small.put(1);
  expect([endless.tryPut(1000), endless.size, small.tryPut(2), small.size]).toEqual([true, 1001, false, 1]);
});

test("asyncio Basic.test_order: items come out in the order in which they were put", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  for (const item of [1, 3, 2]) await queue.put(item);
  expect([await queue.get(), await queue.get(), await queue.get()]).toEqual([1, 3, 2]);
});

test("asyncio Basic.test_maxsize: the third put into a queue of two waits until one was got", async () => {
  const queue = new Queue<number>({ capacity: 2 });
  const put: number[] = [];
  const log: unknown[] = [queue.capacity];
  await taskGroup(async (group) => {
    const putter = group.spawn(async () => {
      for (let item = 0; item < 3; item++) {
        await queue.put(item);
        put.push(item);
      }
    });
    await turn();
    log.push([...put], putter.state, await queue.get());
    await turn();
    log.push([...put], putter.state, await queue.get(), await queue.get());
  });
  expect(log).toEqual([2, [0, 1], "running", 0, [0, 1, 2], "succeeded", 1, 2]);
});

test("asyncio Get.test_blocking_get: what is there is got at once", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  queue.tryPut(1);
  expect([await queue.get(), queue.size]).toEqual([1, 0]);
});

test("asyncio Get.test_blocking_get_wait: a get waits until something is put", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  const log = await clock.run(() =>
    taskGroup(async (group) => {
      const getter = group.spawn(() => queue.get());
      await turn();
      const before = getter.state;
      group.spawn(async ({ sleep: pause }) => {
        await pause(10);
        queue.tryPut(1);
      });
      return [before, await getter.join(), clock.now()];
    }),
  );
  expect(log).toEqual(["running", 1, 10]);
});

test("asyncio Get.test_nonblocking_get: tryGet takes what is there", () => {
  const queue = new Queue<number>({ capacity: Infinity });
  queue.tryPut(1);
  expect([queue.tryGet(), queue.size]).toEqual([{ ok: true, value: 1 }, 0]);
});

test("asyncio Get.test_nonblocking_get_exception: tryGet says when nothing is there, and changes nothing", async () => {
  const queue = new Queue<undefined>({ capacity: 1 });
  const tried = queue.tryGet();
  queue.tryPut(undefined);
  expect([tried, queue.tryGet()]).toEqual([NOTHING, { ok: true, value: undefined }]);
});

test("asyncio Get.test_get_with_putters: a get wakes exactly one of those who wait to put, the first", async () => {
  const queue = new Queue<number>({ capacity: 1 });
  await queue.put(1);
  const outcomes = new Outcomes();
  for (const item of [2, 3]) void outcomes.note(`put ${item}`, queue.put(item));
  const before = await outcomes.names();
  const item = await queue.get();
  expect([before, item, await outcomes.names(), queue.size, queue.waiting]).toEqual([[], 1, ["put 2"], 1, 2]);
});

test("asyncio Get.test_get_with_waiting_putters: the items of those who wait to put follow in order", async () => {
  const queue = new Queue<string>({ capacity: 1 });
  const puts = ["a", "b", "c"].map((item) => queue.put(item));
  expect([await queue.get(), await queue.get(), await queue.get(), await Promise.all(puts)]).toEqual([
    "a",
    "b",
    "c",
    [undefined, undefined, undefined],
  ]);
});

test("asyncio Get.test_get_cancelled_race: a get that was cancelled does not swallow the next item", async () => {
  const queue = new Queue<string>({ capacity: Infinity });
  const controller = new AbortController();
  const first = queue.get({ signal: controller.signal });
  const second = queue.get();
  await turn();
  controller.abort(reason);
  const error = await errorOf(first);
  await queue.put("a");
  expect([error, await second, queue.size]).toEqual([reason, "a", 0]);
});

test("asyncio Get.test_why_are_getters_waiting: one who puts and one who gets come to an end through a queue of one", async () => {
  const queue = new Queue<number>({ capacity: 1 });
  const got: number[] = [];
  await clock.run(() =>
    taskGroup((group) => {
      group.spawn(async () => {
        for (let item = 0; item < 5; item++) await queue.put(item);
      });
      group.spawn(async () => {
        for (let count = 0; count < 5; count++) got.push(await queue.get());
      });
    }),
  );
  expect([got, queue.waiting]).toEqual([[0, 1, 2, 3, 4], 0]);
});

test("asyncio Get.test_cancelled_getters_not_being_held_in_self_getters: a get that ran out of time is in line no more", async () => {
  const queue = new Queue<number>({ capacity: 5 });
  const error = await clock.run(() => errorOf(timeout(100, ({ signal }) => queue.get({ signal }))));
  queue.tryPut(1);
  await turn();
  expect(error).toBeInstanceOf(TimeoutError);
  expect([clock.now(), queue.size, queue.tryGet()]).toEqual([100, 1, { ok: true, value: 1 }]);
});

/** There is no other kind of queue. One counts, in a queue, what is kept in an order of one's own. */
class OrderedQueue<T> {
  readonly #items: T[] = [];
  readonly #count = new Queue<undefined>({ capacity: Infinity });
  readonly #takeOut: (items: T[]) => T | undefined;

  constructor(takeOut: (items: T[]) => T | undefined) {
    this.#takeOut = takeOut;
  }

  put(item: T): void {
    this.#items.push(item);
    this.#count.tryPut(undefined);
  }

  async get(): Promise<T | undefined> {
    await this.#count.get();
    return this.#takeOut(this.#items);
  }
}

function last(items: number[]): number | undefined {
  return items.pop();
}

function least(items: number[]): number | undefined {
  return items.splice(items.indexOf(Math.min(...items)), 1)[0];
}

for (const [name, takeOut, ordered] of [
  ["Lifo.test_order", last, [2, 3, 1]],
  ["Priority.test_order", least, [1, 2, 3]],
] as const)
  test(`asyncio ${name}: a queue has one order; for another, it counts what is kept beside it`, async () => {
    const queue = new Queue<number>({ capacity: Infinity });
    const other = new OrderedQueue(takeOut);
    for (const item of [1, 3, 2]) {
      await queue.put(item);
      other.put(item);
    }
    const inOrder = [await queue.get(), await queue.get(), await queue.get()];
    const inAnother = [await other.get(), await other.get(), await other.get()];
    const waiting = other.get();
    await turn();
    other.put(4);
    expect([inOrder, inAnother, await waiting]).toEqual([[1, 3, 2], ordered, 4]);
  });
