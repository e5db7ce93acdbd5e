/** The tests of what a task group throws in anyio's test_taskgroups.py. The titles carry the names from there; README.md has the list. */
import { type CancelledError, ErrorGroup, sleep, type TaskGroup, taskGroup, timeout } from "holdfast";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { abortError, aborted, errorOf, waitUntilAborted } from "../core/outcome.ts";

const clock = useFakeClock();
const outerReason = new Error("outer");
const never = 86_400_000;

test("anyio test_propagate_native_cancellation_from_taskgroup: an outer abort is thrown as it is, in no group", async () => {
  const outer = new AbortController();
  const error = await clock.run(() => {
    void sleep(10).then(() => outer.abort(outerReason));
    return errorOf(
      taskGroup(
        async (group) => {
          group.spawn(({ sleep: pause }) => pause(never));
          await sleep(never, { signal: group.signal });
        },
        { signal: outer.signal },
      ),
    );
  });
  expect(error).toBe(outerReason);
});

test("anyio test_host_exception: the body's error cancels the tasks and is in the group's", async () => {
  const failure = new Error("host");
  const log: string[] = [];
  const error = await errorOf(
    taskGroup(async (group) => {
      group.spawn(({ signal }) => waitUntilAborted(signal).finally(() => log.push("cancelled")));
      await turn();
      throw failure;
    }),
  );
  expect((error as ErrorGroup).errors).toEqual([failure]);
  expect(log).toEqual(["cancelled"]);
});

test("anyio test_failing_child_task_cancels_host: a task's error ends the body's wait", async () => {
  const failure = new Error("child");
  const log: string[] = [];
  const error = await errorOf(
    taskGroup(async (group) => {
      group.spawn(async () => {
        await turn();
        throw failure;
      });
      await sleep(never, { signal: group.signal }).finally(() => log.push("body"));
      log.push("not reached");
    }),
  );
  expect((error as ErrorGroup).errors).toEqual([failure]);
  expect(log).toEqual(["body"]);
});

test("anyio test_failing_host_task_cancels_children: a body that fails waits until its tasks have cleaned up", async () => {
  const failure = new Error("host");
  const log: string[] = [];
  const error = await clock.run(() =>
    errorOf(
      taskGroup(async (group) => {
        group.spawn(async ({ signal }) => {
          await aborted(signal);
          await sleep(100);
          log.push(`ended at ${clock.now()}`);
        });
        await sleep(10);
        throw failure;
      }),
    ),
  );
  expect((error as ErrorGroup).errors).toEqual([failure]);
  expect(log).toEqual(["ended at 110"]);
});

test("anyio test_exception_group_children: the errors of two tasks are both there, in the order of failure", async () => {
  const errors = [new Error("task 1"), new Error("task 2")];
  const error = await clock.run(() =>
    errorOf(
      taskGroup((group) => {
        for (const [index, failure] of errors.entries())
          group.spawn(async ({ sleep: pause }) => {
            try {
              await pause((index + 1) * 100);
            } finally {
              // oxlint-disable-next-line no-unsafe-finally
              throw failure;
            }
          });
      }),
    ),
  );
  expect((error as ErrorGroup).errors).toEqual(errors);
  expect((error as ErrorGroup).message).toBe("2 errors: task 1; task 2");
  expect(clock.now()).toBe(100);
});

test("anyio test_exception_group_host: the errors of body and task are both there", async () => {
  const host = new Error("host");
  const child = new Error("child");
  const error = await errorOf(
    taskGroup(async (group) => {
      group.spawn(({ signal }) => waitUntilAborted(signal, () => child));
      await turn();
      throw host;
    }),
  );
  expect((error as ErrorGroup).errors).toEqual([host, child]);
});

test("anyio test_exception_cancels_siblings: the sibling of a failing task is cancelled, which is no error", async () => {
  const failure = new Error("failure");
  const log: string[] = [];
  const error = await errorOf(
    taskGroup((group) => {
      group.spawn(async () => {
        await turn();
        throw failure;
      });
      group.spawn(async ({ sleep: pause, signal }) => {
        await pause(never).finally(() => log.push(`cancelled: ${(signal.reason as CancelledError).kind}`));
        log.push("not reached");
      });
    }),
  );
  expect((error as ErrorGroup).errors).toEqual([failure]);
  expect(log).toEqual(["cancelled: sibling"]);
});

test("anyio test_nested_task_group_filtering: what is cancelled in an inner group leaves no trace in the outer's errors", async () => {
  const failure = new Error("failure");
  const error = await errorOf(
    taskGroup(async (outer) => {
      outer.spawn(({ signal }) =>
        taskGroup(
          (inner) => {
            inner.spawn(({ sleep: pause }) => pause(never));
            inner.spawn(({ sleep: pause }) => pause(never));
          },
          { signal },
        ),
      );
      await turn();
      throw failure;
    }),
  );
  expect((error as ErrorGroup).errors).toEqual([failure]);
});

