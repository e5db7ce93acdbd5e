/** What only a mutant of a group or a task showed to be held by no test: see `docs/mutation-score.md`. */
import { onLateError, openTaskGroup, shield, sleep, suppressedErrors, type Task, taskGroup, timeout } from "holdfast";
import { kidsOf, type Link, root, Scope, setProbe } from "holdfast/lowlevel";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("work");
const outerReason = new Error("outer");

let late: unknown[] = [];
/** What was printed, with the time. */
let printed: string[] = [];
let ends: (() => void)[] = [];
beforeEach(() => {
  late = [];
  printed = [];
  const listening = onLateError((error) => void late.push(error));
  const console: object = globalThis.console;
  const error: unknown = Reflect.get(console, "error");
  Reflect.set(
    console,
    "error",
    (...args: readonly unknown[]) => void printed.push(`${clock.now()}: ${String(args[0])}`),
  );
  ends = [() => listening[Symbol.dispose](), () => Reflect.set(console, "error", error)];
});
afterEach(() => {
  for (const end of ends) end();
});

/** Goes on for so long, whatever is cancelled. */
const stubborn = (ms: number) => (): Promise<void> => sleep(ms);

describe("a task", () => {
  test("R3: that fails in earnest after its own deadline has the TimeoutError beside its error", async () => {
    const error = await clock.run(() =>
      errorOf(
        taskGroup((group) => {
          group.spawn(({ signal }) => waitUntilAborted(signal, () => failure), { name: "slow", timeout: 30 });
        }),
      ),
    );
    expect(error).toMatchObject({ errors: [failure] });
    expect(suppressedErrors(failure)).toMatchObject([{ name: "TimeoutError", layer: "task", timeout: 30 }]);
  });

  test("R13: is cancelled, and has not failed, when its group was cancelled after its own deadline", async () => {
    let task: Task<never> | undefined;
    const value = await clock.run(() =>
      taskGroup(async (group) => {
        task = group.spawn(
          async ({ signal }) => {
            await aborted(signal);
            await sleep(20);
            throw signal.reason;
          },
          { timeout: 10 },
        );
        await sleep(20);
        group.cancel();
        return "value";
      }),
    );
    expect([value, task?.state, clock.now()]).toEqual(["value", "cancelled", 30]);
  });

  test("R18: with a timeout of Infinity starts no timer", async () => {
    const gate = new Gate();
    const done = taskGroup((group) => {
      group.spawn(() => gate.promise, { timeout: Infinity });
    });
    await turn();
    expect(clock.made).toBe(0);
    gate.open();
    await done;
  });

  test("R19: that was abandoned is told to tools, and still has the name of its function", async () => {
    const events: string[] = [];
    const probe = setProbe((event, subject) => {
      if (event === "abandon" && subject instanceof Scope) events.push(subject.name);
    });
    ends.push(() => void setProbe(probe));
    const group = openTaskGroup({ grace: 0 });
    const outlive = stubborn(50);
    Object.defineProperty(outlive, "name", { value: "outlive" });
    const task = group.spawn(outlive);
    await turn();
    group.cancel();
    await clock.run(() => group.close());
    expect([task.state, task.name, events]).toEqual(["abandoned", "outlive", ["outlive"]]);
    await clock.advanceUntilIdle();
  });

  test("R27: that starts is in no list but its group's", async () => {
    const leaves: Link[] = [];
    await taskGroup(async (group) => {
      const started = group.start(async ({ ready }) => {
        await turn();
        leaves.push(...kidsOf(root()).filter((kid) => !(kid instanceof Scope)));
        ready(undefined);
      });
      await started;
    });
    expect(leaves).toEqual([]);
  });

  test("CANCEL-1: that starts keeps the reason of its group when its caller's signal aborts later", async () => {
    const caller = new AbortController();
    const seen: unknown[] = [];
    await taskGroup(async (group) => {
      const started = group.start(
        async ({ signal, throwIfCancelled }) => {
          await aborted(signal);
          caller.abort(outerReason);
          seen.push(await errorOf((async () => throwIfCancelled())()), signal.reason);
        },
        { signal: caller.signal },
      );
      await turn();
      group.cancel("first");
      seen.push(await errorOf(started));
    });
    expect(seen).toMatchObject([{ cause: "first" }, { cause: "first" }, { cause: "first" }]);
  });

  test("R11: whose own signal was not handed out has failed with a bare AbortError, although its group's was", async () => {
    const bare = Object.assign(new Error("stop"), { name: "AbortError" });
    const error = await errorOf(
      taskGroup(async (group) => {
        expect(group.signal.aborted).toBe(false);
        const task = group.spawn(async ({ sleep: pause }) => {
          await errorOf(pause(Infinity));
          throw bare;
        });
        await turn();
        task.cancel();
      }),
    );
    expect(error).toMatchObject({ errors: [bare] });
    await clock.advanceUntilIdle();
  });

  for (const who of ["a task of another group", "a service of that group"])
    test(`R5: of a limited group, which waits for its place, may be joined by ${who}`, async () => {
      const values: unknown[] = [];
      const limited = openTaskGroup({ concurrency: 1 });
      limited.spawn(stubborn(10));
      const second = limited.spawn(() => "second");
      const join = async ({ signal }: { readonly signal: AbortSignal }): Promise<void> =>
        void values.push(await second.join({ signal }));
      await clock.run(async () => {
        if (who === "a service of that group") limited.spawnService(join);
        else
          await taskGroup((group) => {
            group.spawn(join);
          });
        await limited.close();
      });
      expect(values).toEqual(["second"]);
    });
});

