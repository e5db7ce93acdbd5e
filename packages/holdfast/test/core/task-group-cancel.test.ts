import { CancelledError, ErrorGroup, sleep, taskGroup, timeout } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const taskError = new Error("task");
const bodyError = new Error("body");
const outerReason = new Error("outer");

/**
 * Every combination of what the body does, what a task does, and what is cancelled in which order, against R13 written down a second
 * time: real errors, then an outer abort, then the own cancel; and if nothing rejected, the value.
 */
describe("precedence", () => {
  const ends = ["returns", "echoes", "fails"] as const;
  const causes = ["nothing", "own", "outer", "own, then outer", "outer, then own"] as const;
  type End = (typeof ends)[number];
  type Cause = (typeof causes)[number];

  function expected(body: End, task: End | "is not there", cause: Cause): unknown {
    const errors = [...(task === "fails" ? [taskError] : []), ...(body === "fails" ? [bodyError] : [])];
    if (errors.length > 0) return { errors };
    if (body !== "echoes" && task !== "echoes") return { value: "value" };
    if (cause.includes("outer")) return { reason: outerReason };
    return body === "echoes" ? { cancelled: "own" } : { value: "value" };
  }

  async function actual(body: End, task: End | "is not there", cause: Cause): Promise<unknown> {
    const outer = new AbortController();
    const end = (how: End, signal: AbortSignal, failure: Error): string => {
      if (how === "fails") throw failure;
      if (how === "echoes") throw signal.reason;
      return "value";
    };
    try {
      const value = await taskGroup(
        async (group) => {
          const spawned =
            task === "is not there"
              ? undefined
              : group.spawn(async ({ signal }) => {
                  if (cause !== "nothing") await aborted(signal);
                  return end(task, signal, taskError);
                });
          await turn();
          for (const step of cause.split(", then ")) {
            if (step === "own") group.cancel("own");
            if (step === "outer") outer.abort(outerReason);
          }
          await spawned?.settled();
          return end(body, group.signal, bodyError);
        },
        { signal: outer.signal },
      );
      return { value };
    } catch (error) {
      if (error instanceof ErrorGroup) return { errors: error.errors };
      return error instanceof CancelledError ? { cancelled: error.cause } : { reason: error };
    }
  }

  for (const cause of causes)
    for (const body of ends)
      for (const task of [...ends, "is not there"] as const) {
        // Nobody can report a cancellation that did not happen.
        if (cause === "nothing" && (task === "echoes" || (body === "echoes" && task !== "fails"))) continue;
        test(`R13: cancelled by ${cause}; the body ${body}, the task ${task}`, async () => {
          expect(await actual(body, task, cause)).toEqual(expected(body, task, cause));
        });
      }
});

describe("precedence in time", () => {
  test("R13: an outer abort after all has settled changes nothing", async () => {
    const outer = new AbortController();
    const result = taskGroup(async () => "value", { signal: outer.signal });
    expect(await result).toBe("value");
    outer.abort();
    expect(await result).toBe("value");
  });

  test("R13: an outer abort while a group drains after its own cancel goes before that", async () => {
    const outer = new AbortController();
    const drained = new Gate();
    const error = await errorOf(
      taskGroup(
        async (group) => {
          group.spawn(() => drained.promise);
          await turn();
          group.cancel();
          void turn().then(() => {
            outer.abort(outerReason);
            drained.open();
          });
          throw group.signal.reason;
        },
        { signal: outer.signal },
      ),
    );
    expect(error).toBe(outerReason);
  });

  test("R13: when nothing rejected, the value wins over an outer abort", async () => {
    const outer = new AbortController();
    const value = await taskGroup(
      async (group) => {
        group.spawn(async ({ signal }) => await aborted(signal));
        await turn();
        outer.abort(outerReason);
        return "value";
      },
      { signal: outer.signal },
    );
    expect(value).toBe("value");
  });

  test("R13: a task that was cancelled alone rejects nobody", async () => {
    const outer = new AbortController();
    const value = await taskGroup(
      async (group) => {
        const task = group.spawn(({ signal }) => waitUntilAborted(signal));
        await turn();
        task.cancel();
        await task.settled();
        outer.abort(outerReason);
        return "value";
      },
      { signal: outer.signal },
    );
    expect(value).toBe("value");
  });

  test("R13: a real error goes before the outer abort that it came after", async () => {
    const outer = new AbortController();
    const error = await errorOf(
      taskGroup(
        async (group) => {
          group.spawn(({ signal }) => waitUntilAborted(signal, () => taskError));
          await turn();
          outer.abort(outerReason);
          await waitUntilAborted(group.signal);
        },
        { signal: outer.signal },
      ),
    );
    expect(error).toMatchObject({ errors: [taskError] });
  });

  test("R13: a failure, then an outer abort before the group has settled: the failure", async () => {
    const outer = new AbortController();
    const error = await errorOf(
      taskGroup(
        async (group) => {
          group.spawn(() => {
            throw taskError;
          });
          await aborted(group.signal);
          outer.abort(outerReason);
          throw group.signal.reason;
        },
        { signal: outer.signal },
      ),
    );
    expect(error).toMatchObject({ errors: [taskError] });
  });

  test("R13: a child group's outer abort is a rejection of the parent only if the parent's signal is aborted", async () => {
    const own = new AbortController();
    const error = await errorOf(
      taskGroup(async () => {
        await taskGroup(
          async ({ signal }) => {
            own.abort(outerReason);
            throw signal.reason;
          },
          { signal: own.signal },
        );
      }),
    );
    // The abort was the body's own affair: to the outer group it is an ordinary error.
    expect(error).toMatchObject({ errors: [outerReason] });
  });
});

