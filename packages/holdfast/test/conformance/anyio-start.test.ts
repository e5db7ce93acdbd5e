/** The tests of `start()` in anyio's test_taskgroups.py. The titles carry the names from there; README.md has the list. */
import { ErrorGroup, GroupClosedError, shield, sleep, type TaskGroup, taskGroup, type ReadyContext } from "holdfast";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { abortError, errorOf } from "../core/outcome.ts";

const clock = useFakeClock();
const failure = new Error("failure");

/** A group that has closed. */
async function closedGroup(): Promise<TaskGroup> {
  const { group } = await taskGroup((open) => ({ group: open }));
  return group;
}

test("anyio test_start_already_closed: start on a closed group rejects, and the function is never called", async () => {
  const group = await closedGroup();
  let calls = 0;
  const error = await errorOf(group.start(() => void calls++));
  expect(error).toBeInstanceOf(GroupClosedError);
  await turn();
  expect(calls).toBe(0);
});

test("anyio test_start_no_value: start resolves with undefined when ready is given nothing", async () => {
  const log: unknown[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      const value = await group.start(async ({ ready, sleep: pause }) => {
        await pause(10);
        ready();
        log.push("ready");
      });
      log.push(value, clock.now());
    }),
  );
  expect(log).toEqual(["ready", undefined, 10]);
});

test("anyio test_start_with_value: start resolves with the value of ready, while the task goes on", async () => {
  const log: unknown[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      log.push(
        await group.start<string>(async ({ ready, sleep: pause }) => {
          ready("foo");
          await pause(100);
          log.push(`ended at ${clock.now()}`);
        }),
      );
      log.push(`body at ${clock.now()}, size ${group.size}`);
    }),
  );
  expect(log).toEqual(["foo", "body at 0, size 1", "ended at 100"]);
});

for (const when of ["in one turn", "later"])
  test(`anyio test_start_called_twice: a second call of ready, ${when}, throws in the task; the value of the first stands`, async () => {
    let value: unknown;
    const error = await clock.run(() =>
      errorOf(
        taskGroup(async (group) => {
          value = await group.start<string>(
            async ({ ready, sleep: pause }) => {
              ready("first");
              if (when === "later") await pause(10);
              ready("second");
            },
            { name: "server" },
          );
        }),
      ),
    );
    expect(value).toBe("first");
    expect(error).toBeInstanceOf(ErrorGroup);
    expect((error as ErrorGroup).errors.map((inner) => (inner as Error).message)).toEqual([
      'ready() of task "server" was called twice; call it once, when others may rely on the task',
    ]);
  });

test("anyio test_no_called_started_twice: a cancel between ready and the end of the task is no second ready", async () => {
  const value = await clock.run(() =>
    taskGroup(async (group) => {
      return await group.start<string>(async ({ ready, sleep: pause }) => {
        ready("value");
        group.cancel();
        await pause(0);
      });
    }),
  );
  expect(value).toBe("value");
});

test("anyio test_start_sync_wrapper: ready may be called before the function has returned its promise", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      const wrapper = ({ ready, sleep: pause }: ReadyContext<string>): Promise<void> => {
        ready("at once");
        return pause(10).then(() => void log.push(`ended at ${clock.now()}`));
      };
      log.push(await group.start<string>(wrapper));
    }),
  );
  expect(log).toEqual(["at once", "ended at 10"]);
});

test("anyio test_start_sync_wrapper_called_twice: the second ready of a function that is not async fails the group", async () => {
  let value: unknown;
  const error = await errorOf(
    taskGroup(async (group) => {
      value = await group.start<string>(({ ready }) => {
        ready("first");
        ready("second");
      });
    }),
  );
  expect(value).toBe("first");
  expect((error as ErrorGroup).errors).toMatchObject([{ name: "Error" }]);
});

test("anyio test_start_crash_before_started_call: start rejects with that very error, and the group goes on", async () => {
  const log: unknown[] = [];
  const value = await clock.run(() =>
    taskGroup(async (group) => {
      log.push(
        await errorOf(
          group.start(async ({ sleep: pause }) => {
            await pause(10);
            throw failure;
          }),
        ),
      );
      log.push(group.cancelled);
      return "value";
    }),
  );
  expect([log, value]).toEqual([[failure, false], "value"]);
});

test("anyio test_start_crash_after_started_call: start resolves, and the group fails", async () => {
  let value: unknown;
  const error = await clock.run(() =>
    errorOf(
      taskGroup(async (group) => {
        value = await group.start<number>(async ({ ready, sleep: pause }) => {
          ready(2);
          await pause(10);
          throw failure;
        });
      }),
    ),
  );
  expect(value).toBe(2);
  expect(error).toBeInstanceOf(ErrorGroup);
  expect(error).toMatchObject({ errors: [failure] });
});

test("anyio test_start_no_started_call: a task that ends without ready rejects its start, and leaves the group alone", async () => {
  const value = await clock.run(() =>
    taskGroup(async (group) => {
      const error = await errorOf(group.start(({ sleep: pause }) => pause(10), { name: "server" }));
      expect(error).toMatchObject({ name: "NotReadyError", code: "ERR_NOT_READY", task: "server" });
      return group.cancelled;
    }),
  );
  expect(value).toBe(false);
});

