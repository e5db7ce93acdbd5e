/** The tests of putting, and of what is cancelled meanwhile, in CPython's test_queues.py. The titles carry the names from there; README.md has the list. */
import { taskGroup } from "holdfast";
import { Queue } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { Outcomes } from "../sync/outcomes.ts";

const clock = useFakeClock();
const reason = new Error("aborted");

test("asyncio Put.test_blocking_put: a put does not wait where there is room", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  await queue.put(1);
  expect(await queue.get()).toBe(1);
});

test("asyncio Put.test_blocking_put_wait: a put into a full queue waits until something is got", async () => {
  const queue = new Queue<number>({ capacity: 1 });
  const log = await clock.run(() =>
    taskGroup(async (group) => {
      const putter = group.spawn(async () => {
        await queue.put(1);
        await queue.put(2);
        return clock.now();
      });
      await turn();
      const before = putter.state;
      group.spawn(async ({ sleep: pause }) => {
        await pause(10);
        queue.tryGet();
      });
      return [before, await putter.join(), queue.size];
    }),
  );
  expect(log).toEqual(["running", 10, 1]);
});

test("asyncio Put.test_nonblocking_put: tryPut puts where there is room, and says so", () => {
  const queue = new Queue<number>({ capacity: Infinity });
  expect([queue.tryPut(1), queue.tryGet()]).toEqual([true, { ok: true, value: 1 }]);
});

test("asyncio Put.test_nonblocking_put_exception: tryPut into a full queue says so, and puts nothing", () => {
  const queue = new Queue<number>({ capacity: 1 });
  queue.tryPut(1);
  expect([queue.tryPut(2), queue.size, queue.waiting]).toEqual([false, 1, 1]);
});

test("asyncio Put.test_get_cancel_drop_one_pending_reader: a reader that is aborted when its item was there already keeps the item", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  const controller = new AbortController();
  const reader = queue.get({ signal: controller.signal });
  await turn();
  queue.tryPut(1);
  queue.tryPut(2);
  controller.abort(reason);
  expect([await reader, await queue.get()]).toEqual([1, 2]);
});

test("asyncio Put.test_get_cancel_drop_many_pending_readers: of several readers the first is aborted just after it was served: it has its item, and the others get the rest", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  const controller = new AbortController();
  const readers = [queue.get({ signal: controller.signal }), queue.get(), queue.get()];
  await turn();
  queue.tryPut(1);
  queue.tryPut(2);
  controller.abort(reason);
  queue.tryPut(3);
  expect(await Promise.all(readers)).toEqual([1, 2, 3]);
});

test("asyncio Put.test_get_cancel_drop_many_pending_readers: aborted just before, it gets none, and the others get all", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  const controller = new AbortController();
  const first = queue.get({ signal: controller.signal });
  const others = [queue.get(), queue.get()];
  await turn();
  controller.abort(reason);
  queue.tryPut(1);
  queue.tryPut(2);
  expect([await errorOf(first), await Promise.all(others), queue.size]).toEqual([reason, [1, 2], 0]);
});

test("asyncio Put.test_put_cancel_drop: a writer that is aborted when there was room for its item already has put it, once", async () => {
  const queue = new Queue<number>({ capacity: 1 });
  queue.tryPut(1);
  const controller = new AbortController();
  const writer = queue.put(2, { signal: controller.signal });
  await turn();
  const first = queue.tryGet();
  controller.abort(reason);
  await writer;
  expect([first, queue.tryGet(), queue.size, queue.waiting]).toEqual([
    { ok: true, value: 1 },
    { ok: true, value: 2 },
    0,
    0,
  ]);
});

test("asyncio Put.test_put_cancel_drop: one that is aborted before has put nothing, and the room is there for another try", async () => {
  const queue = new Queue<number>({ capacity: 1 });
  queue.tryPut(1);
  const controller = new AbortController();
  const writer = queue.put(2, { signal: controller.signal });
  await turn();
  controller.abort(reason);
  const error = await errorOf(writer);
  const first = queue.tryGet();
  await queue.put(2);
  expect([error, first, queue.tryGet(), queue.size]).toEqual([
    reason,
    { ok: true, value: 1 },
    { ok: true, value: 2 },
    0,
  ]);
});