describe("a group", () => {
  test("R4: lists a function that two have thrown once", async () => {
    const thrown = (): void => {};
    const error = await errorOf(
      taskGroup((group) => {
        group.spawn(() => Promise.reject(thrown));
        group.spawn(() => Promise.reject(thrown));
      }),
    );
    expect(error).toMatchObject({ errors: [thrown] });
  });

  test("R13: gives its value although it was aborted, when only a service ended by that", async () => {
    const outer = new AbortController();
    const value = await taskGroup(
      async (group) => {
        group.spawnService(() => waitUntilAborted(group.signal));
        await turn();
        outer.abort(outerReason);
        return "value";
      },
      { signal: outer.signal },
    );
    expect(value).toBe("value");
  });

  test("R13: gives its value although it was aborted, when only a service was abandoned", async () => {
    const outer = new AbortController();
    const value = await clock.run(() =>
      taskGroup(
        async (group) => {
          group.spawnService(stubborn(50));
          await turn();
          outer.abort(outerReason);
          return "value";
        },
        { signal: outer.signal, grace: 10 },
      ),
    );
    expect([value, clock.now()]).toEqual(["value", 10]);
    expect(late).toMatchObject([{ name: "TimeoutError", unresponsive: [{ sawSignal: false }] }]);
    await clock.advanceUntilIdle();
  });

  test("R19: that is born cancelled abandons its tasks when their grace is over", async () => {
    const group = openTaskGroup({ signal: AbortSignal.abort(outerReason), grace: 10 });
    group.spawn(stubborn(50));
    const error = await clock.run(() => errorOf(group.close()));
    expect([error, clock.now()]).toEqual([outerReason, 10]);
    await clock.advanceUntilIdle();
  });

  test("R11: a body that was given up and then throws what cancelled it is no late error", async () => {
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          async ({ signal }) => {
            await aborted(signal);
            await sleep(50);
            throw signal.reason;
          },
          { timeout: 20, grace: 10 },
        ),
      ),
    );
    await clock.advanceUntilIdle();
    expect(error).toMatchObject({ name: "TimeoutError", timeout: 20 });
    expect([late, clock.now()]).toEqual([[], 70]);
  });

  test("R19: a body that waits only for a task gets a turn when that is abandoned, also with a grace of 0", async () => {
    const value = await clock.run(() =>
      taskGroup(
        async (group) => {
          const task = group.spawn(stubborn(50));
          await turn();
          group.cancel();
          await task.settled();
          return "value";
        },
        { grace: 0 },
      ),
    );
    expect([value, clock.now()]).toEqual(["value", 0]);
    await clock.advanceUntilIdle();
  });

  test("R19: the grace counts from the cancel, also for a task that was spawned after it", async () => {
    const group = openTaskGroup({ grace: 100 });
    group.spawn(stubborn(500));
    await turn();
    group.cancel();
    await clock.advanceBy(50);
    group.spawn(stubborn(500));
    await clock.run(() => group.close());
    expect(clock.now()).toBe(100);
    await clock.advanceUntilIdle();
  });

  test("R19: one that is cancelled by its own cleanup leaves no timer", async () => {
    await taskGroup(
      (group) => {
        group.spawnService(({ signal }) => aborted(signal));
        group.defer(() => group.cancel());
      },
      { grace: 100 },
    );
    expect(clock.pending).toBe(0);
  });

  test("R8: an open one that is closed at once closes its services too", async () => {
    const group = openTaskGroup();
    const log: string[] = [];
    group.spawnService(async ({ signal }) => {
      await aborted(signal);
      log.push("closed");
    });
    await group.close();
    expect(log).toEqual(["closed"]);
  });

  test("an open one that is closing is not cancelled by its disposal", async () => {
    const group = openTaskGroup();
    group.spawn(stubborn(10));
    const closing = group.close();
    await clock.run(() => group[Symbol.asyncDispose]());
    await closing;
    expect([group.name, group.cancelled]).toEqual(["group", false]);
  });
});

