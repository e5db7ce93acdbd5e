/** What people report of other libraries about queues and limits on concurrency. See README.md. */
import { attemptsOf, bulkhead, rateLimit, sleep, taskGroup } from "holdfast";
import { Mutex, Queue, QueueClosedError, Semaphore } from "holdfast/sync";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { numbers, rejection } from "../core/lanes-gates.ts";
import { deaf } from "../policy/attempts.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const reason = new Error("the user left");

describe("who waits", () => {
  test("p-limit#25: abort settles every waiter, and nothing is left in the line", async () => {
    const semaphore = new Semaphore(1);
    const gate = new Gate();
    const running = semaphore.run(() => gate.promise);
    const controller = new AbortController();
    const waiters = numbers(100).map(() => rejection(semaphore.run(() => "never", { signal: controller.signal })));
    await turn();
    expect(semaphore.waiting).toBe(100);
    controller.abort(reason);
    expect(semaphore.waiting).toBe(0);
    expect(new Set(await Promise.all(waiters))).toEqual(new Set([reason]));
    gate.open();
    await running;
    expect(semaphore.available).toBe(1);
  });

  test("p-queue#239, async, fastq: abort of a queue settles everybody who waits at it, and hands back the items", async () => {
    const queue = new Queue<number>({ capacity: 2 });
    await queue.put(1);
    await queue.put(2);
    const put = rejection(queue.put(3));
    const idle = queue.waitForIdle();
    expect(queue.abort(reason)).toEqual([1, 2]);
    expect([await put, await idle, await rejection(queue.get())]).toEqual([reason, undefined, reason]);
  });

  test("p-queue#239: close of a queue settles a get that waits for an item that will not come", async () => {
    const queue = new Queue<number>({ capacity: 2 });
    const get = rejection(queue.get());
    queue.close();
    expect(await get).toBeInstanceOf(QueueClosedError);
  });

  test("p-queue#241: with a signal that is aborted already is told so, though there is no place", async () => {
    const signal = AbortSignal.abort(reason);
    const semaphore = new Semaphore(1);
    void semaphore.run(deaf);
    const full = bulkhead({ concurrency: 1, maxQueue: 1 });
    void full.run(deaf);
    const queue = new Queue<number>({ capacity: 1 });
    queue.tryPut(1);
    expect(
      await Promise.all([
        rejection(semaphore.run(() => 1, { signal })),
        rejection(full.run(() => 1, { signal })),
        rejection(queue.put(2, { signal })),
      ]),
    ).toEqual([reason, reason, reason]);
  });

  test("p-queue#219: and is aborted uses nothing of a rate limit: the next one does not wait longer for it", async () => {
    const limit = rateLimit({ limit: 1, interval: 1_000, maxQueue: 100 });
    const controller = new AbortController();
    const log: string[] = [];
    await clock.run(async () => {
      await limit.acquire();
      const aborted = numbers(10).map(() => rejection(limit.run(() => "never", { signal: controller.signal })));
      const last = limit.run(() => void log.push(`${clock.now()}: called`));
      controller.abort(reason);
      await Promise.all([...aborted, last]);
    });
    expect(log).toEqual(["1000: called"]);
  });

  test("p-queue#168: and who runs can be aborted at the same time, and the next one has its place", async () => {
    const semaphore = new Semaphore(1);
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }) =>
      rejection(semaphore.run(({ sleep: wait }) => wait(1_000), { signal })),
    );
    await turn();
    for (const controller of controllers) controller.abort(reason);
    expect(await Promise.all(calls)).toEqual([reason, reason]);
    expect([await semaphore.run(() => "next"), semaphore.available, semaphore.waiting]).toEqual(["next", 1, 0]);
  });

  test("p-limit: for itself is told so instead of hanging", async () => {
    const mutex = new Mutex();
    const error = await rejection(mutex.run(({ signal }) => mutex.run(() => "never", { signal })));
    expect(error).toMatchObject({ name: "AcquireDeadlockError", code: "ERR_ACQUIRE_DEADLOCK" });
  });
});

