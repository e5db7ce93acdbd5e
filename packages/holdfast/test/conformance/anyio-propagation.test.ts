/** The tests of how far a cancellation goes in anyio's test_taskgroups.py. The titles carry the names from there; README.md has the list. */
import { type CancelledError, shield, sleep, taskGroup } from "holdfast";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { abortError, aborted, errorOf } from "../core/outcome.ts";

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

test("anyio test_cancel_with_nested_task_groups: each signal of a tree has one abort event, however long its tasks go on", async () => {
  const signals: AbortSignal[] = [];
  const counts: number[][] = [];
  await clock.run(() =>
    taskGroup(async (outer) => {
      signals.push(outer.signal);
      for (let branch = 0; branch < 3; branch++)
        outer.spawn(({ signal }) =>
          taskGroup(
            (inner) => {
              signals.push(signal, inner.signal);
              inner.spawn(async (context) => {
                signals.push(context.signal);
                await sleep(100);
              });
            },
            { signal },
          ),
        );
      await turn();
      counts.push(deliveries(signals));
      outer.cancel();
      outer.cancel();
    }),
  );
  expect(counts).toEqual([Array.from({ length: 10 }, () => 1)]);
});

test("anyio test_cancel_scope_in_another_task: any task may cancel a group that it has been given", async () => {
  const log: string[] = [];
  const error = await clock.run(() =>
    errorOf(
      taskGroup(async (outer) => {
        await taskGroup(
          async (inner) => {
            outer.spawn(async ({ sleep: pause }) => {
              await pause(10);
              inner.cancel("from outside");
              log.push(`outer cancelled: ${outer.cancelled}`);
            });
            await sleep(never, { signal: inner.signal });
            log.push("not reached");
          },
          { signal: outer.signal },
        ).catch((caught: unknown) => log.push(String((caught as CancelledError).cause)));
        throw outerReason;
      }),
    ),
  );
  expect(error).toMatchObject({ errors: [outerReason] });
  expect(log).toEqual(["outer cancelled: false", "from outside"]);
});

test("anyio test_cancel_propagation: code after a nested group does not run when the outer group is cancelled", async () => {
  const log: string[] = [];
  const error = await errorOf(
    taskGroup(async (outer) => {
      outer.spawn(async () => {
        await turn();
        outer.cancel();
      });
      await taskGroup(
        async (inner) => {
          await sleep(never, { signal: inner.signal });
          log.push("after the sleep");
        },
        { signal: outer.signal },
      );
      log.push("after the inner group");
    }),
  );
  expect(error).toMatchObject({ kind: "cancel" });
  expect(log).toEqual([]);
});

test("anyio test_cancel_cascade: a cancel reaches tasks that wait in an inner group for tasks of theirs", async () => {
  const log: string[] = [];
  await taskGroup(async (outer) => {
    outer.spawn(async ({ signal }) => {
      await taskGroup(
        (inner) => {
          inner.spawn(({ sleep: pause }) => pause(never).finally(() => log.push("leaf")));
        },
        { signal },
      ).finally(() => log.push("inner group"));
      log.push("not reached");
    });
    await turn();
    outer.cancel();
  });
  expect(log).toEqual(["leaf", "inner group"]);
});

test("anyio test_cancel_propagation_with_inner_spawn: an inner group that spawned and drains is cut short too", async () => {
  const log: string[] = [];
  const error = await errorOf(
    taskGroup(async (outer) => {
      outer.spawn(async () => {
        await turn();
        outer.cancel();
      });
      await taskGroup(
        (inner) => {
          inner.spawn(async ({ sleep: pause }) => {
            await pause(never);
            log.push("not reached");
          });
        },
        { signal: outer.signal },
      );
      log.push("not reached either");
    }),
  );
  expect(error).toMatchObject({ kind: "cancel" });
  expect(log).toEqual([]);
});

test("anyio test_escaping_cancelled_error_from_cancelled_task: a task that was cancelled alone is nobody's failure", async () => {
  const value = await taskGroup(async (group) => {
    const task = group.spawn(({ sleep: pause }) => pause(never));
    await turn();
    task.cancel();
    return [(await task.settled()).ok, task.state, group.cancelled];
  });
  expect(value).toEqual([false, "cancelled", false]);
});

test("anyio test_cancelled_raises_beyond_origin_unshielded: a cancellation goes through inner groups up to the one that it is of", async () => {
  const log: string[] = [];
  await taskGroup(async (outer) => {
    outer.spawn(async ({ signal }) => {
      const error = await errorOf(
        taskGroup(
          async (inner) => {
            outer.cancel();
            inner.cancel("too late");
            await sleep(0, { signal: inner.signal });
          },
          { signal },
        ),
      );
      log.push(error === outer.signal.reason ? "the outer reason" : String(error));
      throw error;
    });
    await aborted(outer.signal);
  });
  expect(log).toEqual(["the outer reason"]);
});

test("anyio test_cancelled_raises_beyond_origin_shielded: behind a shield an outer cancellation is somebody else's error", async () => {
  const outer = new AbortController();
  outer.abort(outerReason);
  const error = await errorOf(
    shield(
      ({ signal }) =>
        taskGroup(
          (inner) => {
            inner.spawn(() => sleep(0, { signal: outer.signal }));
          },
          { signal },
        ),
      { signal: outer.signal },
    ),
  );
  expect(error).toMatchObject({ name: "ErrorGroup", errors: [outerReason] });
});

test("anyio test_cancel_scope_in_child_task: a group that a task cancels inside itself leaves the group around alone", async () => {
  const value = await clock.run(() =>
    taskGroup(async (outer) => {
      const task = outer.spawn(async ({ signal }) => {
        await errorOf(
          taskGroup(
            async (inner) => {
              inner.cancel();
              await sleep(never, { signal: inner.signal });
            },
            { signal },
          ),
        );
        await sleep(10, { signal });
        return "went on";
      });
      return [await task.join(), outer.cancelled];
    }),
  );
  expect(value).toEqual(["went on", false]);
});

test("anyio test_cancelled_parent: a task of a cancelled group may still spawn, and what it spawns is called under an aborted signal", async () => {
  const log: string[] = [];
  await taskGroup((group) => {
    group.spawn(async () => {
      group.spawn(async ({ cancelled, sleep: pause }) => {
        log.push(`called, cancelled: ${cancelled}`);
        await pause(never);
        log.push("not reached");
      });
    });
    group.cancel();
  });
  expect(log).toEqual(["called, cancelled: true"]);
});

test("anyio test_cancel_message_replaced: a cancellation that was wrapped on its way is still one", async () => {
  const outer = new AbortController();
  const error = await clock.run(() => {
    void sleep(10).then(() => outer.abort(outerReason));
    return errorOf(
      taskGroup(
        async (group) => {
          group.spawn(async ({ signal }) => {
            await aborted(signal);
            throw abortError(abortError(signal.reason));
          });
          await sleep(never, { signal: group.signal });
        },
        { signal: outer.signal },
      ),
    );
  });
  expect(error).toBe(outerReason);
});