test("anyio test_exception_group_filtering: a task that wraps errors and cancellations in an aggregate of its own keeps the aggregate", async () => {
  const failure = new Error("failure");
  const error = await errorOf(
    taskGroup(async (group) => {
      group.spawn(async ({ signal }) => {
        await aborted(signal);
        throw new AggregateError([signal.reason, failure]);
      });
      await turn();
      group.cancel();
    }),
  );
  expect(error).toBeInstanceOf(ErrorGroup);
  expect((error as ErrorGroup).errors).toMatchObject([{ name: "AggregateError" }]);
  expect((error as ErrorGroup).leaves()).toContain(failure);
});

test("anyio test_nested_exception_group_filtering: cancellations are taken out at every depth, errors keep their nesting", async () => {
  const failure = new Error("failure");
  const error = await errorOf(
    taskGroup((outer) => {
      outer.spawn(({ sleep: pause }) => pause(never));
      outer.spawn(({ signal }) =>
        taskGroup(
          (inner) => {
            inner.spawn(({ sleep: pause }) => pause(never));
            inner.spawn(async () => {
              await turn();
              throw failure;
            });
          },
          { signal },
        ),
      );
    }),
  );
  expect((error as ErrorGroup).errors).toMatchObject([{ name: "ErrorGroup", errors: [failure] }]);
  expect((error as ErrorGroup).leaves()).toEqual([failure]);
});

test("anyio test_reraise_cancelled_in_excgroup: an aggregate of nothing but cancellations is a cancellation", async () => {
  const value = await taskGroup(async (group) => {
    group.spawn(async ({ signal }) => {
      await aborted(signal);
      throw new AggregateError([new AggregateError([signal.reason]), abortError(signal.reason)]);
    });
    await turn();
    group.cancel();
    return "value";
  });
  expect(value).toBe("value");
});

test("anyio test_reraise_cancelled_in_excgroup: an aggregate of nothing at all is a failure", async () => {
  const empty = new AggregateError([]);
  const error = await errorOf(
    taskGroup(async (group) => {
      group.spawn(({ signal }) => waitUntilAborted(signal, () => empty));
      await turn();
      group.cancel();
    }),
  );
  expect((error as ErrorGroup).errors).toEqual([empty]);
});

test("anyio test_single_cancellation_exc: an outer abort without errors is one rejection, though many were cancelled", async () => {
  const outer = new AbortController();
  const error = await clock.run(() => {
    void sleep(10).then(() => outer.abort(outerReason));
    return errorOf(
      taskGroup(
        async (group) => {
          for (let task = 0; task < 5; task++) group.spawn(({ sleep: pause }) => pause(never));
          await sleep(never, { signal: group.signal });
        },
        { signal: outer.signal },
      ),
    );
  });
  expect(error).toBe(outerReason);
});

test("anyio test_exception_groups_suppresses_exc_context: an error of a nested group is listed once, and is nobody's cause", async () => {
  const failure = new Error("failure");
  let nest = (group: TaskGroup): Promise<void> | void => void group.spawn(() => Promise.reject(failure));
  for (let depth = 0; depth < 3; depth++) {
    const inner = nest;
    nest = (group) => taskGroup(inner, { signal: group.signal });
  }
  const shapes: unknown[] = [];
  for (let error = await errorOf(taskGroup(nest)); error instanceof ErrorGroup; [error] = error.errors)
    shapes.push([error.errors.length, "cause" in error]);
  expect(shapes).toEqual([
    [1, false],
    [1, false],
    [1, false],
    [1, false],
  ]);
});

test("anyio test_uncancel_after_child_task_failed: a caught error of a group leaves what is around it alone", async () => {
  const outer = new AbortController();
  const failure = new Error("failure");
  const value = await taskGroup(
    async (group) => {
      await errorOf(taskGroup((inner) => void inner.spawn(() => Promise.reject(failure)), { signal: group.signal }));
      group.signal.throwIfAborted();
      return [group.cancelled, outer.signal.aborted];
    },
    { signal: outer.signal },
  );
  expect(value).toEqual([false, false]);
});

test("anyio test_uncancel_after_taskgroup_cancelled: a group that cancelled itself leaves what is around it alone", async () => {
  const value = await clock.run(() =>
    timeout(1000, async ({ signal, sleep: pause }) => {
      await taskGroup(
        (group) => {
          group.spawn((context) => context.sleep(never));
          group.cancel();
        },
        { signal },
      );
      await pause(10);
      return [signal.aborted, clock.now()];
    }),
  );
  expect(value).toEqual([false, 10]);
});