test("asyncio Put.test_put_cancelled: a put that was served before anybody cancelled it is through", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  const state = await taskGroup(async (group) => {
    const putter = group.spawn(({ signal }) => queue.put(1, { signal }));
    const item = await queue.get();
    await turn();
    const before = putter.state;
    putter.cancel();
    return [item, before, putter.state];
  });
  expect(state).toEqual([1, "succeeded", "succeeded"]);
});

test("asyncio Put.test_put_cancelled_race: aborting a later put does not disturb earlier ones", async () => {
  const queue = new Queue<string>({ capacity: 1 });
  const controller = new AbortController();
  const outcomes = new Outcomes();
  void outcomes.note("put a", queue.put("a"));
  void outcomes.note("put b", queue.put("b"));
  outcomes.note("put x", queue.put("x", { signal: controller.signal })).catch(() => {});
  const before = await outcomes.names();
  controller.abort(reason);
  const after = await outcomes.names();
  const items = [queue.tryGet(), queue.tryGet(), queue.tryGet()];
  expect([before, after, items, await outcomes.names()]).toEqual([
    ["put a"],
    ["put a", "put x"],
    [
      { ok: true, value: "a" },
      { ok: true, value: "b" },
      { ok: false, error: undefined },
    ],
    ["put a", "put x", "put b"],
  ]);
});

test("asyncio Put.test_put_with_waiting_getters: a put serves who waits", async () => {
  const queue = new Queue<string>({ capacity: Infinity });
  const getter = queue.get();
  await turn();
  await queue.put("a");
  expect([await getter, queue.size]).toEqual(["a", 0]);
});

test("asyncio Put.test_why_are_putters_waiting: more who put than there is room for are all through when as many were got as were in the queue", async () => {
  const queue = new Queue<number>({ capacity: 2 });
  const got: number[] = [];
  await clock.run(() =>
    taskGroup((group) => {
      group.spawn(async () => {
        await turn();
        for (let left = queue.size; left > 0; left--) got.push(await queue.get());
      });
      for (const item of [0, 1, 2, 3]) group.spawn(() => queue.put(item));
    }),
  );
  expect([got, queue.size, queue.waiting]).toEqual([[0, 1], 2, 2]);
});

test("asyncio Put.test_cancelled_puts_not_being_held_in_self_putters: a put that was aborted is in line no more", async () => {
  const queue = new Queue<number>({ capacity: 1 });
  queue.tryPut(1);
  const controller = new AbortController();
  const put = queue.put(2, { signal: controller.signal });
  await turn();
  const before = queue.waiting;
  controller.abort(reason);
  expect([before, queue.waiting, await errorOf(put)]).toEqual([2, 1, reason]);
});

test("asyncio Put.test_cancelled_put_silence_value_error_exception: a put that is aborted when it was woken already is not torn out of line a second time: it has put", async () => {
  const queue = new Queue<number>({ capacity: 1 });
  queue.tryPut(1);
  const controller = new AbortController();
  const outcomes = new Outcomes();
  void outcomes.note("aborted", queue.put(2, { signal: controller.signal }));
  void outcomes.note("next", queue.put(3));
  await turn();
  queue.tryGet();
  controller.abort(reason);
  const settled = await outcomes.names();
  const items = [queue.tryGet(), queue.tryGet()];
  await turn();
  expect([settled, items, outcomes.settled]).toEqual([
    ["aborted"],
    [
      { ok: true, value: 2 },
      { ok: true, value: 3 },
    ],
    [
      ["aborted", undefined],
      ["next", undefined],
    ],
  ]);
});

test("asyncio Put.test_float_maxsize: a capacity that is no whole number is refused", async () => {
  const errors = [1.3, Number.NaN, -1].map(async (capacity) =>
    String(await errorOf((async () => new Queue({ capacity }))())),
  );
  expect(await Promise.all(errors)).toEqual([
    "RangeError: queue: capacity must be an integer >= 1 or Infinity, got 1.3 (number)",
    "RangeError: queue: capacity must be an integer >= 1 or Infinity, got NaN (number)",
    "RangeError: queue: capacity must be an integer >= 1 or Infinity, got -1 (number)",
  ]);
});
