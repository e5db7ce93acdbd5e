import { type Context, GroupClosedError, sleep, type TaskGroup, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("body");
const first = new Error("first cleanup");
const second = new Error("second cleanup");
const outerReason = new Error("outer");

describe("cleanups", () => {
  test("CLEANUP-1, GROUP-1: run after all tasks and services, last in first out, one at a time", async () => {
    const log: string[] = [];
    const cleanup = (name: string) => async () => {
      log.push(`${name} starts`);
      await sleep(10);
      log.push(`${name} ends`);
    };
    const value = await clock.run(() =>
      taskGroup((group) => {
        group.defer(cleanup("a"));
        group.spawnService(async ({ signal }) => {
          await aborted(signal);
          await sleep(5);
          log.push("service ends");
        });
        group.defer(cleanup("b"));
        group.spawn(async () => {
          await sleep(20);
          group.defer(cleanup("c"));
          log.push("task ends");
        });
        return "value";
      }),
    );
    expect(log).toEqual([
      "task ends",
      "service ends",
      "c starts",
      "c ends",
      "b starts",
      "b ends",
      "a starts",
      "a ends",
    ]);
    expect(value).toBe("value");
  });

  test("CLEANUP-1: each runs although another throws, and all errors reach the caller, after the body's", async () => {
    const log: string[] = [];
    const error = await errorOf(
      taskGroup((group) => {
        group.defer(() => void log.push("last"));
        group.defer(() => Promise.reject(second));
        group.defer(() => {
          throw first;
        });
        throw failure;
      }),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure, first, second] });
    expect(log).toEqual(["last"]);
  });

  test("R9: an error of a cleanup alone fails the group, whatever the body returned", async () => {
    expect(await errorOf(taskGroup((group) => group.defer(() => Promise.reject(first))))).toMatchObject({
      name: "ErrorGroup",
      errors: [first],
    });
  });

  test("R4: an error that a cleanup throws again is listed once", async () => {
    const error = await errorOf(
      taskGroup((group) => {
        group.defer(() => Promise.reject(failure));
        throw failure;
      }),
    );
    expect(error).toMatchObject({ errors: [failure] });
  });

  test("R6: a cleanup may defer more, which runs next", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      group.defer(() => void log.push("a"));
      group.defer(() => {
        log.push("b");
        group.defer(() => void log.push("c"));
      });
    });
    expect(log).toEqual(["b", "c", "a"]);
  });

  test("R6: in a cleanup the group is closed for spawn, spawnService and start, and the functions are never called", async () => {
    const thrown: unknown[] = [];
    let called = false;
    const run = (): void => void (called = true);
    await taskGroup(
      (group) =>
        group.defer(async () => {
          for (const spawn of [group.spawn, group.spawnService])
            try {
              spawn(run);
            } catch (error) {
              thrown.push(error);
            }
          thrown.push(await errorOf(group.start(run)));
        }),
      { name: "request" },
    );
    await turn();
    expect(called).toBe(false);
    expect(thrown).toEqual([expect.any(GroupClosedError), expect.any(GroupClosedError), expect.any(GroupClosedError)]);
    expect(thrown[0]).toMatchObject({ group: "request", code: "ERR_GROUP_CLOSED" });
  });

  for (const hasCleanup of [true, false])
    test(`R9: every cleanup that defer took runs, however late it came, with ${hasCleanup ? "one" : "none"} before it`, async () => {
      const outcomes = new Set<string>();
      for (let delay = 0; delay < 40; delay++) {
        let outcome = "";
        const late = async (group: TaskGroup): Promise<void> => {
          for (let waited = 0; waited < delay; waited++) await Promise.resolve();
          try {
            group.defer(() => void (outcome += ", runs"));
            outcome = "taken";
          } catch (error) {
            outcome = error instanceof GroupClosedError ? "refused" : "broken";
          }
        };
        let deferring: Promise<void> | undefined;
        await taskGroup((group) => {
          if (hasCleanup) group.defer(() => {});
          group.spawn(() => void (deferring = late(group)));
        });
        await deferring;
        outcomes.add(outcome);
      }
      expect([...outcomes]).toEqual(["taken, runs", "refused"]);
    });

  test("CLEANUP-2: see no cancellation of the group or of what is above it", async () => {
    const outer = new AbortController();
    const seen: unknown[] = [];
    const look = ({ cancelled, signal, deadline }: Context): void =>
      void seen.push([cancelled, signal.aborted, deadline]);
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          async (group) => {
            group.defer(look);
            group.spawn(({ signal }) => waitUntilAborted(signal));
            await turn();
            outer.abort(outerReason);
          },
          { signal: outer.signal, timeout: 100, cleanupGrace: 300 },
        ),
      ),
    );
    expect(error).toBe(outerReason);
    expect(seen).toEqual([[false, false, 300]]);
  });

  test("CLEANUP-2: an abort from outside while cleanups run does not reach them, and does not replace the value", async () => {
    const outer = new AbortController();
    const seen: boolean[] = [];
    const value = await taskGroup(
      (group) => {
        group.defer(async (context) => {
          outer.abort(outerReason);
          await turn();
          context.throwIfCancelled();
          seen.push(context.cancelled);
        });
        return "value";
      },
      { signal: outer.signal },
    );
    expect([value, seen]).toEqual(["value", [false]]);
  });

  test("R9: the default grace is 5,000 ms: then the cleanup's signal aborts, and being cut short is a failure", async () => {
    const error = await clock.run(() =>
      errorOf(taskGroup((group) => group.defer(({ sleep: pause }) => pause(Infinity)), { name: "request" })),
    );
    expect(error).toMatchObject({
      errors: [
        { name: "TimeoutError", layer: "group", timeout: 5000, message: "cleanup of request timed out after 5000 ms" },
      ],
    });
    expect(clock.now()).toBe(5000);
  });

  test("R9: each cleanup has a grace of its own", async () => {
    const log: number[] = [];
    await clock.run(() =>
      taskGroup(
        (group) => {
          for (let count = 0; count < 3; count++)
            group.defer(async ({ sleep: pause }) => {
              await pause(80);
              log.push(clock.now());
            });
        },
        { cleanupGrace: 100 },
      ),
    );
    expect(log).toEqual([80, 160, 240]);
  });

  test("R9: a cleanup that finishes after its grace has done its work, and is no failure", async () => {
    const value = await clock.run(() =>
      taskGroup(
        (group) => {
          group.defer(async ({ signal }) => {
            await aborted(signal);
            await sleep(50);
          });
          return "value";
        },
        { cleanupGrace: 100 },
      ),
    );
    expect([value, clock.now()]).toEqual(["value", 150]);
  });

  test("R9: an error of a cleanup after its grace is listed as it is", async () => {
    const error = await clock.run(() =>
      errorOf(
        taskGroup((group) => group.defer(({ signal }) => waitUntilAborted(signal, () => first)), { cleanupGrace: 100 }),
      ),
    );
    expect(error).toMatchObject({ errors: [first] });
  });

  test("R9: a cleanup that fails because it used the group's own, aborted signal has not cleaned up: a failure", async () => {
    let reason: unknown;
    const error = await errorOf(
      taskGroup((group) => {
        group.defer(() => sleep(1, { signal: group.signal }));
        group.cancel("stop");
        reason = group.signal.reason;
        return "value";
      }),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [reason] });
  });

  test("R18: a grace of 0 aborts at once, of Infinity never", async () => {
    const seen: unknown[] = [];
    await taskGroup((group) => group.defer(({ deadline }) => void seen.push(deadline)), { cleanupGrace: Infinity });
    await clock.run(() =>
      taskGroup(
        (group) =>
          group.defer(async ({ signal }) => {
            await aborted(signal);
            seen.push(clock.now());
          }),
        { cleanupGrace: 0 },
      ),
    );
    expect(seen).toEqual([Infinity, 0]);
  });

  test("run after a group's own cancel, and the body's value stands", async () => {
    const log: string[] = [];
    const value = await taskGroup((group) => {
      group.defer(({ cancelled }) => void log.push(`cancelled: ${cancelled}`));
      group.cancel();
      return "value";
    });
    expect([value, log]).toEqual(["value", ["cancelled: false"]]);
  });

  test("R23: a promise in place of the function is a TypeError, thrown at once", async () => {
    await taskGroup((group) => {
      // Holds: what a caller without types may pass.
      const defer = (): void => group.defer(Promise.resolve() as unknown as () => void);
      expect(defer).toThrow(/^defer takes a function, got a promise/u);
    });
  });
});