test("anyio test_start_cancelled: under a cancelled group the task starts, is aborted and awaited", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      group.cancel();
      const error = await errorOf(
        group.start<string>(async ({ ready, sleep: pause }) => {
          log.push("started");
          await pause(2000);
          log.push("not reached");
          ready("too late");
        }),
      );
      log.push(error === group.signal.reason ? "rejected with the reason" : String(error));
    }),
  );
  expect([log, clock.now()]).toEqual([["started", "rejected with the reason"], 0]);
});

test("anyio test_start_native_host_cancelled: an outer abort during a start ends the task, which is awaited", async () => {
  const outer = new AbortController();
  const outerReason = new Error("outer");
  const log: string[] = [];
  const error = await clock.run(() => {
    void sleep(10).then(() => outer.abort(outerReason));
    return errorOf(
      taskGroup(
        async (group) => {
          await group.start(async ({ sleep: pause, signal }) => {
            log.push("started");
            try {
              await pause(2000);
            } finally {
              await shield(({ sleep: cleanup }) => cleanup(5), { signal });
              log.push(`ended at ${clock.now()}`);
            }
          });
          log.push("not reached");
        },
        { signal: outer.signal },
      ),
    );
  });
  expect(error).toBe(outerReason);
  expect(log).toEqual(["started", "ended at 15"]);
});

test("anyio test_start_native_child_cancelled: a task that ends by a cancellation of its own making rejects its start with that, and not the group", async () => {
  const own = abortError();
  const value = await taskGroup(async (group) => {
    const error = await errorOf(
      group.start(async () => {
        await turn();
        throw own;
      }),
    );
    expect(error).toBe(own);
    return group.cancelled;
  });
  expect(value).toBe(false);
});

test("anyio test_start_exception_delivery: a function that calls ready and returns no promise has simply ended", async () => {
  const log: unknown[] = [];
  await taskGroup(async (group) => {
    log.push(
      await group.start<string>(({ ready }) => {
        ready("hello");
        return "no promise";
      }),
    );
    await turn();
    log.push(group.size, group.cancelled);
  });
  expect(log).toEqual(["hello", 0, false]);
});

test("anyio test_start_cancel_after_error: a start on an outer group ends when the inner group, whose signal it was given, fails", async () => {
  const log: string[] = [];
  const value = await clock.run(() =>
    taskGroup(async (outer) => {
      const error = await errorOf(
        taskGroup(async (inner) => {
          inner.spawn(async () => {
            await turn();
            throw failure;
          });
          await outer.start(
            async ({ sleep: pause }) => {
              log.push("started");
              await pause(60_000).finally(() => log.push(`ended at ${clock.now()}`));
            },
            { signal: inner.signal },
          );
          log.push("not reached");
        }),
      );
      expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure] });
      return outer.cancelled;
    }),
  );
  expect([log, value]).toEqual([["started", "ended at 0"], false]);
});

test("anyio test_start_cancels_parent_scope: a caller who gives up cancels the task that starts, and not its group", async () => {
  const caller = new AbortController();
  const reason = new Error("caller");
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      group.spawn(async ({ sleep: pause }) => {
        await pause(50);
        log.push("sibling ended");
      });
      void sleep(10).then(() => caller.abort(reason));
      const error = await errorOf(group.start(({ sleep: pause }) => pause(60_000), { signal: caller.signal }));
      log.push(error === reason ? `gave up at ${clock.now()}` : String(error), `cancelled: ${group.cancelled}`);
    }),
  );
  expect(log).toEqual(["gave up at 10", "cancelled: false", "sibling ended"]);
});

test("anyio test_start_cancels_parent_scope: a caller who has given up before starts nothing", async () => {
  const reason = new Error("caller");
  let calls = 0;
  const cancelled = await taskGroup(async (group) => {
    expect(await errorOf(group.start(() => void calls++, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    await turn();
    return group.cancelled;
  });
  expect([calls, cancelled]).toEqual([0, false]);
});

test("anyio test_start_cancels_parent_scope: a caller who gives up after ready does not reach the task any more", async () => {
  const caller = new AbortController();
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      await group.start(
        async ({ ready, sleep: pause, signal }) => {
          ready();
          await pause(10);
          log.push(`aborted: ${signal.aborted}`);
        },
        { signal: caller.signal },
      );
      caller.abort();
    }),
  );
  expect(log).toEqual(["aborted: false"]);
});

test("anyio test_cancel_shielding_start: a shield in the task counts before ready as after; a ready that comes after the cancel is too late", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      void sleep(10).then(() => group.cancel());
      const error = await errorOf(
        group.start<string>(async ({ ready, signal }) => {
          await shield(({ sleep: pause }) => pause(100), { signal });
          log.push(`shielded until ${clock.now()}`);
          ready("value");
        }),
      );
      log.push(error === group.signal.reason ? "rejected with the reason" : String(error));
    }),
  );
  expect(log).toEqual(["shielded until 100", "rejected with the reason"]);
});
