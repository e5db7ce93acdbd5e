import { timeout } from "holdfast";
import { QueueClosedError } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";
import { left, queueOf, Work } from "./work.ts";

const clock = useFakeClock();

const reason = new Error("aborted");

describe("a signal", () => {
  test("QUEUE-PROCESS-2: that aborts puts what it cuts short back in its place, also when it ends in another order", async () => {
    const queue = queueOf([1, 2, 3, 4, 5]);
    const controller = new AbortController();
    const delays: Readonly<Record<number, number>> = { 1: 30, 2: 10, 3: 20 };
    const error = await clock.run(async () => {
      const processing = queue.process(
        async (item, { signal }) => {
          await waitUntilAborted(signal).catch(() => {});
          await timeout(1000, ({ sleep }) => sleep(delays[item] ?? 0));
          throw signal.reason;
        },
        { concurrency: 3, signal: controller.signal },
      );
      await turn();
      controller.abort(reason);
      return await errorOf(processing);
    });
    expect([error, clock.now(), queue.running, left(queue)]).toEqual([reason, 30, 0, [1, 2, 3, 4, 5]]);
  });

  test("that is aborted already rejects, although there is nothing to do", async () => {
    expect(await errorOf(queueOf([]).process(() => {}, { concurrency: 2, signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
  });

  test("that is aborted already rejects, and nothing is taken", async () => {
    const queue = queueOf([1, 2]);
    const error = await errorOf(
      queue.process(() => expect.unreachable(), { concurrency: 2, signal: AbortSignal.abort(reason) }),
    );
    expect([error, left(queue)]).toEqual([reason, [1, 2]]);
  });

  test("that aborts while it waits for items ends it at once", async () => {
    const queue = queueOf<number>([], { isOpen: true });
    const controller = new AbortController();
    const processing = queue.process(() => {}, { concurrency: 2, signal: controller.signal });
    await turn();
    controller.abort(reason);
    expect(await errorOf(processing)).toBe(reason);
    await queue.put(1);
    expect(await queue.get()).toBe(1);
  });

  test("QUEUE-PROCESS-2: that aborts in the turn in which an item was handed over leaves it in the queue, and idle in between it never was", async () => {
    const queue = queueOf<number>([], { isOpen: true });
    const controller = new AbortController();
    const processing = queue.process(() => expect.unreachable(), { concurrency: 2, signal: controller.signal });
    await turn();
    await queue.put(1);
    const outcomes = new Outcomes();
    void outcomes.note("idle", queue.waitForIdle());
    controller.abort(reason);
    expect([queue.running, queue.size, queue.isIdle]).toEqual([0, 1, false]);
    expect(await errorOf(processing)).toBe(reason);
    expect([await outcomes.names(), queue.running, queue.size, await queue.get()]).toEqual([[], 0, 1, 1]);
    expect(await outcomes.names()).toEqual(["idle"]);
  });

  test("that aborts after the last item had started, which then returns, changes nothing", async () => {
    const queue = queueOf([1]);
    const controller = new AbortController();
    const gate = new Gate();
    const processing = queue.process(() => gate.promise, { concurrency: 1, signal: controller.signal });
    await turn();
    controller.abort(reason);
    gate.open();
    await processing;
    expect(queue.isIdle).toBe(true);
  });
});

describe("items that come back", () => {
  test("may make the queue longer than its capacity; puts wait until there is room again", async () => {
    const queue = queueOf<number>([1, 2], { isOpen: true, capacity: 2 });
    const controller = new AbortController();
    const work = new Work<number>();
    const processing = queue.process(work.run, { concurrency: 2, signal: controller.signal });
    await turn();
    for (const item of [3, 4]) await queue.put(item);
    const outcomes = new Outcomes();
    void outcomes.note("put 5", queue.put(5));
    controller.abort(reason);
    await errorOf(processing);
    const steps: unknown[] = [[queue.size, queue.waiting, queue.tryPut(6)]];
    for (let count = 0; count < 5; count++) steps.push([await queue.get(), queue.size, await outcomes.names()]);
    expect(steps).toEqual([
      [4, 5, false],
      [1, 3, []],
      [2, 2, []],
      [3, 2, ["put 5"]],
      [4, 1, ["put 5"]],
      [5, 0, ["put 5"]],
    ]);
  });

  test("go to a get that waits", async () => {
    const queue = queueOf<number>([1], { isOpen: true });
    const controller = new AbortController();
    const work = new Work<number>();
    const processing = queue.process(work.run, { concurrency: 1, signal: controller.signal });
    await turn();
    const get = queue.get();
    controller.abort(reason);
    await errorOf(processing);
    expect(await get).toBe(1);
  });

  test("SYNC-QUEUE-2: of two calls cut short together are in one order", async () => {
    const queue = queueOf([1, 2, 3, 4, 5]);
    const controller = new AbortController();
    const work = new Work<number>();
    const options = { concurrency: 2, signal: controller.signal };
    const both = [queue.process(work.run, options), queue.process(work.run, options)];
    await turn();
    controller.abort(reason);
    expect(await Promise.all(both.map((each) => errorOf(each)))).toEqual([reason, reason]);
    expect([work.started.toSorted((a, b) => a - b), left(queue)]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4, 5],
    ]);
  });

  test("SYNC-QUEUE-2: are there for a second call, which does not end while the first still runs any", async () => {
    const queue = queueOf([1, 2]);
    const controller = new AbortController();
    const work = new Work<number>();
    const first = queue.process(work.run, { concurrency: 1, signal: controller.signal });
    await turn();
    const done: number[] = [];
    const outcomes = new Outcomes();
    void outcomes.note(
      "second",
      queue.process((item) => done.push(item), { concurrency: 1 }),
    );
    expect([await outcomes.names(), done]).toEqual([[], [2]]);
    controller.abort(reason);
    await errorOf(first);
    expect([await outcomes.names(), done, queue.isIdle]).toEqual([["second"], [2, 1], true]);
  });

  test("SYNC-QUEUE-2: are in one order too when they had been handed to lanes that waited", async () => {
    const queue = queueOf<number>([], { isOpen: true });
    const controller = new AbortController();
    const gates = [new Gate(), new Gate(), new Gate()];
    const { signal } = controller;
    const error = errorOf(
      queue.process(
        async (item) => {
          await gates[item]?.promise;
          throw signal.reason;
        },
        { concurrency: 3, signal },
      ),
    );
    await turn();
    for (const item of [0, 1, 2]) {
      await queue.put(item);
      await turn();
    }
    controller.abort(reason);
    for (const item of [1, 2, 0]) {
      gates[item]?.open();
      await turn();
    }
    expect([await error, left(queue)]).toEqual([reason, [0, 1, 2]]);
  });

  test("SYNC-QUEUE-2: are there for a second call that waited when the queue was closed", async () => {
    const queue = queueOf<number>([1], { isOpen: true });
    const controller = new AbortController();
    const work = new Work<number>();
    const first = queue.process(work.run, { concurrency: 1, signal: controller.signal });
    const done: number[] = [];
    const outcomes = new Outcomes();
    void outcomes.note(
      "second",
      queue.process((item) => done.push(item), { concurrency: 1 }),
    );
    await turn();
    queue.close();
    expect(await outcomes.names()).toEqual([]);
    controller.abort(reason);
    await errorOf(first);
    expect([await outcomes.names(), done]).toEqual([["second"], [1]]);
  });

  for (const taken of ["by get", "by abort"] as const)
    test(`BACKLOG-1: are in one order with those that come back after some were taken ${taken}`, async () => {
      const queue = queueOf([1, 2, 3, 4, 5, 6]);
      const controllers = [new AbortController(), new AbortController()];
      const work = new Work<number>();
      const calls = controllers.map(({ signal }) => errorOf(queue.process(work.run, { concurrency: 2, signal })));
      await turn();
      // Each call takes two; which ones is up to them.
      const running = [...work.started];
      controllers[0]?.abort(reason);
      await calls[0];
      const first = taken === "by get" ? [await queue.get(), await queue.get()] : left(queue);
      controllers[1]?.abort(reason);
      await calls[1];
      const second = left(queue);
      expect([running.toSorted((a, b) => a - b), [...first, ...second].toSorted((a, b) => a - b)]).toEqual([
        [1, 2, 3, 4],
        [1, 2, 3, 4, 5, 6],
      ]);
      expect([first, second]).toEqual([first.toSorted((a, b) => a - b), second.toSorted((a, b) => a - b)]);
    });

  test("a second call that only waits for those of the first is cut short by its signal", async () => {
    const queue = queueOf<number>([1]);
    const controller = new AbortController();
    const work = new Work<number>();
    const first = queue.process(work.run, { concurrency: 1 });
    await turn();
    const second = errorOf(queue.process(work.run, { concurrency: 1, signal: controller.signal }));
    await turn();
    controller.abort(reason);
    expect(await second).toBe(reason);
    await work.pass(1);
    await first;
  });
});

describe("abort of a queue that is being processed", () => {
  test("hands back what waits, lets go on what runs, and resolves then; waitForIdle waits for that", async () => {
    const queue = queueOf([1, 2, 3], { isOpen: true });
    const work = new Work<number>();
    const outcomes = new Outcomes();
    void outcomes.note("process", queue.process(work.run, { concurrency: 2 }));
    await turn();
    void outcomes.note("idle", queue.waitForIdle());
    const handedBack = queue.abort();
    const before = [await outcomes.names(), queue.running];
    for (const item of [1, 2]) await work.pass(item);
    expect([handedBack, ...before, await outcomes.names()]).toEqual([[3], [], 2, ["idle", "process"]]);
  });

  test("with a reason makes it reject with that, when what runs has ended", async () => {
    const queue = queueOf([1, 2, 3]);
    const work = new Work<number>();
    const outcomes = new Outcomes();
    outcomes.note("process", queue.process(work.run, { concurrency: 1 })).catch(() => {});
    await turn();
    expect([queue.abort(reason), await outcomes.names()]).toEqual([[2, 3], []]);
    await work.pass(1);
    expect(outcomes.settled).toEqual([["process", reason]]);
  });

  test("SYNC-QUEUE-2: what came back after it is handed back by the next", async () => {
    const queue = queueOf([1, 2, 3]);
    const controller = new AbortController();
    const work = new Work<number>();
    const processing = queue.process(work.run, { concurrency: 2, signal: controller.signal });
    await turn();
    const first = queue.abort();
    controller.abort(reason);
    await errorOf(processing);
    expect([first, queue.abort()]).toEqual([[3], [1, 2]]);
    expect(await errorOf(queue.get())).toBeInstanceOf(QueueClosedError);
  });
});
