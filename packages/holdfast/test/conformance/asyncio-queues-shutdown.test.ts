/**
 * The tests of join and shutdown in CPython's test_queues.py. There, who got an item says `task_done` some time; here `process` knows when it is done. `shutdown()` is `close()`,
 * `shutdown(immediate=True)` is `abort()`, `join()` is `waitForIdle()`. The titles carry the names from there; README.md has the list.
 */
import { Queue } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { Outcomes } from "../sync/outcomes.ts";
import { codesOf, NOTHING } from "./refusal.ts";

const CLOSED = "ERR_QUEUE_CLOSED";

test("asyncio Join.test_task_done: waitForIdle resolves when two lanes are done with all the items, not when they were taken", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  for (let item = 0; item < 100; item++) queue.tryPut(item);
  let sum = 0;
  const processing = queue.process(
    async (item) => {
      await turn();
      sum += item;
    },
    { concurrency: 2 },
  );
  await queue.waitForIdle();
  const whenIdle = [sum, queue.running, queue.isIdle];
  queue.tryPut(1000);
  queue.close();
  await processing;
  expect([whenIdle, sum]).toEqual([[4950, 0, true], 5950]);
});

test("asyncio Join.test_task_done: while an item is in work, waitForIdle waits, though the queue is empty", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  const gate = new Gate();
  const outcomes = new Outcomes();
  queue.tryPut(1);
  void outcomes.note(
    "process",
    queue.process(() => gate.promise, { concurrency: 1 }),
  );
  void outcomes.note("idle", queue.waitForIdle());
  const before = [await outcomes.names(), queue.size, queue.running];
  gate.open();
  const after = await outcomes.names();
  queue.close();
  expect([before, after, await outcomes.names()]).toEqual([[[], 0, 1], ["idle"], ["idle", "process"]]);
});

test("asyncio Join.test_join_empty_queue: waiting for an empty queue is over at once, as often as one likes", async () => {
  const queue = new Queue<number>({ capacity: Infinity });
  expect([await queue.waitForIdle(), await queue.waitForIdle()]).toEqual([undefined, undefined]);
});

test("asyncio Shutdown.test_shutdown_empty: closing an empty queue ends who waits to get; nothing is put or got any more, and the queue is idle", async () => {
  const queue = new Queue<string>({ capacity: Infinity });
  const waiting = queue.get();
  await turn();
  queue.close();
  await queue.waitForIdle();
  const codes = await codesOf(
    () => waiting,
    () => queue.put("data"),
    () => queue.tryPut("data"),
    () => queue.get(),
  );
  expect([codes, queue.tryGet(), queue.size]).toEqual([[CLOSED, CLOSED, CLOSED, CLOSED], NOTHING, 0]);
});

test("asyncio Shutdown.test_shutdown_nonempty: closing a full queue ends who waits to put; what is in it can still be got, and who joins waits until that is done", async () => {
  const queue = new Queue<string>({ capacity: 1 });
  const outcomes = new Outcomes();
  queue.tryPut("data");
  void outcomes.note("idle", queue.waitForIdle());
  outcomes.note("put", queue.put("data2")).catch(() => {});
  const before = await outcomes.names();
  queue.close();
  const closed = [await outcomes.names(), queue.size];
  const gate = new Gate<string>();
  const seen: string[] = [];
  const work = async (item: string): Promise<void> => void seen.push(item, await gate.promise);
  void outcomes.note("process", queue.process(work, { concurrency: 1 }));
  const inWork = [await outcomes.names(), queue.size, queue.running];
  const codes = await codesOf(
    () => queue.put("data"),
    () => queue.tryPut("data"),
    () => queue.get(),
  );
  gate.open("done");
  expect([before, closed, inWork, codes, await outcomes.names(), seen]).toEqual([
    [],
    [["put"], 1],
    [["put"], 0, 1],
    [CLOSED, CLOSED, CLOSED],
    ["put", "idle", "process"],
    ["data", "done"],
  ]);
  expect(outcomes.settled[0]).toMatchObject(["put", { code: CLOSED }]);
});

test("asyncio Shutdown.test_shutdown_nonempty: without anybody who processes, what was in it is got, and then gets are refused", async () => {
  const queue = new Queue<string>({ capacity: 1 });
  queue.tryPut("data");
  queue.close();
  expect([await queue.get(), ...(await codesOf(() => queue.get()))]).toEqual(["data", CLOSED]);
});

test("asyncio Shutdown.test_shutdown_immediate: an abort takes the items out, to hand them back, and the queue is idle", async () => {
  const queue = new Queue<string>({ capacity: Infinity });
  const outcomes = new Outcomes();
  queue.tryPut("data");
  void outcomes.note("idle", queue.waitForIdle());
  const before = await outcomes.names();
  const items = queue.abort();
  const after = [await outcomes.names(), queue.size];
  const codes = await codesOf(
    () => queue.put("data"),
    () => queue.tryPut("data"),
    () => queue.get(),
  );
  expect([before, items, after, codes, queue.tryGet(), queue.abort()]).toEqual([
    [],
    ["data"],
    [["idle"], 0],
    [CLOSED, CLOSED, CLOSED],
    NOTHING,
    [],
  ]);
});

test("asyncio Shutdown.test_shutdown_immediate_with_unfinished: after an abort, who joins still waits for what was taken before", async () => {
  const queue = new Queue<string>({ capacity: Infinity });
  const outcomes = new Outcomes();
  const gate = new Gate();
  for (const item of ["taken", "waits"]) queue.tryPut(item);
  const seen: string[] = [];
  const work = async (item: string): Promise<void> => {
    seen.push(item);
    await gate.promise;
  };
  void outcomes.note("idle", queue.waitForIdle());
  void outcomes.note("process", queue.process(work, { concurrency: 1 }));
  await turn();
  const items = queue.abort();
  const after = [await outcomes.names(), queue.size, queue.running];
  const codes = await codesOf(
    () => queue.put("data"),
    () => queue.tryPut("data"),
    () => queue.get(),
  );
  gate.open();
  expect([items, after, codes, await outcomes.names(), seen, queue.running]).toEqual([
    ["waits"],
    [[], 0, 1],
    [CLOSED, CLOSED, CLOSED],
    ["idle", "process"],
    ["taken"],
    0,
  ]);
});
