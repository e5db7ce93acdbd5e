/** That asking leaves nothing behind. */
import { getHeapStatistics } from "node:v8";
import { setImmediate as immediate } from "node:timers/promises";
import { awaitStacks } from "holdfast/inspect";
import { expect, test } from "../harness.ts";

function used(): number {
  globalThis.gc?.();
  return getHeapStatistics().used_heap_size;
}

async function waits(promise: Promise<void>): Promise<void> {
  await promise;
}

test("PROBE-1: 300,000 questions leave the heap as it was, and what was asked about is collected", async () => {
  expect(globalThis.gc).toBeTypeOf("function");
  const held = new Promise<void>(() => {});
  void waits(held);
  const ask = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1000) {
      const fresh = Array.from({ length: 500 }, () => new Promise<void>(() => {}));
      for (const promise of fresh) void waits(promise);
      expect(awaitStacks(fresh)[499]).toHaveLength(1);
      expect(awaitStacks(Array.from({ length: 500 }, () => held))[499]).toHaveLength(1);
      if (done % 20_000 === 0) await immediate();
    }
  };
  await ask(20_000);
  const before = used();
  await ask(300_000);
  await immediate();
  // A byte for each question would be 300 kB.
  expect(used() - before).toBeLessThan(300_000);
  const gone = new WeakRef(new Promise<void>(() => {}));
  const fresh = (): void => {
    const promise = gone.deref();
    if (promise !== undefined) awaitStacks([promise]);
  };
  fresh();
  await immediate();
  used();
  expect(gone.deref()).toBeUndefined();
});
