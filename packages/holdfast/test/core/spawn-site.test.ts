import { onLateError, sleep, taskGroup, timeout } from "holdfast";
import { callSite, limitSpawnSites } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "./outcome.ts";

const clock = useFakeClock();
/** Some engines can't say where they are: there a site is undefined, always. */
const canTell = Error.captureStackTrace !== undefined;

interface Spawned {
  readonly site: string | undefined;
}

function here(): string | undefined {
  // Not in tail position: JavaScriptCore would drop this frame.
  const sites = [callSite(here)];
  return sites[0];
}

describe("a call site", () => {
  test("R27: is one line, of the caller, and no Error", () => {
    const site = here();
    if (canTell) expect(site).toMatch(/spawn-site\.test/u);
    else expect(site).toBeUndefined();
    expect(site?.includes("\n") ?? false).toBe(false);
  });

  test("leaves the stack limit as it was", () => {
    const before = Error.stackTraceLimit;
    here();
    expect(Error.stackTraceLimit).toBe(before);
  });

  test("is undefined, and throws nothing, where Error is frozen", () => {
    const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
    if (limit === undefined) {
      expect(canTell && Error.stackTraceLimit !== undefined).toBe(false);
      return;
    }
    Object.defineProperty(Error, "stackTraceLimit", { ...limit, writable: false });
    try {
      expect(here()).toBeUndefined();
    } finally {
      Object.defineProperty(Error, "stackTraceLimit", limit);
    }
  });
});

describe("the budget", () => {
  test("R27: a thousand tasks a second have a spawn site, those beyond have none, and the next second has a thousand again", async () => {
    const sites = async (): Promise<number> => {
      const tasks = await taskGroup((group) => Array.from({ length: 1200 }, () => group.spawn(() => {})));
      // A task's site is a field of the handle that tools read.
      return tasks.filter((task) => (task as unknown as Spawned).site !== undefined).length;
    };
    // Uses up what other tests left of this second.
    await sites();
    await clock.advanceBy(1000);
    await taskGroup((group) => void group.spawn(() => {}));
    const first = await sites();
    const second = await sites();
    await clock.advanceBy(1000);
    await taskGroup((group) => void group.spawn(() => {}));
    const third = await sites();
    expect({ first, second, third }).toEqual(
      canTell ? { first: 1000, second: 0, third: 1000 } : { first: 0, second: 0, third: 0 },
    );
  });

  test("R27: is filled by a timeout too, where no task is spawned", async () => {
    await taskGroup((group) => void Array.from({ length: 1500 }, () => group.spawn(() => {})));
    await clock.advanceBy(1000);
    await timeout(10, () => {});
    const tasks = await taskGroup((group) => Array.from({ length: 10 }, () => group.spawn(() => {})));
    const sites = tasks.filter((task) => (task as unknown as Spawned).site !== undefined).length;
    expect(sites).toBe(canTell ? 10 : 0);
  });

  test("R27: can be lifted, and given back, at once", async () => {
    const sites = async (): Promise<number> => {
      const tasks = await taskGroup((group) => Array.from({ length: 1200 }, () => group.spawn(() => {})));
      return tasks.filter((task) => (task as unknown as Spawned).site !== undefined).length;
    };
    const before = limitSpawnSites(Infinity);
    try {
      const lifted = [await sites(), await sites()];
      const during = limitSpawnSites(5);
      expect([before, during, lifted, await sites()]).toEqual(
        canTell ? [1000, Infinity, [1200, 1200], 5] : [1000, Infinity, [0, 0], 0],
      );
    } finally {
      limitSpawnSites(before);
    }
  });

  test("R27: groups have theirs always", async () => {
    await taskGroup((group) => void Array.from({ length: 1500 }, () => group.spawn(() => {})));
    const site = await taskGroup((group) => (group as unknown as Spawned).site);
    if (canTell) expect(site).toMatch(/spawn-site\.test/u);
    else expect(site).toBeUndefined();
  });
});

test("R19: abandoned work says where it was started", async () => {
  await clock.advanceBy(1000);
  const infos: (string | undefined)[] = [];
  const listening = onLateError((_, { spawnedAt }) => void infos.push(spawnedAt));
  await taskGroup((group) => void group.spawn(() => {}));
  const error = await clock.run(() =>
    errorOf(timeout(10, () => sleep(50).then(() => Promise.reject(new Error("late"))))),
  );
  await clock.advanceUntilIdle();
  listening[Symbol.dispose]();
  const [spawnedAt] = (error as { unresponsive: { spawnedAt: string | undefined }[] }).unresponsive.map(
    (one) => one.spawnedAt,
  );
  if (canTell) expect(spawnedAt).toMatch(/spawn-site\.test/u);
  else expect(spawnedAt).toBeUndefined();
  expect(infos).toEqual([spawnedAt]);
});