describe("cancel()", () => {
  const clock = useFakeClock();

  test("R14: aborts before it returns", async () => {
    const seen = await taskGroup((group) => {
      const { signal } = group;
      group.cancel();
      return signal.aborted;
    });
    expect(seen).toBe(true);
  });

  test("R14: is idempotent: the first reason stays", async () => {
    await taskGroup((group) => {
      group.cancel("first");
      const { reason } = group.signal;
      group.cancel("second");
      expect(group.signal.reason).toBe(reason);
      expect(reason).toMatchObject({ name: "AbortError", code: "ERR_CANCELLED", kind: "cancel", cause: "first" });
    });
  });

  test("R14: a body that returned has its value", async () => {
    expect(
      await taskGroup(async (group) => {
        group.spawn(({ sleep: pause }) => pause(Infinity));
        await turn();
        group.cancel();
        return "value";
      }),
    ).toBe("value");
  });

  test("R14: a body that was cut short by it rejects with the reason", async () => {
    const error = await errorOf(
      taskGroup(
        async (group) => {
          group.cancel("enough");
          await sleep(Infinity, { signal: group.signal });
        },
        { name: "request" },
      ),
    );
    expect(error).toBeInstanceOf(CancelledError);
    expect(error).toMatchObject({
      kind: "cancel",
      group: "request",
      cause: "enough",
      message: 'group "request" was cancelled',
    });
  });

  test("R14: a task may cancel its own group, before its first await too", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      group.spawn(() => group.cancel());
      group.spawn(async ({ sleep: pause }) => {
        await errorOf(pause(Infinity));
        log.push("woken");
      });
    });
    expect(log).toEqual(["woken"]);
  });

  test("R14: may be called after the group has settled, and does nothing", async () => {
    let cancel: (() => void) | undefined;
    const signal = await taskGroup((group) => {
      cancel = group.cancel;
      return group.signal;
    });
    cancel?.();
    expect(signal.aborted).toBe(false);
  });

  test("R14: may be called from an abort listener", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      group.signal.addEventListener("abort", () => {
        group.cancel("again");
        log.push("listener");
      });
      group.cancel("first");
      log.push(`after, ${String((group.signal.reason as CancelledError).cause)}`);
    });
    expect(log).toEqual(["listener", "after, first"]);
  });

  test("R14: does not touch the signal that the group was given", async () => {
    const outer = new AbortController();
    await taskGroup((group) => group.cancel(), { signal: outer.signal });
    expect(outer.signal.aborted).toBe(false);
  });

  test("R14: a failure caught by the caller leaves the outer signal alive", async () => {
    const outer = new AbortController();
    await clock.run(async () => {
      await errorOf(
        taskGroup(
          () => {
            throw bodyError;
          },
          { signal: outer.signal },
        ),
      );
      await sleep(10, { signal: outer.signal });
    });
    expect(clock.now()).toBe(10);
  });

  test("R18: a timeout around a group that drains after its own cancel is still a TimeoutError", async () => {
    const error = await clock.run(() =>
      errorOf(
        timeout(100, ({ signal }) =>
          taskGroup(
            async (group) => {
              group.spawn(async () => await errorOf(sleep(500, { signal })));
              await turn();
              group.cancel();
              throw group.signal.reason;
            },
            { signal },
          ),
        ),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", timeout: 100 });
    expect(clock.now()).toBe(100);
  });
});
