/**
 * trio's src/trio/_core/_tests/test_run.py and test_cancelled.py, by name, as far as they speak of nurseries and introspection; cancellation is in trio-cancel.test.ts. A nursery is a task
 * group, a cancel scope is a group or a timeout, a checkpoint is any wait of the library.
 */
import { ErrorGroup, sleep, suppressedErrors, taskGroup, type TaskGroup } from "holdfast";
import { root } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";

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

describe("nurseries", () => {
  test("trio test_nursery_main_block_error_basic: the body's error alone is a group, the same object in it", async () => {
    const failure = new ValueError("body");
    const error = await errorOf(taskGroup(thrower(failure)));
    expect((error as ErrorGroup).errors[0] === failure && (error as ErrorGroup).errors.length === 1).toBe(true);
  });

  test("trio test_child_crash_basic: so is a child's", async () => {
    const failure = new ValueError("child");
    const error = await errorOf(taskGroup((group) => void group.spawn(thrower(failure))));
    expect((error as ErrorGroup).errors[0] === failure && (error as ErrorGroup).errors.length === 1).toBe(true);
  });

  test("trio test_basic_interleave: children interleave at their awaits", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      for (const name of ["a", "b"])
        group.spawn(async () => {
          for (let step = 0; step < 3; step++) {
            log.push(`${name}${step}`);
            await Promise.resolve();
          }
        });
    });
    expect(log).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
  });

  test("trio test_task_crash_propagation: a looping sibling is cancelled, and the error reaches the top", async () => {
    const log: string[] = [];
    const error = await errorOf(
      taskGroup((group) => {
        group.spawn(async ({ throwIfCancelled }) => {
          try {
            for (;;) {
              await turn();
              throwIfCancelled();
            }
          } finally {
            log.push("looper done");
          }
        });
        group.spawn(thrower(new ValueError("argh")));
      }),
    );
    expect([shape(error), log]).toEqual([["ValueError"], ["looper done"]]);
  });

  test("trio test_main_and_task_both_crash: both are in one group", async () => {
    const error = await errorOf(
      taskGroup((group) => {
        group.spawn(thrower(new KeyError("child")));
        throw new ValueError("body");
      }),
    );
    expect(shape(error)).toEqual(["ValueError", "KeyError"]);
  });

  test("trio test_two_child_crashes: both are in one group", async () => {
    const error = await errorOf(
      taskGroup((group) => {
        group.spawn(thrower(new KeyError("a")));
        group.spawn(thrower(new ValueError("b")));
      }),
    );
    expect(shape(error)).toEqual(["KeyError", "ValueError"]);
  });

  test("trio test_child_crash_wakes_parent: a body that sleeps for ever is woken", async () => {
    const error = await errorOf(
      taskGroup(async (group) => {
        group.spawn(thrower(new ValueError("child")));
        await sleep(Infinity, { signal: group.signal });
      }),
    );
    expect(shape(error)).toEqual(["ValueError"]);
  });

  test("trio test_nursery_closure: takes tasks while it drains, and none after it has closed", async () => {
    const log: string[] = [];
    let leaked: TaskGroup | undefined;
    await taskGroup((group) => {
      leaked = group;
      group.spawn(async () => {
        await turn();
        group.spawn(() => void log.push("while draining"));
      });
    });
    expect(log).toEqual(["while draining"]);
    expect(() => leaked?.spawn(() => {})).toThrow(/after it closed/u);
  });

  test("trio test_spawn_name: a task is named by its function, or by the option", async () => {
    async function func(): Promise<void> {}
    const names = await taskGroup((group) => [group.spawn(func).name, group.spawn(func, { name: "foo" }).name]);
    expect(names).toEqual(["func", "foo"]);
  });

  test("trio test_nice_error_on_bad_calls_to_run_or_spawn: a promise where a function belongs is explained", async () => {
    const work = async (): Promise<void> => {};
    await taskGroup((group) => {
      expect(() => Reflect.apply(group.spawn, undefined, [work()])).toThrow(
        /pass \(\) => work\(\) instead of work\(\)/u,
      );
    });
    expect(await errorOf(Reflect.apply(taskGroup, undefined, [work()]))).toMatchObject({
      message: /pass \(\) => work\(\) instead of work\(\)/u,
    });
  });

  test("trio test_nursery_collapse: one error and many are wrapped alike, also when echoes were left out", async () => {
    const run = (failures: number, sleepers: number): Promise<unknown> =>
      errorOf(
        taskGroup((group) => {
          for (let count = 0; count < sleepers; count++) group.spawn(({ sleep: pause }) => pause(Infinity));
          for (let count = 0; count < failures; count++) group.spawn(thrower(new ValueError(String(count))));
        }),
      );
    expect([shape(await run(1, 0)), shape(await run(1, 3)), shape(await run(2, 3))]).toEqual([
      ["ValueError"],
      ["ValueError"],
      ["ValueError", "ValueError"],
    ]);
  });

  test("trio test_nursery_stop_iteration: what has a meaning to a protocol survives in the group", async () => {
    const error = await errorOf(taskGroup((group) => void group.spawn(thrower(Object.freeze({ done: true })))));
    expect((error as ErrorGroup).errors).toEqual([{ done: true }]);
  });

  test("trio test_task_tree_introspection: the tree is right at each moment", async () => {
    interface Node {
      readonly name?: string;
      readonly kids?: Node;
      readonly next: Node;
    }
    const names = (at: Node): unknown[] => {
      const found: unknown[] = [];
      for (let kid = at.kids; kid !== undefined; kid = kid.next === at.kids ? undefined : kid.next)
        found.push([kid.name, ...names(kid)]);
      return found;
    };
    // What a tool sees: plain fields.
    const look = (): unknown => names(root() as unknown as Node);
    const log: unknown[] = [look()];
    const gate = new Gate();
    await taskGroup(
      async (outer) => {
        outer.spawn(
          ({ signal }) =>
            taskGroup((inner) => void inner.spawn(() => gate.promise, { name: "leaf" }), { signal, name: "inner" }),
          { name: "child" },
        );
        log.push(look());
        await turn();
        log.push(look());
        gate.open();
        await turn();
        log.push(look());
      },
      { name: "outer" },
    );
    log.push(look());
    expect(log).toEqual([[], [["outer", ["child"]]], [["outer", ["child", ["inner", ["leaf"]]]]], [["outer"]], []]);
  });

  test("trio test_nursery_exception_chaining_doesnt_make_context_loops: no error becomes its own cause", async () => {
    const failure = new ValueError("x");
    const error = (await errorOf(
      taskGroup(async (group) => {
        group.spawn(thrower(failure));
        await waitUntilAborted(group.signal);
      }),
    )) as ErrorGroup;
    expect([error.cause, failure.cause, suppressedErrors(failure), suppressedErrors(error)]).toEqual([
      undefined,
      undefined,
      [],
      [],
    ]);
  });
});