describe("an item that fails", () => {
  test("p-queue#171: crashes nothing that did not ask: put has no outcome of the item's, process has", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    for (const item of [1, 2, 3]) await queue.put(item);
    queue.close();
    const error = await rejection(
      queue.process(
        (item) => {
          if (item === 2) throw reason;
        },
        { concurrency: 1 },
      ),
    );
    expect([error, queue.abort()]).toEqual([reason, [3]]);
  });

  test("p-queue#171: goes to onDeadLetter with its error, once, and the queue goes on", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    for (const item of [1, 2, 3]) await queue.put(item);
    queue.close();
    const done: number[] = [];
    const dead: unknown[] = [];
    await queue.process(
      (item) => {
        if (item === 2) throw reason;
        done.push(item);
      },
      { concurrency: 1, onDeadLetter: (item, error) => void dead.push([item, error]) },
    );
    expect([done, dead]).toEqual([[1, 3], [[2, reason]]]);
  });

  test("bottleneck, p-retry in p-queue: is tried again in its place, and is a dead letter once, with its attempts", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    for (const item of [1, 2]) await queue.put(item);
    queue.close();
    const log: string[] = [];
    const dead: unknown[] = [];
    await clock.run(() =>
      queue.process(
        (item, { attempt }) => {
          log.push(`${clock.now()}: item ${item}, attempt ${attempt}`);
          if (item === 1) throw reason;
        },
        {
          concurrency: 1,
          retry: { retries: 1, baseDelay: 100, jitter: "none" },
          onDeadLetter: (item, error) => void dead.push([item, attemptsOf(error).length]),
        },
      ),
    );
    expect([log, dead]).toEqual([
      ["0: item 1, attempt 1", "100: item 1, attempt 2", "100: item 2, attempt 1"],
      [[1, 2]],
    ]);
  });

  test("fastq: is not lost when the process that had taken it is aborted", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    for (const item of [1, 2, 3]) await queue.put(item);
    const controller = new AbortController();
    const processing = rejection(
      queue.process((_, { sleep: wait }) => wait(1_000), { concurrency: 2, signal: controller.signal }),
    );
    await turn();
    controller.abort(reason);
    expect([await processing, queue.abort()]).toEqual([reason, [1, 2, 3]]);
  });
});

describe("a queue that is full", () => {
  test("p-queue#87, bottleneck#95: makes put wait, so that a million items are never in memory at once", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    let most = 0;
    let sum = 0;
    await taskGroup((group) => {
      group.spawn(async () => {
        for (const item of numbers(10_000)) {
          await queue.put(item);
          most = Math.max(most, queue.waiting);
        }
        queue.close();
      });
      group.spawn(() => queue.process((item) => void (sum += item), { concurrency: 4 }));
    });
    expect([most <= 10, sum]).toEqual([true, (9_999 * 10_000) / 2]);
  });

  test("bottleneck#95: has no capacity that nobody has stated", () => {
    // Holds: that is what JavaScript may pass.
    expect(() => new Queue({} as { capacity: number })).toThrow("capacity must be an integer >= 1 or Infinity");
  });
});

describe("the counters", () => {
  test("p-queue, p-limit: say what they count: what waits, and what runs", async () => {
    const queue = new Queue<string>({ capacity: 10 });
    const gate = new Gate();
    for (const item of ["a", "b", "c"]) await queue.put(item);
    const processing = queue.process(() => gate.promise, { concurrency: 2 });
    await turn();
    expect([queue.waiting, queue.running, queue.isIdle]).toEqual([1, 2, false]);
    gate.open();
    await queue.waitForIdle();
    expect([queue.waiting, queue.running, queue.isIdle]).toEqual([0, 0, true]);
    queue.close();
    await processing;
  });
});

describe("a timeout of an item", () => {
  test("jessetane/queue#70: stops the work, and does not start the next one beside work that still stops", async () => {
    const queue = new Queue<number>({ capacity: 10 });
    for (const item of [1, 2]) await queue.put(item);
    queue.close();
    const log: string[] = [];
    const dead: unknown[] = [];
    await clock.run(() =>
      queue.process(
        async (item, { signal }) => {
          log.push(`${clock.now()}: item ${item}`);
          if (item === 2) return;
          try {
            await sleep(10_000, { signal });
          } finally {
            await sleep(50);
          }
        },
        {
          concurrency: 1,
          timeout: 100,
          onDeadLetter: (item, error) => void dead.push([item, error instanceof Error && error.name]),
        },
      ),
    );
    expect([log, dead]).toEqual([["0: item 1", "150: item 2"], [[1, "TimeoutError"]]]);
  });
});
