import { CancelledError, ErrorGroup, GroupClosedError, sleep, taskGroup, timeout, type TaskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate } from "./outcome.ts";

describe("settling", () => {
  const clock = useFakeClock();

  test("GROUP-1: settles only after every task it spawned has settled", async () => {
    const log: string[] = [];
    await clock.run(async () => {
      const value = await taskGroup((group) => {
        group.spawn(() => sleep(30).then(() => log.push("slow task")));
        group.spawn(() => sleep(10).then(() => log.push("fast task")));
        log.push("body");
        return "value";
      });
      log.push(`group: ${value}`);
    });
    expect(log).toEqual(["body", "fast task", "slow task", "group: value"]);
  });

  test("R1: a cancelled group waits for tasks that are in no hurry", async () => {
    const log: string[] = [];
    await clock.run(async () => {
      await taskGroup((group) => {
        group.spawn(async ({ signal }) => {
          await aborted(signal);
          await sleep(1000);
          log.push(`task at ${clock.now()}`);
        });
        group.spawn(() => group.cancel());
      });
      log.push(`group at ${clock.now()}`);
    });
    expect(log).toEqual(["task at 1000", "group at 1000"]);
  });

  test("R1: a failed group waits for tasks that ignore their signal", async () => {
    const log: string[] = [];
    await clock.run(async () => {
      await errorOf(
        taskGroup((group) => {
          group.spawn(() => sleep(1000).then(() => log.push(`task at ${clock.now()}`)));
          throw new Error("body");
        }),
      );
      log.push(`group at ${clock.now()}`);
    });
    expect(log).toEqual(["task at 1000", "group at 1000"]);
  });

  test("resolves with what the body returned", async () => {
    expect(await taskGroup(() => "plain")).toBe("plain");
    expect(await taskGroup(async () => "promised")).toBe("promised");
    // A thenable that is no promise.
    // oxlint-disable-next-line unicorn/no-thenable
    const thenable = { then: (resolve: (value: string) => void) => resolve("thenable") };
    expect(await taskGroup(() => thenable as unknown as PromiseLike<string>)).toBe("thenable");
  });

  test("the body runs before taskGroup returns", () => {
    const log: string[] = [];
    void taskGroup(() => void log.push("body"));
    expect(log).toEqual(["body"]);
  });

  test("R7: under a signal that is aborted already, the body is not called and the reason is thrown, itself", async () => {
    const reason = new Error("stop");
    let called = false;
    const result = taskGroup(() => void (called = true), { signal: AbortSignal.abort(reason) });
    expect(await errorOf(result)).toBe(reason);
    expect(called).toBe(false);
  });
});

