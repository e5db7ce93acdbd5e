/** Asks 300,000 times where promises are awaited, and prints what that has left behind, and what becomes of promises that were asked about a thousand times. Needs `--expose-gc`. */
import { setImmediate as immediate } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { awaitStacks } from "holdfast/inspect";

function used(): number {
  globalThis.gc?.();
  return getHeapStatistics().used_heap_size;
}

async function waits(promise: Promise<unknown>): Promise<unknown> {
  return await promise;
}

function pending(): { readonly promise: Promise<unknown>; readonly reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<unknown>((_, no) => (reject = no));
  return { promise, reject };
}

/** How many of `count` questions had the answer that they should. Half about promises that nobody asks about again, half about one. */
async function ask(count: number, held: Promise<unknown>): Promise<number> {
  let right = 0;
  for (let done = 0; done < count; done += 1000) {
    const fresh = Array.from({ length: 500 }, () => new Promise<void>(() => {}));
    for (const promise of fresh) void waits(promise);
    const again = Array.from({ length: 500 }, () => held);
    for (const [frame = ""] of [...awaitStacks(fresh), ...awaitStacks(again)]) if (frame.startsWith("waits ")) right++;
    if (done % 20_000 === 0) await immediate();
  }
  return right;
}

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));

const held = pending();
const floating = pending();
const waiting = waits(held.promise).catch((error: unknown) => error);
Reflect.set(globalThis, "kept", waits(floating.promise));
await ask(20_000, held.promise);
await ask(1000, floating.promise);
const before = used();
const right = await ask(300_000, held.promise);
await immediate();
const growth = used() - before;

const gone = new WeakRef(new Promise<void>(() => {}));
((): void => {
  const promise = gone.deref();
  if (promise !== undefined) awaitStacks([promise]);
})();
await immediate();
used();

const refused = new Error("refused");
held.reject(refused);
const forgotten = new Error("nobody looks");
floating.reject(forgotten);
const caught = await waiting;
await immediate();
await immediate();
const isCollected = gone.deref() === undefined;
const propagates = caught === refused;
const isUnhandled = unhandled.length === 1 && unhandled[0] === forgotten;
process.stdout.write(JSON.stringify({ right, growth, isCollected, propagates, isUnhandled }));
