import { CancelledError, ErrorGroup, sleep, suppressedErrors, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const bodyError = new Error("body");
const taskError = new Error("task");
const otherError = new Error("other");

function thrower(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** The errors of the ErrorGroup that `promise` rejects with. */
async function errorsOf(promise: PromiseLike<unknown>): Promise<unknown[]> {
  const error = await errorOf(promise);
  if (!(error instanceof ErrorGroup)) throw new Error(`expected an ErrorGroup, got ${String(error)}`);
  return [...error.errors];
}

describe("who fails", () => {
  test("R2: the first failure cancels the group, with one reason object for all", async () => {
    const reasons: unknown[] = [];
    const note = async ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
      await aborted(signal);
      reasons.push(signal.reason);
    };
    await errorOf(
      taskGroup(
        async (group) => {
          group.spawn(note);
          group.spawn(note);
          group.spawn(thrower(taskError));
          await note(group);
        },
        { name: "request" },
      ),
    );
    expect(reasons).toHaveLength(3);
    expect(new Set(reasons).size).toBe(1);
    expect(reasons[0]).toBeInstanceOf(CancelledError);
    expect(reasons[0]).toMatchObject({
      kind: "sibling",
      group: "request",
      cause: taskError,
      message: expect.stringMatching(/^group "request" was cancelled because task "task \d+" failed$/u),
    });
  });

  test("R2: a failed body cancels its tasks", async () => {
    const log: string[] = [];
    const errors = await errorsOf(
      taskGroup(async (group) => {
        group.spawn(async ({ signal }) => {
          await aborted(signal);
          log.push("aborted");
        });
        await turn();
        throw bodyError;
      }),
    );
    expect({ errors, log }).toEqual({ errors: [bodyError], log: ["aborted"] });
  });

  test("R2: a body that throws before any task has started cancels them before they start", async () => {
    const log: boolean[] = [];
    const errors = await errorsOf(
      taskGroup((group) => {
        group.spawn(({ cancelled }) => void log.push(cancelled));
        throw bodyError;
      }),
    );
    expect({ errors, log }).toEqual({ errors: [bodyError], log: [true] });
  });

  test("R3: one error is thrown in a group too, whoever failed", async () => {
    expect(await errorsOf(taskGroup(thrower(bodyError)))).toEqual([bodyError]);
    expect(await errorsOf(taskGroup((group) => void group.spawn(thrower(taskError))))).toEqual([taskError]);
  });

  test("R3: two errors look like one, with two errors", async () => {
    const error = await errorOf(
      taskGroup((group) => {
        group.spawn(thrower(taskError));
        throw bodyError;
      }),
    );
    expect(error).toMatchObject({
      name: "ErrorGroup",
      code: "ERR_ERROR_GROUP",
      message: "2 errors: body; task",
      errors: [bodyError, taskError],
    });
    expect(Object.hasOwn(error as object, "cause")).toBe(false);
  });
});

describe("order and identity", () => {
  const clock = useFakeClock();

  test("GROUP-2: errors are listed in the order of failure, not of spawning", async () => {
    const failAfter = (ms: number, error: unknown) => () => sleep(ms).then(thrower(error));
    const errors = await clock.run(() =>
      errorsOf(
        taskGroup(async (group) => {
          group.spawn(failAfter(20, otherError));
          group.spawn(failAfter(10, taskError));
          await sleep(30);
          throw bodyError;
        }),
      ),
    );
    expect(errors).toEqual([taskError, otherError, bodyError]);
  });

  test("R4: task first, then body; and body first, then task", async () => {
    const gate = new Gate();
    expect(
      await errorsOf(
        taskGroup(async (group) => {
          group.spawn(thrower(taskError));
          await group.spawn(() => {}).join();
          throw bodyError;
        }),
      ),
    ).toEqual([taskError, bodyError]);
    expect(
      await errorsOf(
        taskGroup((group) => {
          group.spawn(async () => {
            await gate.promise;
            throw taskError;
          });
          void turn().then(gate.open);
          throw bodyError;
        }),
      ),
    ).toEqual([bodyError, taskError]);
  });

  test("R4: two tasks that fail in the same tick are both listed, in their order", async () => {
    const gate = new Gate();
    const errors = await errorsOf(
      taskGroup(async (group) => {
        for (const error of [taskError, otherError])
          group.spawn(async () => {
            await gate.promise;
            throw error;
          });
        await turn();
        gate.open();
      }),
    );
    expect(errors).toEqual([taskError, otherError]);
  });

  test("R4: an error that the body got from join is listed once", async () => {
    const errors = await errorsOf(taskGroup((group) => group.spawn(thrower(taskError)).join()));
    expect(errors).toEqual([taskError]);
  });

  test("R4: the same object thrown by two tasks is listed once", async () => {
    const errors = await errorsOf(
      taskGroup((group) => {
        group.spawn(thrower(taskError));
        group.spawn(thrower(taskError));
      }),
    );
    expect(errors).toEqual([taskError]);
  });

  for (const primitive of ["text", 0, null, undefined, Number.NaN])
    test(`R4: ${String(primitive)} thrown by two tasks is two failures`, async () => {
      const errors = await errorsOf(
        taskGroup((group) => {
          group.spawn(thrower(primitive));
          group.spawn(thrower(primitive));
        }),
      );
      expect(errors).toEqual([primitive, primitive]);
    });

  test("R3: a frozen error is listed as it is", async () => {
    const frozen = Object.freeze(new Error("frozen"));
    const errors = await errorsOf(taskGroup((group) => void group.spawn(thrower(frozen))));
    expect(errors[0]).toBe(frozen);
  });

  test("R21: real failures after the first are listed beside it, however late", async () => {
    const errors = await clock.run(() =>
      errorsOf(
        taskGroup((group) => {
          group.spawn(thrower(taskError));
          group.spawn(async ({ signal }) => {
            await aborted(signal);
            await sleep(500);
            throw otherError;
          });
        }),
      ),
    );
    expect(errors).toEqual([taskError, otherError]);
    expect(suppressedErrors(errors[0])).toEqual([]);
  });

  test("R21: a thousand failures are all listed", async () => {
    const all = Array.from({ length: 1000 }, (_, index) => new Error(String(index)));
    const errors = await errorsOf(taskGroup((group) => all.forEach((error) => group.spawn(thrower(error)))));
    expect(errors).toEqual(all);
  });
});

describe("cleanup that fails", () => {
  test("R11: a task's own error about its cleanup is a failure, although it was caused by the cancellation", async () => {
    const rollback = (reason: unknown): Error => new Error("rollback failed", { cause: reason });
    const errors = await errorsOf(
      taskGroup((group) => {
        group.spawn(({ signal }) => waitUntilAborted(signal, rollback));
        group.spawn(thrower(taskError));
      }),
    );
    expect(errors).toMatchObject([taskError, { message: "rollback failed", cause: { kind: "sibling" } }]);
  });

  test("GROUP-2: tasks that only report the cancellation are not listed", async () => {
    const errors = await errorsOf(
      taskGroup(async (group) => {
        group.spawn(({ signal }) => waitUntilAborted(signal));
        group.spawn(({ sleep: pause }) => pause(Infinity));
        group.spawn(thrower(taskError));
        await waitUntilAborted(group.signal);
      }),
    );
    expect(errors).toEqual([taskError]);
  });

  test("a task that swallows the cancellation has succeeded", async () => {
    const states: string[] = [];
    await errorsOf(
      taskGroup(async (group) => {
        const task = group.spawn(async ({ signal }) => {
          await waitUntilAborted(signal).catch(() => {});
          return "value";
        });
        group.spawn(thrower(taskError));
        states.push(JSON.stringify(await task.settled()));
      }),
    );
    expect(states).toEqual(['{"ok":true,"value":"value"}']);
  });
});

describe("errors that resist being looked at", () => {
  const hostile: readonly [string, () => unknown][] = [
    ["an object without a prototype", () => Object.create(null)],
    ["a symbol", () => Symbol("failure")],
    ["a function", () => () => {}],
    ["a bigint", () => 10n],
    [
      "an error whose message throws",
      () => Object.defineProperty(new Error("hidden"), "message", { get: thrower(otherError) }),
    ],
    [
      "an error whose name and cause throw",
      () => Object.defineProperties(new Error("hidden"), { name: { get: thrower(0) }, cause: { get: thrower(0) } }),
    ],
    [
      "a revoked proxy",
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      },
    ],
  ];
  for (const [what, make] of hostile) {
    test(`R21: ${what} thrown by a task is listed, and the group settles`, async () => {
      const error = make();
      const errors = await errorsOf(taskGroup((group) => void group.spawn(thrower(error))));
      expect(errors.length === 1 && errors[0] === error).toBe(true);
    });

    test(`R21: ${what} thrown by a cancelled task is listed, and the group settles`, async () => {
      const error = make();
      const errors = await errorsOf(
        taskGroup(async (group) => {
          group.spawn(({ signal }) => waitUntilAborted(signal, () => error));
          await turn();
          group.cancel();
        }),
      );
      expect(errors.length === 1 && errors[0] === error).toBe(true);
    });
  }
});
