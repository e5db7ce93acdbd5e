/** The tests of shields, of cancelling and of reasons in trio's test_run.py and test_cancelled.py. The titles carry the names from there; README.md has the list. */
import {
  type CancelledError,
  ErrorGroup,
  openTaskGroup,
  shield,
  sleep,
  taskGroup,
  type TaskGroup,
  timeout,
} from "holdfast";
import { kidsOf, root, Scope, scopeOf } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf } from "../core/outcome.ts";

const clock = useFakeClock();
const outerReason = new Error("outer");
const never = 86_400_000;

describe("shields", () => {
  test("trio test_cancel_shielding: a shield keeps off what is outside; an own limit and a group inside still act", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        group.cancel();
        await shield(
          async ({ signal, cancelled, sleep: pause }) => {
            log.push(`cancelled: ${cancelled}`);
            await pause(10);
            await timeout(10, (context) => context.sleep(never), { signal, fallback: () => log.push("own limit") });
            const error = await errorOf(
              taskGroup(
                async (inner) => {
                  inner.cancel("inner");
                  await sleep(never, { signal: inner.signal });
                },
                { signal },
              ),
            );
            log.push(String((error as CancelledError).cause), `at ${clock.now()}`);
          },
          { signal: group.signal },
        );
      }),
    );
    expect(log).toEqual(["cancelled: false", "own limit", "inner", "at 20"]);
  });

  test("trio test_cancel_shielding: when the grace is over the cancellation is delivered at once", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        void sleep(10).then(() => group.cancel());
        const error = await errorOf(shield(({ sleep: pause }) => pause(never), { signal: group.signal, grace: 50 }));
        log.push(error === group.signal.reason ? `the reason at ${clock.now()}` : String(error));
      }),
    );
    expect(log).toEqual(["the reason at 60"]);
  });

  test("trio test_cancel_shield_abort: the end of a grace wakes a task that sleeps inside, below any number of groups", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        group.spawn(({ signal }) =>
          shield(
            (context) =>
              taskGroup(
                (inner) => {
                  inner.spawn(({ sleep: pause }) => pause(never).finally(() => log.push(`woken at ${clock.now()}`)));
                },
                { signal: context.signal },
              ),
            { signal, grace: 100 },
          ),
        );
        await turn();
        group.cancel();
      }),
    );
    expect(log).toEqual(["woken at 100"]);
  });

  test("trio test_unshield_while_cancel_propagating: a grace that ends while the inner cancellation is on its way changes nothing about whose it is", async () => {
    const outer = new AbortController();
    outer.abort(outerReason);
    const seen = await clock.run(() =>
      errorOf(
        shield(
          ({ signal }) =>
            taskGroup(
              async (inner) => {
                inner.cancel("inner");
                try {
                  await sleep(never, { signal: inner.signal });
                } finally {
                  // The grace ends meanwhile.
                  await sleep(200);
                }
              },
              { signal },
            ),
          { signal: outer.signal, grace: 100 },
        ),
      ),
    );
    // By then what is above is cancelled too, and goes before the group's own cancel.
    expect(seen).toBe(outerReason);
  });
});

