import { onLateError, sleep, timeout } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("work");

describe("timeout with a fallback", () => {
  test("calls it with the TimeoutError instead of throwing that, and gives what it returns", async () => {
    const value = await clock.run(() =>
      timeout(100, ({ sleep: pause }) => pause(Infinity), {
        name: "load",
        fallback: ({ timeout: limit, layer, message }) => [limit, layer, message],
      }),
    );
    expect([value, clock.now()]).toEqual([[100, "timeout", "load timed out after 100 ms"], 100]);
  });

  test("awaits it; it has no limit itself", async () => {
    const value = await clock.run(() =>
      timeout(100, ({ sleep: pause }) => pause(Infinity), { fallback: () => sleep(500).then(() => "late") }),
    );
    expect([value, clock.now()]).toEqual(["late", 600]);
  });

  test("throws what it throws", async () => {
    const broken = new Error("fallback");
    for (const fallback of [
      () => Promise.reject(broken),
      () => {
        throw broken;
      },
    ])
      expect(await clock.run(() => errorOf(timeout(10, ({ sleep: pause }) => pause(Infinity), { fallback })))).toBe(
        broken,
      );
  });

  test("R18: calls it for a limit of 0 or less, without calling the work", async () => {
    let called = false;
    for (const ms of [0, -5])
      expect(await timeout(ms, () => void (called = true), { fallback: () => "fallback" })).toBe("fallback");
    expect(called).toBe(false);
  });

  test("does not call it for a value, or a real error, in time or in the grace", async () => {
    let calls = 0;
    const fallback = (): void => void calls++;
    expect(await timeout(10, () => "value", { fallback })).toBe("value");
    expect(await errorOf(timeout(10, () => Promise.reject(failure), { fallback }))).toBe(failure);
    const late = (): Promise<unknown> =>
      timeout(10, ({ signal }) => waitUntilAborted(signal, () => failure), { fallback });
    expect(await clock.run(() => errorOf(late()))).toBe(failure);
    expect(calls).toBe(0);
  });

  test("does not call it for an outer abort, before the limit, at once or during the grace", async () => {
    let calls = 0;
    const fallback = (): void => void calls++;
    const reason = new Error("outer");
    expect(await errorOf(timeout(10, () => {}, { fallback, signal: AbortSignal.abort(reason) }))).toBe(reason);
    for (const at of [5, 15]) {
      const outer = new AbortController();
      void sleep(at).then(() => outer.abort(reason));
      const error = await clock.run(() =>
        errorOf(
          timeout(
            10,
            async ({ signal }) => {
              void signal;
              await sleep(20);
              throw signal.reason;
            },
            { fallback, signal: outer.signal },
          ),
        ),
      );
      expect(error).toBe(reason);
    }
    expect(calls).toBe(0);
  });

  test("does not call it for a timeout that the work met inside", async () => {
    let calls = 0;
    const error = await clock.run(() =>
      errorOf(
        timeout(100, ({ signal }) => timeout(10, ({ sleep: pause }) => pause(Infinity), { signal, name: "inner" }), {
          fallback: () => void calls++,
        }),
      ),
    );
    expect(error).toMatchObject({ message: "inner timed out after 10 ms" });
    expect(calls).toBe(0);
  });

  test("R19: calls it after the grace, with who was abandoned; the late error is reported, once", async () => {
    const gate = new Gate();
    const late: unknown[] = [];
    const listening = onLateError((error) => void late.push(error));
    const value = await clock.run(() =>
      timeout(100, () => gate.promise, { name: "work", grace: 50, fallback: ({ unresponsive }) => unresponsive }),
    );
    expect(value).toMatchObject([{ task: "work", sawSignal: false }]);
    expect(clock.now()).toBe(150);
    gate.fail(failure);
    await turn();
    listening[Symbol.dispose]();
    expect(late).toEqual([failure]);
  });

  test("R23: anything but a function is a TypeError, as a rejection, and the work is not called", async () => {
    let called = false;
    // Holds: what a caller without types may pass.
    const fallback = "default" as unknown as () => void;
    expect(await errorOf(timeout(10, () => void (called = true), { fallback }))).toBeInstanceOf(TypeError);
    expect(called).toBe(false);
  });
});