describe("use", () => {
  const disposable = (log: string[], name: string): Disposable => ({
    [Symbol.dispose]() {
      log.push(`${name} ${this[Symbol.dispose] === undefined ? "has no this" : "closed"}`);
    },
  });
  const asyncDisposable = (log: string[], name: string): AsyncDisposable => ({
    async [Symbol.asyncDispose]() {
      await sleep(10);
      log.push(`${name} ${this[Symbol.asyncDispose] === undefined ? "has no this" : "closed"}`);
    },
  });

  test("R9: disposes of resources and calls cleanups in one order, last in first out", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup((group) => {
        group.use(disposable(log, "sync"));
        group.defer(() => void log.push("cleanup"));
        group.use(asyncDisposable(log, "async"));
      }),
    );
    expect(log).toEqual(["async closed", "cleanup", "sync closed"]);
  });

  test("returns the resource itself", async () => {
    const resource = disposable([], "resource");
    expect(await taskGroup((group) => group.use(resource) === resource)).toBe(true);
  });

  test("prefers the async way, as await using does", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup((group) => {
        group.use({ ...disposable(log, "sync"), ...asyncDisposable(log, "async") });
      }),
    );
    expect(log).toEqual(["async closed"]);
  });

  test("CLEANUP-1: a disposer that throws keeps no other from running, and its error is listed", async () => {
    const log: string[] = [];
    const error = await errorOf(
      taskGroup((group) => {
        group.use(disposable(log, "resource"));
        group.use({ [Symbol.asyncDispose]: () => Promise.reject(second) });
        group.use({
          [Symbol.dispose]() {
            throw first;
          },
        });
      }),
    );
    expect(error).toMatchObject({ errors: [first, second] });
    expect(log).toEqual(["resource closed"]);
  });

  for (const [what, resource] of Object.entries({
    null: null,
    undefined,
    "a string": "text",
    "a plain object": {},
    "an object whose disposer is no function": { [Symbol.dispose]: 5 },
  }))
    test(`R23: throws a TypeError for ${what}, and the group goes on`, async () => {
      await taskGroup((group) => {
        // Holds: what a caller without types may pass.
        expect(() => group.use(resource as unknown as Disposable)).toThrow(
          new TypeError(
            "use takes an object with [Symbol.asyncDispose] or [Symbol.dispose]; for anything else use defer(() => …)",
          ),
        );
      });
    });

  test("R6: works in a cleanup, and throws after the group has settled", async () => {
    const log: string[] = [];
    const leaked = await taskGroup((group) => {
      group.defer(() => void group.use(disposable(log, "late")));
      return group;
    });
    expect(log).toEqual(["late closed"]);
    expect(() => leaked.use(disposable(log, "too late"))).toThrow(GroupClosedError);
    expect(() => leaked.defer(() => {})).toThrow(GroupClosedError);
  });
});
