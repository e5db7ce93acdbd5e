/** What a test of memory measures; for tests that run with `--expose-gc`. */

import { turn } from "../clock/fake-clock.ts";

/** Bytes on the heap that are reachable. @throws {Error} where garbage can't be collected on demand: the number would say nothing */
export function reachableBytes(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("this test needs node --expose-gc");
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

/** Whether what `reference` leads to is gone when only what the test holds is kept. */
export async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  // What a turn has made or looked at is kept until it is over.
  for (let turns = 0; turns < 3; turns++) {
    await turn();
    reachableBytes();
  }
  return reference.deref() === undefined;
}
