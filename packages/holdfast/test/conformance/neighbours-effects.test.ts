/** What the tests of effection and Effect pin down, told of this library. The titles carry the names from there; README.md has the list. */
import {
  abortable,
  all,
  type ErrorGroup,
  JoinDeadlockError,
  map,
  onLateError,
  openTaskGroup,
  race,
  shield,
  sleep,
  taskGroup,
} from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";

const clock = useFakeClock();
const never = 86_400_000;

describe("effection", () => {
  test("effection runs destructors in reverse order and in series: cleanups run the last registered first, one at a time", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup((group) => {
        for (const name of ["first", "second"])
          group.defer(async ({ sleep: pause }) => {
            log.push(`${name} begins at ${clock.now()}`);
            await pause(10);
            log.push(`${name} ends at ${clock.now()}`);
          });
      }),
    );
    expect(log).toEqual(["second begins at 0", "second ends at 10", "first begins at 10", "first ends at 20"]);
  });

  test("effection rejects when child errors during halting: a task that fails while it is cancelled fails its group", async () => {
    const failure = new Error("during halting");
    const error = await errorOf(
      taskGroup(async (group) => {
        group.spawn(({ signal }) => waitUntilAborted(signal, () => failure));
        await turn();
        group.cancel();
        return "value";
      }),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure] });
  });

  test("effection halts when child finishes during asynchronous halt: a task that ends during another's slow cleanup ends nothing early", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        group.spawn(async ({ signal }) => {
          await aborted(signal);
          await sleep(100);
          log.push(`slow at ${clock.now()}`);
        });
        group.spawn(async ({ signal }) => {
          await aborted(signal);
          await sleep(10);
          log.push(`quick at ${clock.now()}`);
        });
        await turn();
        group.cancel();
      }).then(() => log.push("group")),
    );
    expect(log).toEqual(["quick at 10", "slow at 100", "group"]);
  });

  test("effection can halt itself between yield points: a task may cancel itself and finds out at its next wait", async () => {
    const log: string[] = [];
    const state = await taskGroup(async (group) => {
      const task = group.spawn(async ({ sleep: pause }) => {
        await turn();
        task.cancel();
        log.push("goes on until it waits");
        await pause(never);
        log.push("not reached");
      });
      await task.settled();
      return task.state;
    });
    expect([log, state]).toEqual([["goes on until it waits"], "cancelled"]);
  });

  test("effection successfully halts when task fails, but shutdown succeeds: the failure alone is reported", async () => {
    const failure = new Error("failure");
    const log: string[] = [];
    const error = await errorOf(
      taskGroup((group) => {
        group.defer(() => void log.push("shut down"));
        group.spawn(() => Promise.reject(failure));
      }),
    );
    expect((error as ErrorGroup).errors).toEqual([failure]);
    expect(log).toEqual(["shut down"]);
  });

  test("effection eff#1153: a group has not ended before its cleanups have", async () => {
    const log: string[] = [];
    const group = openTaskGroup();
    group.defer(async ({ sleep: pause }) => {
      await pause(100);
      log.push("cleaned up");
    });
    group.cancel();
    await clock.run(() => group.close().then(() => log.push("closed")));
    expect(log).toEqual(["cleaned up", "closed"]);
  });

  test("effection eff#1159: a task that cancels its own group and waits for nothing can't lock it up", async () => {
    const log: string[] = [];
    const group = openTaskGroup();
    group.spawn(async () => {
      await turn();
      group.cancel();
      log.push("cancelled");
    });
    await group.close();
    log.push("closed");
    expect(log).toEqual(["cancelled", "closed"]);
  });

  test("effection eff#1160: a task that joins itself ends with its group's limit, and does not hang", async () => {
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            const task = group.spawn(({ signal }): Promise<unknown> => task.join({ signal }));
          },
          { timeout: 100 },
        ),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", layer: "group", timeout: 100 });
  });

  test("effection eff#1160: a task of a limited group that joins one that waits for its place is told at once", async () => {
    const error = await errorOf(
      taskGroup(
        (group) => {
          group.spawn(({ signal }) => group.spawn(() => "never has a place").join({ signal }));
        },
        { concurrency: 1 },
      ),
    );
    expect((error as ErrorGroup).errors).toMatchObject([{ name: JoinDeadlockError.prototype.name }]);
  });

  test("effection eff#1190: an asynchronous finally does not resume the code behind the wait that was cut short", async () => {
    const log: string[] = [];
    const inner = async (signal: AbortSignal): Promise<void> => {
      try {
        await sleep(never, { signal });
        log.push("behind the wait");
      } finally {
        await shield(({ sleep: pause }) => pause(10), { signal });
        log.push("cleaned up");
      }
      log.push("behind the finally");
    };
    await clock.run(() =>
      taskGroup(async (group) => {
        group.spawn(async ({ signal }) => {
          await inner(signal);
          log.push("behind the call");
        });
        await turn();
        group.cancel();
      }),
    );
    expect(log).toEqual(["cleaned up"]);
  });

  test("effection eff#1235: cancel gives no promise that could reject with somebody's error; the group's own does, once", async () => {
    const failure = new Error("failure");
    const group = openTaskGroup();
    group.spawn(() => Promise.reject(failure));
    await turn();
    expect(group.cancel()).toBeUndefined();
    expect((await errorOf(group.close())) as ErrorGroup).toMatchObject({ errors: [failure] });
  });
});

