/** The tests of cancelling in anyio's test_taskgroups.py. The titles carry the names from there; README.md has the list. */
import { abortable, CancelledError, openTaskGroup, shield, sleep, taskGroup, timeout, TimeoutError } from "holdfast";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate } from "../core/outcome.ts";

const clock = useFakeClock();
const outerReason = new Error("outer");
const never = 86_400_000;

/** How many abort events each of the signals has had. */
function deliveries(signals: readonly AbortSignal[]): number[] {
  const counts = signals.map(() => 0);
  for (const [index, signal] of signals.entries())
    signal.addEventListener("abort", () => (counts[index] = (counts[index] ?? 0) + 1));
  return counts;
}

test("anyio test_cancel: cancelling a group ends its tasks and the wait of its body", async () => {
  const log: string[] = [];
  const error = await errorOf(
    taskGroup(async (group) => {
      group.spawn(({ sleep: pause }) => pause(never).finally(() => log.push("task")));
      await turn();
      group.cancel();
      await sleep(never, { signal: group.signal }).finally(() => log.push("body"));
      log.push("not reached");
    }),
  );
  expect(error).toBeInstanceOf(CancelledError);
  expect(log).toEqual(["task", "body"]);
});

test("anyio test_cancel_with_reason: what cancel is given is the cause of the signals' reason", async () => {
  const why = { code: 42 };
  const reason = await taskGroup(
    async (group) => {
      group.cancel(why);
      return group.signal.reason;
    },
    { name: "poller" },
  );
  expect(reason).toBeInstanceOf(CancelledError);
  expect(reason).toMatchObject({ kind: "cancel", group: "poller", cause: why, at: 0 });
  expect((reason as CancelledError).message).toBe('group "poller" was cancelled');
});

test("anyio test_cancel_reason: every task below has the same reason object, which says who cancelled what, and when", async () => {
  const reasons: unknown[] = [];
  await clock.run(() =>
    taskGroup(
      async (group) => {
        group.spawn(({ signal }) => aborted(signal).then(() => reasons.push(signal.reason)));
        group.spawn(({ signal }) =>
          taskGroup((inner) => aborted(inner.signal).then(() => void reasons.push(inner.signal.reason)), { signal }),
        );
        await sleep(10);
        group.cancel();
      },
      { name: "poller" },
    ),
  );
  expect(reasons).toHaveLength(2);
  expect(reasons[0]).toBe(reasons[1]);
  expect(reasons[0]).toMatchObject({ kind: "cancel", group: "poller", at: 10 });
});

test("anyio test_no_spin_on_done_task_in_cancel_scope: a cancelled group that waits for a stubborn task sets no further timers", async () => {
  const gate = new Gate();
  const group = taskGroup(async (own) => {
    own.spawn(() => gate.promise);
    await turn();
    own.cancel();
  });
  await turn();
  await turn();
  const before = clock.made;
  await clock.advanceBy(4000);
  expect(clock.made).toBe(before);
  gate.open();
  await group;
});

test("anyio test_shielded_cancel_sleep_time: a shielded sleep in a cancelled group lasts as long as it says, with one delivery", async () => {
  const counts: number[][] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      group.spawn(({ signal }) => {
        counts.push(deliveries([signal]));
        return shield(({ sleep: pause }) => pause(500), { signal });
      });
      await turn();
      group.cancel();
    }),
  );
  expect([counts, clock.now()]).toEqual([[[1]], 500]);
});

test("anyio test_level_cancellation: a task that was cancelled before its start runs to its first wait, no further", async () => {
  const markers: number[] = [];
  await taskGroup((group) => {
    group.spawn(async ({ sleep: pause }) => {
      markers.push(1);
      await pause(0);
      markers.push(2);
    });
    group.cancel();
  });
  expect(markers).toEqual([1]);
});

