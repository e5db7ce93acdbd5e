import { onLateError, sleep, suppressedErrors, taskGroup } from "holdfast";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

/** What `onLateError` was told; each test looks at all of it. */
let late: unknown[] = [];
let listening: Disposable | undefined;
beforeEach(() => {
  late = [];
  listening = onLateError((error, { task }) => void late.push([error, task]));
});
afterEach(() => listening?.[Symbol.dispose]());

const failure = new Error("task");

describe("a group's timeout", () => {
  test("R18: cuts short what runs, and rejects with a TimeoutError of the layer group", async () => {
    let reason: unknown;
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          async (group) => {
            group.spawn(async ({ signal }) => {
              await aborted(signal);
              reason = signal.reason;
              throw reason;
            });
          },
          { timeout: 100, name: "request" },
        ),
      ),
    );
    expect(error).toMatchObject({
      name: "TimeoutError",
      layer: "group",
      timeout: 100,
      message: 'group "request" timed out after 100 ms',
      unresponsive: [],
    });
    expect(reason).toMatchObject({ name: "AbortError", kind: "deadline", group: "request", by: undefined, at: 100 });
    expect(clock.now()).toBe(100);
  });

  test("R13: if nothing rejected, the value wins over it", async () => {
    const value = await clock.run(() => taskGroup(() => sleep(200).then(() => "value"), { timeout: 100 }));
    expect([value, clock.now(), late]).toEqual(["value", 200, []]);
  });

  test("R13: a real error goes before it, and has the TimeoutError beside it", async () => {
    const error = await clock.run(() =>
      errorOf(
        taskGroup((group) => void group.spawn(({ signal }) => waitUntilAborted(signal, () => failure)), {
          timeout: 100,
        }),
      ),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure] });
    expect(suppressedErrors(error)).toMatchObject([{ name: "TimeoutError", layer: "group", timeout: 100 }]);
  });

  test("R13: an outer abort that comes after it, before the end, goes before it", async () => {
    const outer = new AbortController();
    const outerReason = new Error("outer");
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawn(async ({ signal }) => {
              await aborted(signal);
              outer.abort(outerReason);
              throw signal.reason;
            });
          },
          { timeout: 100, signal: outer.signal },
        ),
      ),
    );
    expect(error).toBe(outerReason);
    expect(suppressedErrors(error)).toMatchObject([{ name: "TimeoutError", timeout: 100 }]);
  });

  test("R18: is a deadline that tasks read, the nearest of all above", async () => {
    const read = await taskGroup(
      (group) => group.spawn(({ deadline, timeLeft }) => [deadline, timeLeft], { timeout: 300 }).join(),
      { timeout: 100 },
    );
    expect(read).toEqual([100, 100]);
  });

  test("R12: of a task within a group's is nearer: the task fails, its group's signal is alive until then", async () => {
    const error = await clock.run(() =>
      errorOf(
        taskGroup((group) => void group.spawn(({ sleep: pause }) => pause(Infinity), { timeout: 30, name: "slow" }), {
          timeout: 100,
        }),
      ),
    );
    expect(error).toMatchObject({
      errors: [{ name: "TimeoutError", layer: "task", timeout: 30, message: "slow timed out after 30 ms" }],
    });
    expect(clock.now()).toBe(30);
  });

  test("leaves no timer when the group ends before it", async () => {
    await taskGroup(() => {}, { timeout: 100, grace: 10 });
    expect(clock.pending).toBe(0);
  });

  for (const [option, value, kind] of [
    ["timeout", -1, RangeError],
    ["timeout", Number.NaN, RangeError],
    ["grace", -1, RangeError],
    ["cleanupGrace", Number.NaN, RangeError],
    ["timeout", "1s", TypeError],
  ] as const)
    test(`R23: ${option} ${String(value)} is a ${kind.name}, as a rejection`, async () => {
      // Holds: what a caller without types may pass.
      const error = await errorOf(taskGroup(() => {}, { [option]: value as number }));
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject({ message: expect.stringContaining(`taskGroup: ${option} must be`) });
    });
});