describe("Effect", () => {
  test("Effect interrupts started workers when the mapper throws during initial pumping: a mapper that throws at once cancels the items that it had started", async () => {
    const failure = new Error("failure");
    const log: string[] = [];
    const error = await errorOf(
      map(
        [0, 1, 2, 3],
        (item, _index, { sleep: pause }) => {
          log.push(`start ${item}`);
          if (item === 2) throw failure;
          return pause(never).finally(() => log.push(`end ${item}`));
        },
        { concurrency: 3 },
      ),
    );
    expect(error).toBe(failure);
    expect(log).toEqual(["start 0", "start 1", "start 2", "end 0", "end 1"]);
  });

  test("Effect interrupts started workers when the mapper throws during initial pumping: a function that throws at once keeps all from calling those behind it", async () => {
    const failure = new Error("failure");
    const log: string[] = [];
    const error = await errorOf(
      all([
        ({ sleep: pause }) => pause(never).finally(() => log.push("end 0")),
        () => {
          throw failure;
        },
        () => log.push("not reached"),
      ]),
    );
    expect(error).toBe(failure);
    expect(log).toEqual(["end 0"]);
  });

  test("Effect …observer-driven refill throws: a mapper that throws when a place gets free cancels those that run", async () => {
    const failure = new Error("failure");
    const log: string[] = [];
    const error = await clock.run(() =>
      errorOf(
        map(
          [0, 1, 2],
          (item, _index, { sleep: pause }) => {
            if (item === 2) throw failure;
            return pause(item === 0 ? 10 : never).finally(() => log.push(`end ${item} at ${clock.now()}`));
          },
          { concurrency: 2 },
        ),
      ),
    );
    expect(error).toBe(failure);
    expect(log).toEqual(["end 0 at 10", "end 1 at 10"]);
  });

  test("Effect race interrupts the loser…: the losers of a race are cancelled, and waited for", async () => {
    const log: string[] = [];
    const value = await clock.run(() =>
      race([
        ({ sleep: pause }) => pause(10).then(() => "winner"),
        async ({ signal }) => {
          await aborted(signal);
          await sleep(100);
          log.push(`loser ended at ${clock.now()}`);
          return "loser";
        },
      ]),
    );
    expect([value, log]).toEqual(["winner", ["loser ended at 110"]]);
  });

  test("Effect race interrupts the loser…: what a loser throws afterwards is told as late, once", async () => {
    const failure = new Error("loser");
    const late: unknown[] = [];
    using _listener = onLateError((error) => late.push(error));
    const value = await race([
      async () => {
        await turn();
        return "winner";
      },
      ({ signal }) => waitUntilAborted(signal, () => failure),
    ]);
    expect([value, late]).toEqual(["winner", [failure]]);
  });

  test("Effect finalizer errors merged: every cleanup runs, and every error of one is reported", async () => {
    const errors = [new Error("first"), new Error("second")];
    const error = await errorOf(
      taskGroup((group) => {
        for (const failure of errors)
          group.defer(() => {
            throw failure;
          });
      }),
    );
    expect((error as ErrorGroup).errors).toEqual(errors.toReversed());
  });

  test("Effect scoped combines usage and finalizer failures: the body's error and its cleanup's are both reported, in that order", async () => {
    const usage = new Error("usage");
    const cleanup = new Error("cleanup");
    const error = await errorOf(
      taskGroup((group) => {
        group.use({ [Symbol.asyncDispose]: () => Promise.reject(cleanup) });
        throw usage;
      }),
    );
    expect((error as ErrorGroup).errors).toEqual([usage, cleanup]);
  });

  test("Effect callback cannot resume on interrupt: a callback that comes after the abort changes nothing; its value goes to onLate", async () => {
    const gate = new Gate<string>();
    const late: string[] = [];
    const log: string[] = [];
    await taskGroup(async (group) => {
      group.spawn(async ({ signal }) => {
        await abortable(gate.promise, { signal, onLate: (value) => late.push(value) });
        log.push("not reached");
      });
      await turn();
      group.cancel();
      gate.open("late");
      await turn();
    });
    expect([log, late]).toEqual([[], ["late"]]);
  });

  test("Effect does not allocate AbortController for zero-argument thunks: a controller is made for who looks at its signal, for nobody else", async () => {
    const { AbortController: Original } = globalThis;
    let made = 0;
    globalThis.AbortController = class extends Original {
      constructor() {
        super();
        made++;
      }
    };
    const counts: number[] = [];
    try {
      await taskGroup(async (group) => {
        await Promise.all(Array.from({ length: 100 }, () => group.spawn(() => turn()).join()));
        await map([1, 2, 3], (item) => item, { concurrency: 2 });
        counts.push(made);
        await group.spawn(({ signal }) => signal.aborted).join();
        counts.push(made);
      });
    } finally {
      globalThis.AbortController = Original;
    }
    expect(counts).toEqual([0, 1]);
  });

  test("Effect runs an async interrupt finalizer exactly once, in order: each task's finally runs once, before the group's cleanups", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        group.defer(() => void log.push("group"));
        for (const name of ["a", "b"])
          group.spawn(async ({ sleep: pause, signal }) => {
            try {
              await pause(never);
            } finally {
              await shield((context) => context.sleep(10), { signal });
              log.push(name);
            }
          });
        await turn();
        group.cancel();
        group.cancel();
      }),
    );
    expect(log).toEqual(["a", "b", "group"]);
  });

  test("Effect EffectKeepAlive: a sleep holds the process with one timer, and leaves none", async () => {
    const held: number[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        group.spawn(({ sleep: pause }) => pause(1000));
        group.spawn(({ sleep: pause }) => pause(1000));
        await turn();
        held.push(clock.pending);
      }),
    );
    held.push(clock.pending);
    expect(held).toEqual([1, 0]);
  });
});