describe("R20: the report of a group that still waits", () => {
  const first = (): string | undefined => printed[0]?.split("\n")[0];

  test("is not made for a task that nobody told to stop", async () => {
    await clock.run(() =>
      taskGroup((group) => {
        group.spawnService(async ({ signal }) => {
          await aborted(signal);
          group.spawn(stubborn(6000));
        });
      }),
    );
    expect([printed, clock.now()]).toEqual([[], 6000]);
  });

  test("is not made where the grace ends at the same time", async () => {
    const group = openTaskGroup({ grace: 5000 });
    group.spawn(stubborn(6000));
    await turn();
    group.cancel();
    await clock.run(() => group.close());
    expect([printed, clock.now()]).toEqual([[], 5000]);
    await clock.advanceUntilIdle();
  });

  test("comes five seconds after the cancel, although services were told to close only later", async () => {
    const group = openTaskGroup({ name: "request" });
    group.spawn(stubborn(3000));
    group.spawnService(stubborn(9000));
    await turn();
    group.cancel();
    await clock.run(() => group.close());
    expect(first()).toBe(
      '5000: holdfast: group "request" was cancelled 5000 ms ago and still waits: group "request" was cancelled',
    );
  });

  test("comes five seconds after services were told to close, although the group was cancelled later", async () => {
    const group = openTaskGroup({ name: "request" });
    group.spawnService(stubborn(9000));
    const closing = group.close();
    await clock.advanceBy(3000);
    group.cancel();
    await clock.run(() => closing);
    expect(first()).toBe(
      '5000: holdfast: group "request" was cancelled 5000 ms ago and still waits: group "request" was cancelled',
    );
  });

  test("is made once, and then no timer is left, also for who is spawned later", async () => {
    const gate = new Gate();
    const group = openTaskGroup({ name: "request" });
    group.spawn(() => gate.promise);
    await turn();
    group.cancel();
    await clock.advanceBy(6000);
    group.spawn(() => gate.promise);
    await turn();
    expect([printed.length, clock.pending]).toEqual([1, 0]);
    gate.open();
    await group.close();
  });
});

test("R9: a cleanup that is cut short is a failure, also in a group that was cancelled", async () => {
  const error = await clock.run(() =>
    errorOf(
      taskGroup(
        (group) => {
          group.defer(({ sleep: pause }) => pause(Infinity));
          group.cancel();
        },
        { cleanupGrace: 30, name: "request" },
      ),
    ),
  );
  expect(error).toMatchObject({ errors: [{ name: "TimeoutError", layer: "group", timeout: 30 }] });
});

test("CANCEL-3: a shield that a cancelled call has left behind goes on", async () => {
  const seen: unknown[] = [];
  let left: Promise<void> | undefined;
  await clock.run(async () => {
    await errorOf(
      timeout(10, async ({ signal }) => {
        left = shield(
          async ({ sleep: pause }) => {
            await pause(50);
            seen.push(clock.now());
          },
          { signal },
        );
        await waitUntilAborted(signal);
      }),
    );
    await left;
  });
  expect(seen).toEqual([50]);
});