describe("spawning", () => {
  test("TASK-1: a function is called once, with a context, and no `this`", async () => {
    const calls: unknown[][] = [];
    await taskGroup((group) => {
      const task = group.spawn(function poll(this: unknown, ...args: readonly unknown[]) {
        calls.push([this, args.length, args[0] === task]);
      });
      return task.join().then(() => task.join());
    });
    expect(calls).toEqual([[undefined, 1, true]]);
  });

  test("R5: registers first and starts from a microtask, in the order of spawning", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      for (const name of ["a", "b", "c"]) group.spawn(() => void log.push(name));
      log.push(`body, ${group.size} registered`);
    });
    expect(log).toEqual(["body, 3 registered", "a", "b", "c"]);
  });

  test("R5: starts at most 256 tasks in a microtask, all of them before the next macrotask", async () => {
    let started = 0;
    const seen: number[] = [];
    await taskGroup(async (group) => {
      const forever = new Gate();
      for (let count = 0; count < 600; count++)
        group.spawn(async () => {
          started++;
          await forever.promise;
        });
      for (let tick = 0; tick < 5; tick++) {
        seen.push(started);
        await Promise.resolve();
      }
      await turn();
      seen.push(started);
      forever.open();
    });
    expect(seen).toEqual([0, 256, 512, 600, 600, 600]);
  });

  test("R5: keeps the order across chunks, and for tasks that spawn while a chunk is started", async () => {
    const order: number[] = [];
    await taskGroup((group) => {
      for (let index = 0; index < 300; index++)
        group.spawn(() => {
          order.push(index);
          if (index === 10) group.spawn(() => void order.push(300));
        });
    });
    expect(order).toEqual(Array.from({ length: 301 }, (_, index) => index));
  });

  test("R5: takes a synchronous throw for the task's failure", async () => {
    const failure = new Error("sync");
    const error = await errorOf(
      taskGroup((group) => {
        const task = group.spawn(() => {
          throw failure;
        });
        expect(task.state).toBe("waiting");
      }),
    );
    expect(error).toMatchObject({ errors: [failure] });
  });

  for (const [what, value, message] of [
    ["a promise", Promise.resolve(), /spawn takes a function, got a promise.*pass \(\) => work\(\)/u],
    ["undefined", undefined, /spawn takes a function, got undefined/u],
    ["a number", 5, /spawn takes a function, got 5 \(number\)/u],
    ["null", null, /spawn takes a function, got null/u],
    ["an object", {}, /spawn takes a function, got an object/u],
  ] as const)
    test(`R5: refuses ${what} where a function belongs, and says why`, async () => {
      await taskGroup((group) => {
        // What a caller without types may do.
        const spawn = (): unknown => Reflect.apply(group.spawn, undefined, [value]);
        expect(spawn).toThrow(TypeError);
        expect(spawn).toThrow(message);
        expect(group.size).toBe(0);
      });
    });

  test("R6: a task may spawn while the group drains, for as long as any task runs", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      const countdown = (left: number) => async (): Promise<void> => {
        await turn();
        log.push(`${left}, size ${group.size}`);
        if (left > 0) group.spawn(countdown(left - 1));
      };
      group.spawn(countdown(3));
    });
    expect(log).toEqual(["3, size 1", "2, size 1", "1, size 1", "0, size 1"]);
  });

  test("R6: tasks that wait for their start when the group is cancelled run, in order, under an aborted signal", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      for (let index = 0; index < 3; index++)
        group.spawn(({ signal, cancelled }) => void log.push(`${index} ${signal.aborted} ${cancelled}`));
      group.cancel();
    });
    expect(log).toEqual(["0 true true", "1 true true", "2 true true"]);
  });

  test("R6: spawn on a cancelled group runs the function, once, under an aborted signal", async () => {
    const log: unknown[] = [];
    await taskGroup(async (group) => {
      group.cancel("enough");
      await turn();
      group.spawn(({ signal }) => void log.push(signal.aborted, signal.reason === group.signal.reason));
    });
    expect(log).toEqual([true, true]);
  });

  test("R6: spawn on a group that has closed throws, and the function is never called", async () => {
    let leaked: TaskGroup | undefined;
    let called = false;
    await taskGroup((group) => void (leaked = group), { name: "request" });
    const spawn = (): unknown => leaked?.spawn(() => void (called = true), { name: "poll" });
    expect(spawn).toThrow(GroupClosedError);
    expect(spawn).toThrow(
      'task "poll" was spawned on group "request" after it closed; do that before the body and its tasks have ended',
    );
    await turn();
    expect({ called, size: leaked?.size }).toEqual({ called: false, size: 0 });
  });

  test("R6: a group that failed is closed for spawn too", async () => {
    let leaked: TaskGroup | undefined;
    await errorOf(
      taskGroup((group) => {
        leaked = group;
        throw new Error("body");
      }),
    );
    expect(() => leaked?.spawn(() => {})).toThrow(GroupClosedError);
  });

  test("R6: the body's last act may be to spawn", async () => {
    const log: string[] = [];
    await taskGroup(async (group) => {
      await turn();
      group.spawn(() => void log.push("task"));
    });
    expect(log).toEqual(["task"]);
  });

  test("a hundred thousand tasks run, and the group ends empty", async () => {
    let ran = 0;
    const size = await taskGroup(async (group) => {
      for (let count = 0; count < 100_000; count++) group.spawn(async () => void ran++);
      await turn();
      return group.size;
    });
    expect({ ran, size }).toEqual({ ran: 100_000, size: 0 });
  });

  test("spawn and cancel need no `this`", async () => {
    let ran = false;
    await taskGroup(({ spawn, cancel }) => {
      spawn(() => void (ran = true));
      cancel();
    });
    expect(ran).toBe(true);
  });
});

