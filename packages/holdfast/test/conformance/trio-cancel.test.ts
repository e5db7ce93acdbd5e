/**
 * trio's src/trio/_core/_tests/test_run.py and test_cancelled.py, by name, as far as they speak of cancellation and its reasons. A nursery is a task
 * group, a cancel scope is a group or a timeout, a checkpoint is any wait of the library.
 */
import { CancelledError, ErrorGroup, abortable, sleep, taskGroup, timeout, type TaskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { abortError, errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";

const clock = useFakeClock();

class ValueError extends Error {}
class KeyError extends Error {}

function thrower(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** The classes of the errors of a group, nested ones as lists. */
function shape(error: unknown): unknown {
  if (error instanceof ErrorGroup) return error.errors.map(shape);
  return error instanceof Error ? error.constructor.name : error;
}

describe("cancellation", () => {
  test("trio test_cancel_points: every wait rejects when it was cancelled before, and when it is cancelled meanwhile", async () => {
    const waits: readonly ((group: TaskGroup) => Promise<unknown>)[] = [
      ({ signal }) => sleep(10, { signal }),
      ({ signal }) => sleep(Infinity, { signal }),
      ({ signal }) => abortable(new Promise(() => {}), { signal }),
      ({ signal }) => timeout(10_000, ({ sleep: pause }) => pause(10_000), { signal }),
      ({ signal }) => taskGroup((inner) => sleep(10_000, { signal: inner.signal }), { signal }),
    ];
    for (const wait of waits)
      for (const when of ["before", "meanwhile"]) {
        const error = await errorOf(
          taskGroup(async (group) => {
            if (when === "before") group.cancel();
            else void turn().then(() => group.cancel());
            await wait(group);
          }),
        );
        expect(error).toMatchObject({ name: "AbortError", kind: "cancel" });
      }
  });

  test("trio test_cancel_edge_cases: twice is once, and it lasts: the second wait rejects too", async () => {
    await taskGroup(async (group) => {
      group.cancel();
      group.cancel();
      const errors = [
        await errorOf(sleep(1, { signal: group.signal })),
        await errorOf(sleep(1, { signal: group.signal })),
      ];
      expect([errors[0] === errors[1], errors[0] instanceof CancelledError]).toEqual([true, true]);
    });
  });

  test("trio test_cancel_scope_exceptiongroup_filtering: of many echoes and one real error, the real one is left", async () => {
    const error = await errorOf(
      taskGroup(async (outer) => {
        void turn().then(() => outer.cancel());
        await taskGroup(
          (inner) => {
            for (let count = 0; count < 3; count++) inner.spawn(({ sleep: pause }) => pause(Infinity));
            inner.spawn(({ signal }) => waitUntilAborted(signal, () => new KeyError("real")));
          },
          { signal: outer.signal },
        );
      }),
    );
    expect(shape(error)).toEqual([["KeyError"]]);
  });

  test("trio test_precancelled_task: a task of a cancelled group runs up to its first wait", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      group.cancel();
      group.spawn(async ({ sleep: pause }) => {
        log.push("before");
        await pause(1);
        log.push("after");
      });
    });
    expect(log).toEqual(["before"]);
  });

  test("trio test_cancel_inheritance: reaches the leaves of nested groups", async () => {
    const log: unknown[] = [];
    await taskGroup((outer) => {
      outer.spawn(({ signal }) =>
        taskGroup(
          (inner) => {
            inner.spawn((context) => waitUntilAborted(context.signal, (reason) => (log.push(reason), reason)));
          },
          { signal },
        ),
      );
      void turn().then(() => outer.cancel("top"));
    });
    expect(log).toMatchObject([{ kind: "cancel", cause: "top" }]);
  });

  test("trio test_basic_timeout: a deadline does not fire after its scope has ended", async () => {
    const signal = await timeout(100, (context) => context.signal);
    await clock.advanceBy(200);
    expect(signal.aborted).toBe(false);
  });

  test("trio test_cancel_scope_nesting: of two that are cancelled the outer one's reason is thrown", async () => {
    const log: unknown[] = [];
    const error = await errorOf(
      taskGroup(
        async (outer) => {
          const inner = taskGroup(
            async (group) => {
              group.cancel("inner");
              outer.cancel("outer");
              await sleep(1, { signal: group.signal });
            },
            { signal: outer.signal },
          );
          log.push(((await errorOf(inner)) as Error).cause);
          await inner;
        },
        { name: "outer" },
      ),
    );
    expect([log, (error as Error).cause]).toEqual([["outer"], "outer"]);
  });

  test("trio test_failed_abort: work that refuses to stop ends, and the next wait throws", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup((group) => {
        group.spawn(async ({ sleep: pause }) => {
          await sleep(100);
          log.push("refused");
          await pause(1);
          log.push("never");
        });
        void sleep(10).then(() => group.cancel());
      }),
    );
    expect([log, clock.now()]).toEqual([["refused"], 100]);
  });

  test("trio test_current_effective_deadline: is the nearest of all above", async () => {
    const seen: number[] = [];
    await timeout(100, ({ signal, deadline }) => {
      seen.push(deadline);
      return timeout(
        50,
        (inner) => {
          seen.push(inner.deadline);
          return timeout(500, (innermost) => void seen.push(innermost.deadline), { signal: inner.signal });
        },
        { signal },
      );
    });
    expect(seen).toEqual([100, 50, 50]);
  });

  test("trio test_yield_briefly_checks_for_timeout: work that polls sees that its deadline has passed", async () => {
    let steps = 0;
    const error = await clock.run(() =>
      errorOf(
        timeout(100, async ({ sleep: pause }) => {
          for (;;) {
            steps++;
            clock.block(30);
            await pause(0);
          }
        }),
      ),
    );
    expect([(error as Error).name, steps]).toEqual(["TimeoutError", 4]);
  });

  test("trio test_cancel_scope_no_cancellederror: a user's aggregate without an echo is no cancellation", async () => {
    const error = await errorOf(
      taskGroup((group) => {
        group.cancel();
        throw new AggregateError([new KeyError("a"), new ValueError("b")]);
      }),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [{ errors: [{ message: "a" }, { message: "b" }] }] });
  });

  test("trio test_detached_coroutine_cancellation: a foreign wait inside a task does not break a later delivery", async () => {
    const gate = new Gate();
    const log: string[] = [];
    await taskGroup(async (group) => {
      group.spawn(async ({ sleep: pause }) => {
        await gate.promise;
        await errorOf(pause(Infinity));
        log.push("cancelled");
      });
      await turn();
      group.cancel();
      gate.open();
    });
    expect(log).toEqual(["cancelled"]);
  });

  test("trio test_cancel_scope_deadline_duplicates: timeouts started and stopped by the thousand leave no timers", async () => {
    await clock.run(async () => {
      for (let count = 0; count < 5000; count++) await timeout(60_000 + (count % 7), () => count);
    });
    expect(clock.pending).toBe(0);
    expect(clock.made).toBeLessThan(10);
  });
});

