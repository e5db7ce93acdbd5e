/** What the tests of Kotlin's coroutines, Java's StructuredTaskScope and Go's errgroup pin down, told of this library. The titles carry the names from there; README.md has the list. */
import {
  CancelledError,
  type ErrorGroup,
  GroupClosedError,
  map,
  openTaskGroup,
  shield,
  suppressedErrors,
  taskGroup,
} from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate } from "../core/outcome.ts";

const clock = useFakeClock();
const never = 86_400_000;

describe("Kotlin", () => {
  test("Kotlin SupervisorTest.*: with onTaskError a task's failure is told once and touches neither its siblings nor its group", async () => {
    const failure = new Error("failure");
    const told: unknown[] = [];
    const value = await clock.run(() =>
      taskGroup(
        async (group) => {
          const failing = group.spawn(() => Promise.reject(failure), { name: "failing" });
          const sibling = group.spawn(({ sleep: pause }) => pause(10).then(() => "sibling"));
          return [await errorOf(failing.join()), await sibling.join(), group.cancelled];
        },
        { onTaskError: (error, task) => void told.push(error, task.name) },
      ),
    );
    expect(value).toEqual([failure, "sibling", false]);
    expect(told).toEqual([failure, "failing"]);
  });

  test("Kotlin SupervisorTest.*: the body's failure cancels the tasks, with onTaskError as without", async () => {
    const failure = new Error("body");
    const log: string[] = [];
    const error = await errorOf(
      taskGroup(
        async (group) => {
          group.spawn(({ sleep: pause }) => pause(never).finally(() => log.push("cancelled")));
          await turn();
          throw failure;
        },
        { onTaskError: () => log.push("not called") },
      ),
    );
    expect((error as ErrorGroup).errors).toEqual([failure]);
    expect(log).toEqual(["cancelled"]);
  });

  test("Kotlin SupervisorTest.*: with stopOnError false all run, then all failures are thrown", async () => {
    const errors = [new Error("first"), new Error("second")];
    const log: string[] = [];
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            for (const failure of errors) group.spawn(() => Promise.reject(failure));
            group.spawn(({ sleep: pause }) => pause(10).then(() => log.push("went on")));
          },
          { stopOnError: false },
        ),
      ),
    );
    expect((error as ErrorGroup).errors).toEqual(errors);
    expect(log).toEqual(["went on"]);
  });

  test("Kotlin CoroutineScopeTest.testCoroutineScopeCancellationVsException: a body that cancels its group and then throws fails with what it threw", async () => {
    const failure = new Error("failure");
    const error = await errorOf(
      taskGroup((group) => {
        group.cancel();
        throw failure;
      }),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure] });
  });

  test("Kotlin AtomicCancellationCommonTest: a task that is cancelled before its start is called, since it may own something", async () => {
    const log: string[] = [];
    const released: string[] = [];
    await taskGroup((group) => {
      const connection = { release: () => released.push("connection") };
      const task = group.spawn(async ({ sleep: pause, cancelled }) => {
        log.push(`called, cancelled: ${cancelled}`);
        try {
          await pause(0);
          log.push("not reached");
        } finally {
          connection.release();
        }
      });
      task.cancel();
    });
    expect([log, released]).toEqual([["called, cancelled: true"], ["connection"]]);
  });

  test("Kotlin NonCancellableTest.testNonCancellableFinally: a finally that waits inside a shield gets to its end", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        const task = group.spawn(async ({ sleep: pause, signal }) => {
          try {
            await pause(never);
          } finally {
            await shield((context) => context.sleep(10), { signal });
            log.push(`finally at ${clock.now()}`);
          }
        });
        await turn();
        task.cancel();
        log.push(String((await errorOf(task.join())) instanceof CancelledError));
      }),
    );
    // What `join` throws is of the task's cancellation, not of who joins.
    expect(log).toEqual(["finally at 10", "false"]);
  });
});