describe("what a group tells", () => {
  const clock = useFakeClock();

  test("its name: that of the options, else of the body, else group", async () => {
    async function upload(group: TaskGroup): Promise<string> {
      return group.name;
    }
    expect([
      await taskGroup(upload, { name: "given" }),
      await taskGroup(upload),
      await taskGroup((group) => group.name),
    ]).toEqual(["given", "upload", "group"]);
  });

  test("its size: tasks that have not settled", async () => {
    const gate = new Gate();
    const sizes: number[] = [];
    await taskGroup(async (group) => {
      sizes.push(group.size);
      group.spawn(() => gate.promise);
      group.spawn(() => {});
      sizes.push(group.size);
      await turn();
      sizes.push(group.size);
      gate.open();
      await turn();
      sizes.push(group.size);
    });
    expect(sizes).toEqual([0, 2, 1, 0]);
  });

  test("R18: no deadline of its own, and that of a signal that has one", async () => {
    const seen = await taskGroup(({ deadline, timeLeft }) => [deadline, timeLeft]);
    expect(seen).toEqual([Infinity, Infinity]);
    await clock.run(() =>
      timeout(100, ({ signal }) =>
        taskGroup(
          async (group) => {
            await sleep(30);
            const task = group.spawn((context) => [context.deadline, context.timeLeft]);
            expect([group.deadline, group.timeLeft, await task.join()]).toEqual([100, 70, [100, 70]]);
          },
          { signal },
        ),
      ),
    );
  });

  test("whether it is cancelled, without making a signal", async () => {
    const seen = await taskGroup((group) => {
      const before = group.cancelled;
      group.cancel();
      return [before, group.cancelled];
    });
    expect(seen).toEqual([false, true]);
  });

  test("its signal, always the same one", async () => {
    await taskGroup((group) => {
      const { signal } = group;
      expect(signal).toBeInstanceOf(AbortSignal);
      expect(group.signal).toBe(signal);
    });
  });

  test("throwIfCancelled throws the reason once cancelled, and sleep rejects with it", async () => {
    const seen = await taskGroup((group) => {
      const task = group.spawn(async ({ throwIfCancelled, sleep: pause, signal }) => {
        throwIfCancelled();
        group.cancel();
        return [await errorOf(pause(10)), await errorOf(Promise.resolve().then(throwIfCancelled)), signal.reason];
      });
      return task.join();
    });
    expect(seen[0]).toBeInstanceOf(CancelledError);
    expect(seen.every((reason) => reason === seen[0])).toBe(true);
  });
});

describe("a caller's mistakes", () => {
  for (const [what, body] of [
    ["nothing", undefined],
    ["a promise", Promise.resolve()],
    ["an object", {}],
  ] as const)
    test(`R23: ${what} for a body rejects with a TypeError, it does not throw`, async () => {
      const result = taskGroup(body as unknown as () => void);
      expect(await errorOf(result)).toBeInstanceOf(TypeError);
    });

  for (const signal of [null, {}, "signal", new EventTarget()])
    test(`R23: a signal that is ${signal === null ? "null" : typeof signal} rejects with a TypeError`, async () => {
      const error = await errorOf(taskGroup(() => {}, { signal: signal as unknown as AbortSignal }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: /^signal must be an AbortSignal, got / });
    });

  test("R23: is said before the signal is looked at", async () => {
    const error = await errorOf(taskGroup(5 as unknown as () => void, { signal: AbortSignal.abort() }));
    expect(error).toBeInstanceOf(TypeError);
  });
});

describe("nesting", () => {
  test("an inner group's ErrorGroup stays one element of the outer's", async () => {
    const failure = new Error("deep");
    const error = await errorOf(
      taskGroup((outer) => {
        outer.spawn(({ signal }) =>
          taskGroup(
            (inner) => {
              inner.spawn(() => {
                throw failure;
              });
            },
            { signal },
          ),
        );
      }),
    );
    expect(error).toMatchObject({ errors: [{ errors: [failure] }] });
    expect((error as ErrorGroup).errors[0]).toBeInstanceOf(ErrorGroup);
    expect((error as ErrorGroup).leaves()).toEqual([failure]);
  });

  test("five thousand nested groups are cancelled and settle without a deep stack", async () => {
    const controller = new AbortController();
    const reason = new Error("stop");
    let deepest = 0;
    const bottom = new Gate();
    const nest = async (signal: AbortSignal, depth: number): Promise<void> => {
      await taskGroup(
        async (group) => {
          deepest = depth;
          await Promise.resolve();
          if (depth < 5000) return await nest(group.signal, depth + 1);
          bottom.open();
          return await sleep(Infinity, { signal: group.signal });
        },
        { signal },
      );
    };
    const result = errorOf(nest(controller.signal, 1));
    await bottom.promise;
    controller.abort(reason);
    expect(await result).toBe(reason);
    expect(deepest).toBe(5000);
  }, 30_000);
});