describe("reasons", () => {
  test("trio test_cancel_reason: says who cancelled, how and why", async () => {
    await taskGroup(
      (group) => {
        group.cancel("because");
        expect(group.signal.reason).toMatchObject({ kind: "cancel", group: "nursery", cause: "because" });
      },
      { name: "nursery" },
    );
  });

  test("trio test_cancel_reason_nursery: a sibling's failure is its cause", async () => {
    const failure = new ValueError("crash");
    let reason: unknown;
    await errorOf(
      taskGroup((group) => {
        group.spawn(({ signal }) => waitUntilAborted(signal, (given) => (reason = given)));
        group.spawn(thrower(failure));
      }),
    );
    expect(reason).toMatchObject({ kind: "sibling", cause: failure });
  });

  test("trio test_nested_child_source: of a nested group is that of the group that was cancelled first", async () => {
    let reason: unknown;
    await taskGroup(
      (outer) => {
        outer.spawn(({ signal }) =>
          taskGroup((inner) => waitUntilAborted(inner.signal, (given) => (reason = given)), { signal, name: "inner" }),
        );
        void turn().then(() => outer.cancel());
      },
      { name: "outer" },
    );
    expect(reason).toMatchObject({ kind: "cancel", group: "outer" });
  });

  test("trio test_cancel_reason_not_overwritten: the first stays, whoever comes later", async () => {
    const outer = new AbortController();
    const error = await errorOf(
      taskGroup(
        (group) => {
          group.spawn(thrower(new ValueError("first")));
          group.spawn(async () => {
            group.cancel("second");
            outer.abort("third");
          });
          return waitUntilAborted(group.signal, (reason) => {
            expect(reason).toMatchObject({ kind: "sibling" });
            return abortError(reason);
          });
        },
        { signal: outer.signal },
      ),
    );
    expect(shape(error)).toEqual(["ValueError"]);
  });
});
