import { sleep, taskGroup } from "holdfast";
import { root } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "./outcome.ts";

const clock = useFakeClock();

/** When each of `sleeps` was over, in the order in which that happened. */
function logged(sleeps: Readonly<Record<string, Promise<void>>>): string[] {
  const log: string[] = [];
  for (const [name, sleeping] of Object.entries(sleeps))
    void sleeping.then(() => log.push(`${name} at ${clock.now()}`));
  return log;
}

test("resolves after its time, with nothing", async () => {
  expect(await clock.run(() => sleep(250))).toBeUndefined();
  expect(clock.now()).toBe(250);
});

test("sleepers of different and of equal times wake in the order of their times, then of their starts", async () => {
  const log = logged({ a: sleep(20), b: sleep(10), c: sleep(20), d: sleep(0), e: sleep(10) });
  await clock.advanceUntilIdle();
  expect(log).toEqual(["d at 0", "b at 10", "e at 10", "a at 20", "c at 20"]);
});

test("sleep(0) waits for a macrotask: what is ready goes first", async () => {
  const log: string[] = [];
  void sleep(0).then(() => log.push("slept"));
  void (async () => {
    for (let hop = 0; hop < 100; hop++) await Promise.resolve();
    log.push("hops");
  })();
  await clock.runCurrent();
  expect(log).toEqual(["hops", "slept"]);
});

for (const ms of [2 ** 31 - 1, 2 ** 31, 2 ** 32, 10 * 365 * 86_400_000])
  test(`CLOCK-2: a sleep of ${ms} ms is over at its time, not before`, async () => {
    const log = logged({ long: sleep(ms) });
    await clock.advanceBy(ms - 1);
    expect(log).toEqual([]);
    await clock.advanceBy(1);
    expect(log).toEqual([`long at ${ms}`]);
  });

test("CLOCK-2: a fraction of a millisecond is waited for", async () => {
  const log = logged({ fraction: sleep(0.25) });
  await clock.runCurrent();
  expect(log).toEqual([]);
  await clock.advanceBy(1);
  expect(log).toEqual(["fraction at 1"]);
});

test("R18: sleep(Infinity) waits until it is cancelled", async () => {
  const controller = new AbortController();
  const sleeping = errorOf(sleep(Infinity, { signal: controller.signal }));
  await clock.advanceBy(2 ** 33);
  controller.abort("enough");
  expect(await sleeping).toMatchObject({ cause: "enough" });
});

describe("under a signal", () => {
  test("WAIT-1: rejects with the reason at once when it aborts, and leaves no timer and no place in the tree", async () => {
    const controller = new AbortController();
    const reason = new Error("stop");
    const sleeping = errorOf(sleep(100, { signal: controller.signal }));
    expect([clock.pending, root().kids === undefined]).toEqual([1, false]);
    controller.abort(reason);
    expect([clock.pending, root().kids === undefined]).toEqual([0, true]);
    expect(await sleeping).toBe(reason);
  });

  test("WAIT-2: under one that is aborted already, rejects with its reason and starts no timer", async () => {
    const reason = new Error("stop");
    expect(await errorOf(sleep(100, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(clock.made).toBe(0);
  });

  test("R15: a sleep that is over when the signal aborts has resolved, in the same turn too", async () => {
    const controller = new AbortController();
    const order: string[] = [];
    const first = sleep(10, { signal: controller.signal }).then(() => order.push("slept"));
    clock.setTimer(() => controller.abort(), 10);
    await clock.advanceUntilIdle();
    await first;
    expect(order).toEqual(["slept"]);
  });

  test("R15: a sleep whose signal aborts in the turn of its end, but before it, rejects", async () => {
    const controller = new AbortController();
    clock.setTimer(() => controller.abort("first"), 10);
    const sleeping = errorOf(sleep(10, { signal: controller.signal }));
    await clock.advanceUntilIdle();
    expect(await sleeping).toMatchObject({ cause: "first" });
  });

  test("WAIT-1: is woken once, when an abort comes from what another sleeper of the same time wakes", async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const sleepers = [1, 2, 3].map((name) =>
      sleep(10, { signal: controller.signal }).then(
        () => log.push(`${name} slept`),
        () => log.push(`${name} cancelled`),
      ),
    );
    void sleepers[0]?.then(() => controller.abort());
    await clock.advanceUntilIdle();
    expect(log).toEqual(["1 slept", "2 slept", "3 slept"]);
  });

  test("an abort after its end changes nothing", async () => {
    const controller = new AbortController();
    const sleeping = sleep(10, { signal: controller.signal });
    await clock.advanceUntilIdle();
    controller.abort();
    expect(await sleeping).toBeUndefined();
  });

  test("a thousand sleepers under one signal are woken by one abort", async () => {
    const controller = new AbortController();
    const sleepers = Array.from({ length: 1000 }, (_, ms) => errorOf(sleep(ms + 1, { signal: controller.signal })));
    controller.abort("all");
    const reasons = await Promise.all(sleepers);
    expect(new Set(reasons).size).toBe(1);
    expect(clock.pending).toBe(0);
  });
});

describe("arguments", () => {
  for (const ms of [-1, Number.NaN, -Infinity])
    test(`R18: ${ms} is a RangeError, as a rejection`, async () => {
      const error = await errorOf(sleep(ms));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({
        message: `sleep: ms must be a number of milliseconds >= 0 or Infinity, got ${ms} (number)`,
      });
    });

  for (const ms of ["5", null, undefined, 5n])
    test(`R23: ${typeof ms} is a TypeError, as a rejection`, async () => {
      expect(await errorOf(sleep(ms as unknown as number))).toBeInstanceOf(TypeError);
    });

  test("R23: a signal that is none is a TypeError, as a rejection", async () => {
    expect(await errorOf(sleep(1, { signal: "now" as unknown as AbortSignal }))).toBeInstanceOf(TypeError);
  });
});

test("the sleep of a context is cancelled with its task", async () => {
  const log: unknown[] = [];
  await taskGroup(async (group) => {
    const task = group.spawn(async ({ sleep: pause, signal }) => {
      log.push((await errorOf(pause(Infinity))) === signal.reason);
    });
    await turn();
    task.cancel();
  });
  expect(log).toEqual([true]);
});