describe("cancelling", () => {
  test("trio test_nursery_explicit_exception: what the body throws by itself is in a group, cause and all", async () => {
    const failure = new Error("explicit", { cause: "why" });
    const error = await errorOf(
      taskGroup(() => {
        throw failure;
      }),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure] });
    expect((error as ErrorGroup).errors[0]).toHaveProperty("cause", "why");
  });

  for (const ms of [NaN, -1])
    test(`trio test_cancel_scope_validation: a limit of ${ms} is refused by a group, before anything is called`, async () => {
      let calls = 0;
      expect(await errorOf(taskGroup(() => void calls++, { timeout: ms }))).toBeInstanceOf(RangeError);
      expect(() => openTaskGroup({ timeout: ms })).toThrow(RangeError);
      expect(calls).toBe(0);
    });

  test("trio test_cancel_unbound: a group that was cancelled never becomes uncancelled, and one that has closed never cancelled", async () => {
    const cancelled = openTaskGroup();
    cancelled.cancel("first");
    const { reason } = cancelled.signal;
    cancelled.cancel("second");
    await cancelled.close();
    const closed = openTaskGroup();
    await closed.close();
    closed.cancel();
    expect([cancelled.cancelled, cancelled.signal.reason === reason, closed.cancelled]).toEqual([true, true, false]);
  });

  test("trio test_slow_abort_basic: work that takes its time to stop is told once, and waited for", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        group.spawn(async ({ signal }) => {
          signal.addEventListener("abort", () => log.push(`told at ${clock.now()}`));
          await aborted(signal);
          await sleep(100);
          log.push(`stopped at ${clock.now()}`);
          throw signal.reason;
        });
        await sleep(10);
        group.cancel();
      }),
    );
    expect(log).toEqual(["told at 10", "stopped at 110"]);
  });

  test("trio test_slow_abort_edge_cases: cancelled twice, from two places, it is told once, and inside a shield not at all", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (outer) => {
        outer.spawn(({ signal }) =>
          taskGroup(
            async (inner) => {
              inner.spawn(async (context) => {
                context.signal.addEventListener("abort", () => log.push("told"));
                await shield(
                  async ({ signal: shielded, sleep: pause }) => {
                    shielded.addEventListener("abort", () => log.push("told inside"));
                    await pause(100);
                  },
                  { signal: context.signal },
                );
              });
              await turn();
              inner.cancel();
              outer.cancel();
              inner.cancel();
            },
            { signal },
          ),
        );
      }),
    );
    expect(log).toEqual(["told"]);
    expect(clock.now()).toBe(100);
  });

  test("trio test_exception_chaining_after_throw: an error that a cancellation led to keeps it as its cause, and is a failure", async () => {
    const error = await errorOf(
      taskGroup(async (group) => {
        group.spawn(async ({ sleep: pause }) => {
          await pause(never).catch((reason: unknown) => {
            throw new Error("rollback failed", { cause: reason });
          });
        });
        await turn();
        group.cancel("enough");
      }),
    );
    expect((error as ErrorGroup).errors).toMatchObject([
      { message: "rollback failed", cause: { name: "AbortError", kind: "cancel", cause: "enough" } },
    ]);
  });

  test("trio test_exception_chaining_after_throw_to_inner: an error inside nested cleanups keeps its own cause, whatever is cancelled around it", async () => {
    const cause = new Error("disk full");
    const error = await errorOf(
      taskGroup(async (outer) => {
        outer.spawn(({ signal }) =>
          taskGroup(
            async (inner) => {
              await sleep(never, { signal: inner.signal }).catch(() => {
                throw new Error("rollback failed", { cause });
              });
            },
            { signal },
          ),
        );
        await turn();
        outer.cancel();
      }),
    );
    expect((error as ErrorGroup).leaves()).toMatchObject([{ message: "rollback failed", cause }]);
  });

  test("trio test_task_nursery_stack: the groups inside a task hang below it, the innermost deepest", async () => {
    const names = (scope: Scope): unknown[] =>
      kidsOf(scope).flatMap((kid) => (kid instanceof Scope ? [[kid.name, ...names(kid)]] : []));
    const seen: unknown[] = [];
    await taskGroup(
      async (group) => {
        await group
          .spawn(
            ({ signal }) =>
              taskGroup(
                (middle) =>
                  taskGroup(() => void seen.push(...names(root())), { signal: middle.signal, name: "innermost" }),
                { signal, name: "middle" },
              ),
            { name: "task" },
          )
          .join();
        seen.push(...names(root()));
      },
      { name: "outer" },
    );
    expect(seen).toEqual([["outer", ["task", ["middle", ["innermost"]]]], ["outer"]]);
  });

  test("trio test_very_deep_cancel_scope_nesting: five thousand nested groups are cancelled without a stack overflow", async () => {
    const reasons: unknown[] = [];
    let nest = async (group: TaskGroup): Promise<void> => {
      await aborted(group.signal);
      reasons.push(group.signal.reason);
      throw group.signal.reason;
    };
    for (let depth = 1; depth < 5000; depth++) {
      const inner = nest;
      nest = async (group) => {
        // Or the test itself would call five thousand functions deep.
        await Promise.resolve();
        await taskGroup(inner, { signal: group.signal });
      };
    }
    const outer = new AbortController();
    const ended = errorOf(taskGroup(nest, { signal: outer.signal }));
    await turn();
    expect(depthOf(scopeOf(outer.signal))).toBe(5000);
    outer.abort(outerReason);
    expect(await ended).toBe(outerReason);
    expect(reasons).toEqual([outerReason]);
  }, 20_000);

  for (const count of [1, 3])
    test(`trio test_setting_strict_exception_groups: there is one shape, and no setting: ${count} failed of ${count + 1} is a group of ${count}`, async () => {
      const errors = Array.from({ length: count }, (_, index) => new Error(`failure ${index}`));
      const error = await errorOf(
        taskGroup(
          (group) => {
            for (const failure of errors) group.spawn(() => Promise.reject(failure));
            group.spawn(() => "succeeds");
          },
          { stopOnError: false },
        ),
      );
      expect(error).toBeInstanceOf(ErrorGroup);
      expect((error as ErrorGroup).errors).toEqual(errors);
    });
});

describe("reasons", () => {
  test("trio test_cancel_reason_nursery2: of a failing body says that it was the body", async () => {
    const reasons: unknown[] = [];
    await errorOf(
      taskGroup(
        async (group) => {
          group.spawn(({ signal }) => aborted(signal).then(() => reasons.push(signal.reason)));
          await turn();
          throw outerReason;
        },
        { name: "copy" },
      ),
    );
    expect(reasons).toMatchObject([{ kind: "sibling", group: "copy", by: "its body", cause: outerReason }]);
  });

  test("trio test_cancel_reason_nursery3: of a group whose body another group's failure ended is that failure", async () => {
    const failure = new Error("inner");
    const reasons: unknown[] = [];
    await errorOf(
      taskGroup(
        async (outer) => {
          outer.spawn(({ signal }) => aborted(signal).then(() => reasons.push(signal.reason)));
          await taskGroup((inner) => void inner.spawn(() => Promise.reject(failure)), { signal: outer.signal });
        },
        { name: "outer" },
      ),
    );
    expect(reasons).toMatchObject([
      { kind: "sibling", group: "outer", by: "its body", cause: { name: "ErrorGroup", errors: [failure] } },
    ]);
  });

  test("trio test_cancel_reason_not_overwritten_2: a deadline that came first stays the reason after a cancel", async () => {
    const kinds: string[] = [];
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          async (group) => {
            await aborted(group.signal);
            group.cancel("late");
            kinds.push((group.signal.reason as CancelledError).kind);
            throw group.signal.reason;
          },
          { timeout: 10 },
        ),
      ),
    );
    expect(kinds).toEqual(["deadline"]);
    expect(error).toMatchObject({ name: "TimeoutError", layer: "group", timeout: 10 });
  });
});

/** How many scopes hang below it, one below the other. */
function depthOf(scope: Scope): number {
  let depth = -1;
  for (let at: Scope | undefined = scope; at !== undefined; depth++)
    at = kidsOf(at).find((kid): kid is Scope => kid instanceof Scope);
  return depth;
}
