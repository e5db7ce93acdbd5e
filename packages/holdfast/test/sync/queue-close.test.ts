import { Queue, QueueClosedError } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";
import { fill } from "./work.ts";

const reason = new Error("aborted");

describe("close", () => {
  test("SYNC-QUEUE-3: refuses puts, those that wait too; gets drain what is there, then reject; again and again", async () => {
    const queue = new Queue<string>({ capacity: 1, name: "mail" });
    await queue.put("a");
    const waiting = queue.put("b");
    queue.close();
    queue.close();
    const errors = [
      await errorOf(waiting),
      await errorOf(queue.put("c")),
      await errorOf((async () => queue.tryPut("d"))()),
    ];
    const got = await queue.get();
    errors.push(await errorOf(queue.get()), await errorOf(queue.get()));
    for (const error of errors) {
      expect(error).toBeInstanceOf(QueueClosedError);
      expect(error).toMatchObject({
        name: "QueueClosedError",
        code: "ERR_QUEUE_CLOSED",
        queue: "mail",
        message: 'queue "mail" is closed; put before close(), and get until it is empty',
      });
    }
    expect([got, queue.tryGet(), queue.isClosed, queue.waiting]).toEqual([
      "a",
      { ok: false, error: undefined },
      true,
      0,
    ]);
  });

  test("SYNC-QUEUE-3: ends every get that waits", async () => {
    const queue = new Queue<string>({ capacity: 1 });
    const waiting = [queue.get(), queue.get()];
    queue.close();
    for (const get of waiting) expect(await errorOf(get)).toBeInstanceOf(QueueClosedError);
  });

  test("SYNC-QUEUE-3: of a paused queue leaves gets waiting as long as there are items, and ends the others with the last of them", async () => {
    const queue = new Queue<number>({ capacity: 2 });
    await fill(queue, 1, 2);
    queue.pause();
    const outcomes = new Outcomes();
    for (const name of ["a", "b", "c"]) outcomes.note(name, queue.get()).catch(() => {});
    queue.close();
    expect(await outcomes.names()).toEqual([]);
    queue.resume();
    await turn();
    expect(outcomes.settled).toMatchObject([
      ["a", 1],
      ["b", 2],
      ["c", { code: "ERR_QUEUE_CLOSED" }],
    ]);
  });

  test("SYNC-QUEUE-3: of a paused queue that is empty ends gets at once", async () => {
    const queue = new Queue<number>({ capacity: 2 });
    queue.pause();
    const waiting = queue.get();
    queue.close();
    expect(await errorOf(waiting)).toBeInstanceOf(QueueClosedError);
    expect(await errorOf(queue.get())).toBeInstanceOf(QueueClosedError);
  });
});

describe("abort", () => {
  test("SYNC-QUEUE-2: hands back what is in the queue, in order, and not what puts that wait still have", async () => {
    const queue = new Queue<string>({ capacity: 3 });
    await fill(queue, "a", "b", "c");
    await queue.get();
    await queue.put("d");
    const waiting = queue.put("e");
    expect([queue.abort(), queue.abort(), queue.isClosed, queue.waiting, queue.isIdle]).toEqual([
      ["b", "c", "d"],
      [],
      true,
      0,
      true,
    ]);
    expect(await errorOf(waiting)).toBeInstanceOf(QueueClosedError);
    expect(await errorOf(queue.get())).toBeInstanceOf(QueueClosedError);
  });

  test("SYNC-QUEUE-3: with a reason, all that waits and all that comes rejects with it, the thing itself", async () => {
    for (const given of [reason, "a string", null]) {
      const [full, empty] = [new Queue<number>({ capacity: 1 }), new Queue<number>({ capacity: 1 })];
      await full.put(1);
      const waiting = [full.put(2), empty.get(), empty[Symbol.asyncIterator]().next()];
      expect([full.abort(given), empty.abort(given)]).toEqual([[1], []]);
      const errors = [];
      for (const promise of [...waiting, full.put(3), full.get(), full[Symbol.asyncIterator]().next()])
        errors.push(await errorOf(promise));
      errors.push(await errorOf((async () => full.tryPut(4))()));
      expect(errors).toEqual(Array.from({ length: 7 }, () => given));
    }
  });

  test("with a reason, after close: the reason counts from then on; of two the first stands", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    await queue.put(1);
    queue.close();
    expect(await errorOf(queue.put(2))).toBeInstanceOf(QueueClosedError);
    expect(queue.abort(reason)).toEqual([1]);
    queue.abort(new Error("second"));
    queue.close();
    expect(await errorOf(queue.put(2))).toBe(reason);
  });

  test("SYNC-QUEUE-3: of a paused queue ends its gets", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    await queue.put(1);
    queue.pause();
    const waiting = queue.get();
    expect(queue.abort()).toEqual([1]);
    expect(await errorOf(waiting)).toBeInstanceOf(QueueClosedError);
  });
});

describe("pause", () => {
  test("holds items back from gets, loops and tryGet, and lets puts in as there is room", async () => {
    const queue = new Queue<number>({ capacity: 2 });
    const outcomes = new Outcomes();
    void outcomes.note("get", queue.get());
    queue.pause();
    queue.pause();
    void outcomes.note("next", queue[Symbol.asyncIterator]().next());
    for (const item of [1, 2, 3]) void outcomes.note(`put ${item}`, queue.put(item));
    expect([await outcomes.names(), [queue.size, queue.waiting], queue.tryGet(), queue.isPaused]).toEqual([
      ["put 1", "put 2"],
      [2, 3],
      { ok: false, error: undefined },
      true,
    ]);
    queue.resume();
    queue.resume();
    await turn();
    expect([outcomes.settled.slice(2), [queue.size, queue.waiting], queue.isPaused]).toEqual([
      [
        ["put 3", undefined],
        ["get", 1],
        ["next", { done: false, value: 2 }],
      ],
      [1, 1],
      false,
    ]);
  });
});

describe("waitForIdle", () => {
  test("resolves when the last item was got, and at once while there is none", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    await queue.waitForIdle();
    await queue.put(1);
    const waiting = queue.put(2);
    const outcomes = new Outcomes();
    void outcomes.note("idle", queue.waitForIdle());
    await queue.get();
    expect(await outcomes.names()).toEqual([]);
    await queue.get();
    expect(await outcomes.names()).toEqual(["idle"]);
    await waiting;
    queue.close();
    await queue.waitForIdle();
  });

  test("resolves when abort takes the items away", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    await queue.put(1);
    const idle = queue.waitForIdle();
    queue.abort();
    await idle;
    expect(queue.isIdle).toBe(true);
  });

  test("goes by its signal", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    await queue.put(1);
    const controller = new AbortController();
    const waiting = queue.waitForIdle({ signal: controller.signal });
    controller.abort(reason);
    expect(await errorOf(waiting)).toBe(reason);
  });
});