test("anyio test_cancel_twice: two groups, one after the other, can each be cancelled", async () => {
  const kinds: unknown[] = [];
  for (let round = 0; round < 2; round++)
    kinds.push(
      await errorOf(
        taskGroup(async (group) => {
          group.spawn(async () => {
            await turn();
            group.cancel(round);
          });
          await sleep(never, { signal: group.signal });
        }),
      ),
    );
  expect(kinds).toMatchObject([
    { kind: "cancel", cause: 0 },
    { kind: "cancel", cause: 1 },
  ]);
});

test("anyio test_cancel_exiting_task_group: a cancel while the group drains ends its tasks, and it goes on waiting for them", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup((group) => {
      group.spawn(async ({ signal }) => {
        await aborted(signal);
        await sleep(50);
        log.push(`task ended at ${clock.now()}`);
      });
      void sleep(10).then(() => group.cancel());
    }).then(() => log.push(`group ended at ${clock.now()}`)),
  );
  expect(log).toEqual(["task ended at 60", "group ended at 60"]);
});

test("anyio test_cancel_before_entering_scope: a group that is cancelled from the start cancels the first wait in it", async () => {
  const log: string[] = [];
  const group = openTaskGroup({ signal: AbortSignal.abort(outerReason) });
  group.spawn(async ({ sleep: pause }) => {
    log.push("called");
    await pause(0);
    log.push("not reached");
  });
  expect(await errorOf(group.close())).toBe(outerReason);
  expect(log).toEqual(["called"]);
});

test("anyio test_cancel_before_entering_task_group: under an aborted signal not even an empty body is called", async () => {
  let calls = 0;
  const error = await errorOf(taskGroup(() => void calls++, { signal: AbortSignal.abort(outerReason) }));
  expect([error, calls]).toEqual([outerReason, 0]);
});

test("anyio test_escaping_cancelled_exception: a body that its own cancel cuts short rejects with that: there is no value to give", async () => {
  const error = await errorOf(
    taskGroup(async (group) => {
      group.cancel("own");
      await sleep(0, { signal: group.signal });
    }),
  );
  expect(error).toBeInstanceOf(CancelledError);
  expect(error).toMatchObject({ kind: "cancel", cause: "own" });
});

test("anyio test_cancelled_scope_based_checkpoint: asking a cancelled group throws, each time anew", async () => {
  const log: unknown[] = [];
  await taskGroup(async (group) => {
    await group
      .spawn(({ throwIfCancelled }) => {
        throwIfCancelled();
        group.cancel();
        for (let attempt = 0; attempt < 2; attempt++) {
          try {
            throwIfCancelled();
          } catch (error) {
            log.push(error === group.signal.reason);
          }
        }
      })
      .join();
  });
  expect(log).toEqual([true, true]);
});

test("anyio test_cancel_native_future_tasks: a task that waits for a foreign promise through abortable ends at the cancel", async () => {
  const log: string[] = [];
  await taskGroup(async (group) => {
    group.spawn(({ signal }) => abortable(new Gate().promise, { signal }).finally(() => log.push("ended")));
    await turn();
    group.cancel();
  });
  expect(log).toEqual(["ended"]);
});

test("anyio test_cancel_native_future_tasks_cancel_scope: a limit ends the wait for a foreign promise", async () => {
  const error = await clock.run(() => errorOf(timeout(100, ({ signal }) => abortable(new Gate().promise, { signal }))));
  expect(error).toBeInstanceOf(TimeoutError);
  expect(clock.now()).toBe(100);
});

test("anyio test_cancel_completed_task: to cancel a task or a group that has ended does nothing", async () => {
  const { group, task } = await taskGroup(async (own) => {
    const ended = own.spawn(() => "value");
    await ended.join();
    ended.cancel("late");
    return { group: own, task: ended };
  });
  group.cancel("later");
  expect([task.state, task.outcome(), group.cancelled, group.signal.aborted]).toEqual([
    "succeeded",
    { ok: true, value: "value" },
    false,
    false,
  ]);
});
