/** What is left of CPython's test_taskgroups.py and test_timeouts.py: names, spawning on a cancelled group, a cancel inside a limit. The titles carry the names from there; README.md has the list. */
import { shield, sleep, suppressedErrors, taskGroup, timeout } from "holdfast";
import { expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf } from "../core/outcome.ts";

const clock = useFakeClock();
const outerReason = new Error("outer");
const never = 86_400_000;

test("asyncio test_name: a task's name is on its handle, in its context, and in what join throws when it was cancelled", async () => {
  const seen = await taskGroup(async (group) => {
    const names: unknown[] = [];
    const task = group.spawn(({ name, sleep: pause }) => (names.push(name), pause(never)), { name: "setname" });
    names.push(task.name);
    task.cancel();
    names.push(await errorOf(task.join()));
    return names;
  });
  expect(seen).toMatchObject(["setname", "setname", { name: "TaskCancelledError", task: "setname" }]);
});

test("asyncio test_taskgroup_cancel_before_create_task: what is spawned after the group's own cancel is called, and ends at its first wait", async () => {
  const log: string[] = [];
  const value = await taskGroup((group) => {
    group.cancel();
    group.spawn(async ({ sleep: pause }) => {
      log.push("called");
      await pause(never);
      log.push("not reached");
    });
    return "value";
  });
  expect([value, log]).toEqual(["value", ["called"]]);
});

test("asyncio test_foreign_exception_on_timeout_2: an error that replaces another in a cleanup wins, and the timeout stays beside it", async () => {
  const first = new Error("first");
  const second = new Error("second", { cause: first });
  const error = await clock.run(() =>
    errorOf(
      timeout(10, async ({ sleep: pause }) => {
        try {
          await pause(never).catch(() => {
            throw first;
          });
        } catch {
          throw second;
        }
      }),
    ),
  );
  expect(error).toBe(second);
  expect(second.cause).toBe(first);
  expect(suppressedErrors(error)).toMatchObject([{ name: "TimeoutError", timeout: 10 }]);
});

test("asyncio test_cancel_in_timeout_after_cancellation: a cancel inside a limit that a cleanup set itself is a cancel, and no timeout", async () => {
  const outer = new AbortController();
  const inner = new AbortController();
  const innerReason = new Error("inner");
  const seen: unknown[] = [];
  const error = await clock.run(() => {
    void sleep(10).then(() => outer.abort(outerReason));
    void sleep(20).then(() => inner.abort(innerReason));
    return errorOf(
      timeout(
        1000,
        async ({ signal }) => {
          await aborted(signal);
          seen.push(
            await errorOf(
              shield(() => timeout(100, ({ sleep: pause }) => pause(never), { signal: inner.signal }), { signal }),
            ),
          );
          seen.push(clock.now());
          throw signal.reason;
        },
        { signal: outer.signal },
      ),
    );
  });
  expect(seen).toEqual([innerReason, 20]);
  expect(error).toBe(outerReason);
});
