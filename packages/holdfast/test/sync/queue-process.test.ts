import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";
import { queueOf, Work } from "./work.ts";

const clock = useFakeClock();

const reason = new Error("aborted");

describe("process", () => {
  test("QUEUE-PROCESS-1: runs at most as many items as concurrency says, in the order in which they were put", async () => {
    const queue = queueOf([1, 2, 3, 4, 5]);
    const work = new Work<number>();
    const processing = queue.process(work.run, { concurrency: 2 });
    await turn();
    const steps: unknown[] = [[...work.started, queue.running, queue.waiting]];
    for (const item of [2, 1, 4, 3, 5]) {
      await work.pass(item);
      steps.push([...work.started, queue.running, queue.waiting]);
    }
    await processing;
    expect(steps).toEqual([
      [1, 2, 2, 3],
      [1, 2, 3, 2, 2],
      [1, 2, 3, 4, 2, 1],
      [1, 2, 3, 4, 5, 2, 0],
      [1, 2, 3, 4, 5, 1, 0],
      [1, 2, 3, 4, 5, 0, 0],
    ]);
  });

  test("waits for items as long as the queue is open, and resolves when it is closed, empty, and nothing runs", async () => {
    const queue = queueOf<number>([], { isOpen: true });
    const work = new Work<number>();
    const outcomes = new Outcomes();
    void outcomes.note("process", queue.process(work.run, { concurrency: 2 }));
    await turn();
    for (const item of [1, 2, 3]) await queue.put(item);
    await turn();
    for (const item of [1, 2]) await work.pass(item);
    queue.close();
    expect([work.started, await outcomes.names()]).toEqual([[1, 2, 3], []]);
    await work.pass(3);
    expect(outcomes.settled).toEqual([["process", undefined]]);
  });

  test("resolves at once for a queue that is closed and empty", async () => {
    await queueOf([]).process(() => {}, { concurrency: 1 });
  });

  test("opens no more lanes than there is work for, however high the concurrency", async () => {
    const queue = queueOf(Array.from({ length: 500 }, (_, index) => index));
    let most = 0;
    await queue.process(
      async () => {
        most = Math.max(most, queue.running);
        await turn();
      },
      { concurrency: Infinity },
    );
    expect(most).toBe(500);
  });

  test("gives the function the item and a context below its signal", async () => {
    const queue = queueOf(["a"]);
    const controller = new AbortController();
    const seen: unknown[] = [];
    await queue.process(
      (item, context) => {
        controller.abort(reason);
        seen.push(item, context.cancelled, context.signal.reason);
      },
      { concurrency: 1, signal: controller.signal },
    );
    expect(seen).toEqual(["a", true, reason]);
  });

  test("takes nothing while the queue is paused, and lets go on what runs", async () => {
    const queue = queueOf([1, 2, 3]);
    const work = new Work<number>();
    const processing = queue.process(work.run, { concurrency: 1 });
    await turn();
    queue.pause();
    await work.pass(1);
    expect([work.started, queue.running, queue.waiting]).toEqual([[1], 0, 2]);
    queue.resume();
    for (const item of [2, 3]) {
      await turn();
      await work.pass(item);
    }
    await processing;
    expect(work.started).toEqual([1, 2, 3]);
  });

  for (const [what, options, message] of [
    ["no options", undefined, "process: concurrency must be an integer >= 1 or Infinity, got undefined"],
    [
      "a concurrency of 0",
      { concurrency: 0 },
      "process: concurrency must be an integer >= 1 or Infinity, got 0 (number)",
    ],
    [
      "a timeout below 0",
      { concurrency: 1, timeout: -1 },
      "process: timeout must be a number of milliseconds >= 0 or Infinity, got -1 (number)",
    ],
    [
      "an onDeadLetter that is no function",
      { concurrency: 1, onDeadLetter: [] },
      "process: onDeadLetter takes a function, got an array",
    ],
  ] as const)
    test(`rejects ${what}, and takes nothing`, async () => {
      const queue = queueOf([1]);
      // Holds: what the compiler would refuse is what is tested.
      const error = await errorOf(queue.process(() => {}, options as unknown as { concurrency: number }));
      expect([String(error).replace(/^\w+: /u, ""), queue.size]).toEqual([message, 1]);
    });

  test("rejects what is no function", async () => {
    // Holds: what the compiler would refuse is what is tested.
    const error = await errorOf(queueOf([1]).process(undefined as unknown as () => void, { concurrency: 1 }));
    expect(String(error)).toBe("TypeError: process takes a function, got undefined");
  });
});

describe("SYNC-QUEUE-1: waitForIdle", () => {
  test("waits for the items that run, from the turn in which they were taken", async () => {
    const queue = queueOf<number>([], { isOpen: true });
    const work = new Work<number>();
    const processing = queue.process(work.run, { concurrency: 2 });
    await turn();
    const outcomes = new Outcomes();
    await queue.put(1);
    void outcomes.note("idle", queue.waitForIdle());
    expect([queue.waiting, queue.running, await outcomes.names()]).toEqual([0, 1, []]);
    await work.pass(1);
    expect(await outcomes.names()).toEqual(["idle"]);
    queue.close();
    await processing;
  });

  test("does not see an idle queue in between, when the last item is taken to be processed", async () => {
    const queue = queueOf([1]);
    const outcomes = new Outcomes();
    void outcomes.note("idle", queue.waitForIdle());
    const work = new Work<number>();
    const processing = queue.process(work.run, { concurrency: 1 });
    expect(await outcomes.names()).toEqual([]);
    await work.pass(1);
    await processing;
    expect(await outcomes.names()).toEqual(["idle"]);
  });
});

describe("timeout", () => {
  test("fails an item that takes longer with a TimeoutError of its attempt, and cancels it alone", async () => {
    const queue = queueOf([10, 30, 20]);
    const letters: unknown[] = [];
    await clock.run(() =>
      queue.process((ms, { sleep }) => sleep(ms), {
        concurrency: 3,
        timeout: 25,
        name: "mail",
        onDeadLetter: (item, error) => void letters.push(item, error),
      }),
    );
    expect([letters, clock.now()]).toMatchObject([
      [30, { code: "ERR_TIMEOUT", layer: "attempt", timeout: 25, message: "mail timed out after 25 ms" }],
      25,
    ]);
  });

  test("abandons an item that does not stop, and goes on", async () => {
    const queue = queueOf(["stubborn", "next"]);
    const gate = new Gate();
    const seen: unknown[] = [];
    await clock.run(() =>
      queue.process(
        (item) => {
          seen.push(item);
          return item === "next" ? undefined : gate.promise;
        },
        {
          concurrency: 1,
          timeout: 10,
          onDeadLetter: (_item, error) => void seen.push(error),
        },
      ),
    );
    expect(seen).toMatchObject(["stubborn", { code: "ERR_TIMEOUT", unresponsive: [{ sawSignal: false }] }, "next"]);
    gate.open();
  });
});