describe("Java", () => {
  test("Java testForkAfterJoin*: a group that waits for its last task still takes tasks", async () => {
    const log: string[] = [];
    const group = openTaskGroup();
    const gate = new Gate();
    group.spawn(() => gate.promise);
    const closing = group.close();
    await turn();
    group.spawn(() => void log.push("spawned while closing"));
    gate.open();
    await closing;
    expect(log).toEqual(["spawned while closing"]);
  });

  test("Java testForkAfterCancel2: a function that is spawned on a cancelled group is called, under an aborted signal", async () => {
    const seen: boolean[] = [];
    const states = await taskGroup(async (group) => {
      group.cancel();
      const task = group.spawn(({ signal }) => void seen.push(signal.aborted));
      await task.join();
      return task.state;
    });
    expect([seen, states]).toEqual([[true], "succeeded"]);
  });

  test("Java testForkAfterClose: spawn, start, defer and use on a closed group are refused, with the names of both", async () => {
    const group = openTaskGroup({ name: "server" });
    await group.close();
    const refusals = [
      () => group.spawn(() => {}, { name: "poll" }),
      () => group.spawnService(() => {}, { name: "poll" }),
      () => group.defer(() => {}),
      () => group.use({ [Symbol.dispose]: () => {} }),
    ].map((call) => {
      try {
        call();
      } catch (error) {
        return error instanceof GroupClosedError && error.group;
      }
      return "no error";
    });
    expect(refusals).toEqual(["server", "server", "server", "server"]);
    expect(await errorOf(group.start(() => {}, { name: "poll" }))).toMatchObject({
      message:
        'task "poll" was spawned on group "server" after it closed; do that before the body and its tasks have ended',
    });
  });

  test("Java testJoinAfterJoin1: to close a group twice is to close it once", async () => {
    const log: string[] = [];
    const group = openTaskGroup();
    group.defer(() => void log.push("cleanup"));
    expect(await Promise.all([group.close(), group.close()])).toEqual([undefined, undefined]);
    expect(await group.close()).toBeUndefined();
    expect(log).toEqual(["cleanup"]);
  });

  test("Java testJoinAfterJoin2: to close a failed group twice throws the same error twice", async () => {
    const failure = new Error("failure");
    const group = openTaskGroup();
    group.spawn(() => Promise.reject(failure));
    const [first, second] = await Promise.all([errorOf(group.close()), errorOf(group.close())]);
    expect(first).toMatchObject({ errors: [failure] });
    expect(second).toBe(first);
  });

  test("Java testForkConfined: whoever has been given a group may spawn on it; the task is the group's all the same", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (owner) => {
        // Not a task of the group.
        void turn().then(() => owner.spawn(({ sleep: pause }) => pause(10).then(() => log.push("task"))));
        await turn();
        await turn();
      }).then(() => log.push("group")),
    );
    expect(log).toEqual(["task", "group"]);
  });
});

describe("Go", () => {
  test("Go TestWithContext: the first error is the outcome, and aborts the others' signals", async () => {
    const [first, second] = [new Error("first"), new Error("second")];
    const seen: unknown[] = [];
    const error = await errorOf(
      map(
        [first, undefined, second],
        async (failure, index, { signal }) => {
          if (index === 0) throw first;
          await aborted(signal);
          seen.push(index);
          if (failure !== undefined) throw failure;
        },
        { concurrency: 3 },
      ),
    );
    expect(error).toBe(first);
    expect(suppressedErrors(error)).toEqual([second]);
    expect(seen).toEqual([1, 2]);
  });

  test("Go TestWithContext: the group's signal is not aborted by its end", async () => {
    const { signal } = await taskGroup((group) => ({ signal: group.signal }));
    expect(signal.aborted).toBe(false);
  });

  test("Go TestGoLimit: never more than `concurrency` tasks run, and spawn never waits", async () => {
    const limit = 10;
    let running = 0;
    let most = 0;
    const ids: number[] = [];
    await clock.run(() =>
      taskGroup(
        (group) => {
          for (let index = 0; index < 100; index++)
            ids.push(
              group.spawn(async ({ sleep: pause }) => {
                most = Math.max(most, ++running);
                await pause(index % 7);
                running--;
              }).id,
            );
          expect([ids.length, group.size, most]).toEqual([100, 100, 0]);
        },
        { concurrency: limit },
      ),
    );
    expect([most, running]).toEqual([limit, 0]);
  });

  test("Go TestCancelCause: the signals' reason carries the error that was the cause", async () => {
    const failure = new Error("failure");
    const reasons: unknown[] = [];
    await errorOf(
      taskGroup(
        (group) => {
          group.spawn(() => Promise.reject(failure), { name: "reader" });
          group.spawn(({ signal }) => aborted(signal).then(() => reasons.push(signal.reason)));
        },
        { name: "copy" },
      ),
    );
    expect(reasons).toMatchObject([{ kind: "sibling", group: "copy", cause: failure, by: 'task "reader"' }]);
  });
});
