import { type OpenTaskGroup, openTaskGroup, sleep } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("task");

describe("an open task group", () => {
  test("GROUP-1: close waits for every task, closes the services, and runs the cleanups", async () => {
    const log: string[] = [];
    const group = openTaskGroup();
    group.defer(() => void log.push("cleanup"));
    group.spawnService(async ({ signal }) => {
      await aborted(signal);
      log.push("service");
    });
    group.spawn(async () => {
      await sleep(10);
      log.push("task");
    });
    expect(await clock.run(() => group.close())).toBe(undefined);
    expect(log).toEqual(["task", "service", "cleanup"]);
  });

  test("is open until it is closed: idle in between, and cancelled by nothing", async () => {
    const group = openTaskGroup();
    expect(await group.spawn(() => "first").join()).toBe("first");
    await turn();
    expect([group.size, group.cancelled]).toEqual([0, false]);
    expect(await group.spawn(() => "second").join()).toBe("second");
    await group.close();
  });

  test("R6: may be given tasks while it closes, and none afterwards", async () => {
    const group = openTaskGroup({ name: "server" });
    const gate = new Gate();
    const log: string[] = [];
    group.spawn(() => gate.promise);
    const closing = group.close();
    group.spawn(() => void log.push("while it closes"));
    gate.open();
    await closing;
    expect(log).toEqual(["while it closes"]);
    expect(() => group.spawn(() => {})).toThrow(expect.objectContaining({ code: "ERR_GROUP_CLOSED", group: "server" }));
  });

  test("R3: close rejects with the ErrorGroup, of one error as of many", async () => {
    const group = openTaskGroup();
    group.spawn(() => Promise.reject(failure));
    expect(await errorOf(group.close())).toMatchObject({ name: "ErrorGroup", errors: [failure] });
  });

  test("R21: a failure before close crashes nothing, cancels the rest, and is what close rejects with", async () => {
    const group = openTaskGroup();
    group.spawn(() => Promise.reject(failure));
    await turn();
    await turn();
    expect(group.cancelled).toBe(true);
    expect(await errorOf(group.close())).toMatchObject({ errors: [failure] });
  });

  test("R7: every close has the same outcome, and a promise of its own", async () => {
    const group = openTaskGroup();
    group.spawn(() => Promise.reject(failure));
    const [first, second] = [group.close(), group.close()];
    expect(first === second).toBe(false);
    const error = await errorOf(first);
    expect([(await errorOf(second)) === error, (await errorOf(group.close())) === error]).toEqual([true, true]);
  });

  test("R7: a second close resolves as the first did", async () => {
    const group = openTaskGroup();
    expect([await group.close(), await group.close()]).toEqual([undefined, undefined]);
  });

  test("R7: under a signal that is aborted already it is born cancelled, and close rejects with the reason, each time", async () => {
    const outerReason = new Error("outer");
    const group = openTaskGroup({ signal: AbortSignal.abort(outerReason) });
    expect([group.cancelled, group.signal.reason]).toEqual([true, outerReason]);
    expect([await errorOf(group.close()), await errorOf(group.close())]).toEqual([outerReason, outerReason]);
  });

  test("R6, R7: what is spawned in one that was born cancelled runs, once, under an aborted signal", async () => {
    const outerReason = new Error("outer");
    const group = openTaskGroup({ signal: AbortSignal.abort(outerReason) });
    const seen: boolean[] = [];
    group.spawn(({ cancelled }) => void seen.push(cancelled));
    expect(await errorOf(group.close())).toBe(outerReason);
    expect(seen).toEqual([true]);
  });

  test("R13: after an outer abort that cut something short, close rejects with its reason", async () => {
    const outer = new AbortController();
    const outerReason = new Error("outer");
    const group = openTaskGroup({ signal: outer.signal });
    group.spawn(({ signal }) => waitUntilAborted(signal));
    await turn();
    outer.abort(outerReason);
    expect(await errorOf(group.close())).toBe(outerReason);
  });

  test("R13: after an outer abort that cut nothing short, close resolves", async () => {
    const outer = new AbortController();
    const group = openTaskGroup({ signal: outer.signal });
    group.spawn(() => "done");
    await turn();
    outer.abort();
    expect(await group.close()).toBe(undefined);
  });

  test("R14: after its own cancel, close resolves: there is no body that was cut short", async () => {
    const group = openTaskGroup();
    group.spawn(({ signal }) => waitUntilAborted(signal));
    await turn();
    group.cancel();
    expect(await group.close()).toBe(undefined);
  });

  test("R18: its timeout counts from its opening, and close rejects with the TimeoutError if that cut something short", async () => {
    const group = openTaskGroup({ timeout: 100, name: "server" });
    expect(group.deadline).toBe(100);
    group.spawn(({ sleep: pause }) => pause(Infinity));
    expect(await clock.run(() => errorOf(group.close()))).toMatchObject({
      layer: "group",
      message: 'group "server" timed out after 100 ms',
    });
  });

  test("await using cancels first, then closes", async () => {
    const log: string[] = [];
    let outside: OpenTaskGroup | undefined;
    {
      await using group = openTaskGroup();
      outside = group;
      group.defer(() => void log.push("cleanup"));
      group.spawn(async ({ signal }) => {
        await aborted(signal);
        log.push(`task, ${signal.reason.kind}`);
        throw signal.reason;
      });
      await turn();
      log.push("block ends");
    }
    log.push("after");
    expect(log).toEqual(["block ends", "task, cancel", "cleanup", "after"]);
    expect(() => outside?.spawn(() => {})).toThrow(expect.objectContaining({ code: "ERR_GROUP_CLOSED" }));
  });

  test("await using after a close that ran has the outcome of that, and cancels nothing", async () => {
    const group = openTaskGroup();
    await group.close();
    await group[Symbol.asyncDispose]();
    expect(group.cancelled).toBe(false);
  });

  test("await using throws what its tasks failed with", async () => {
    const error = await errorOf(
      (async () => {
        await using group = openTaskGroup();
        group.spawn(() => Promise.reject(failure));
        await turn();
      })(),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure] });
  });

  test("R19: one that was cancelled abandons by its grace what is spawned afterwards, too", async () => {
    const gate = new Gate();
    const group = openTaskGroup({ grace: 50, timeout: 100 });
    await clock.advanceBy(1000);
    expect([group.cancelled, clock.pending]).toEqual([true, 0]);
    group.spawn(() => gate.promise, { name: "work" });
    const error = await clock.run(() => errorOf(group.close()));
    expect(error).toMatchObject({ layer: "group", unresponsive: [{ task: "work" }] });
    expect(clock.now()).toBe(1050);
    gate.open();
    await turn();
  });

  test("R20: one that was cancelled and has nothing to wait for says nothing and holds no timer", async () => {
    const said: unknown[] = [];
    const original: unknown = Reflect.get(console, "error");
    Reflect.set(console, "error", (text: unknown) => void said.push(text));
    try {
      const group = openTaskGroup();
      group.cancel();
      expect(clock.pending).toBe(0);
      await clock.advanceBy(10_000);
      await group.close();
    } finally {
      Reflect.set(console, "error", original);
    }
    expect(said).toEqual([]);
  });

  test("R23: an option that can't be is thrown at once, and named", () => {
    expect(() => openTaskGroup({ concurrency: 0 })).toThrow(
      new RangeError("openTaskGroup: concurrency must be an integer >= 1 or Infinity, got 0 (number)"),
    );
    // Holds: what a caller without types may pass.
    expect(() => openTaskGroup({ signal: {} as AbortSignal })).toThrow(TypeError);
  });

  test("its members need no this", async () => {
    const { spawn, close, cancel, defer } = openTaskGroup();
    const log: string[] = [];
    defer(() => void log.push("cleanup"));
    spawn(() => void log.push("task"));
    await turn();
    cancel();
    await close();
    expect(log).toEqual(["task", "cleanup"]);
  });
});

test("a function without a name that comes too late is not called by an empty one", async () => {
  const group = openTaskGroup({ name: "request" });
  await group.close();
  expect(() => group.spawn(() => {})).toThrow(
    /^a task without a name was spawned on group "request" after it closed;/u,
  );
});
