/** What no other language has to ask: signals, thenables, errors of every kind, rejections that nobody handles. README.md has the list. */
import {
  abortable,
  all,
  any,
  CancelledError,
  ErrorGroup,
  forEach,
  map,
  onLateError,
  openTaskGroup,
  race,
  settle,
  shield,
  sleep,
  suppressedErrors,
  taskGroup,
  timeout,
} from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf } from "../core/outcome.ts";
import { countListeners } from "../core/lanes-gates.ts";

const clock = useFakeClock();

describe("JS listener count returns to 0 after N ops", () => {
  const failure = new Error("failure");
  const uses: Readonly<Record<string, (signal: AbortSignal) => unknown>> = {
    taskGroup: (signal) => taskGroup((group) => void group.spawn(() => sleep(1)), { signal }),
    "taskGroup that fails": (signal) => taskGroup(() => Promise.reject(failure), { signal }),
    openTaskGroup: (signal) => openTaskGroup({ signal }).close(),
    timeout: (signal) => timeout(10, () => sleep(1), { signal }),
    "timeout that expires": (signal) => timeout(10, (context) => context.sleep(20), { signal }),
    sleep: (signal) => sleep(1, { signal }),
    abortable: (signal) => abortable(sleep(1), { signal }),
    shield: (signal) => shield(() => sleep(1), { signal }),
    settle: (signal) => settle([() => sleep(1), () => Promise.reject(failure)], { signal }),
    all: (signal) => all([() => sleep(1), () => sleep(2)], { signal }),
    race: (signal) => race([() => sleep(1), (context) => context.sleep(2)], { signal }),
    any: (signal) => any([() => Promise.reject(failure), () => sleep(2)], { signal }),
    map: (signal) => map([1, 2, 3], () => sleep(1), { concurrency: 2, signal }),
    forEach: (signal) => forEach([1, 2, 3], () => sleep(1), { concurrency: 2, signal }),
    "a start that its caller follows": (signal) =>
      taskGroup((group) => group.start(({ ready }) => ready(), { signal })),
    "a join that its caller follows": (signal) => taskGroup((group) => group.spawn(() => sleep(1)).join({ signal })),
  };
  for (const [name, use] of Object.entries(uses))
    test(`JS listener count returns to 0 after N ops: ${name}, 20 at a time`, async () => {
      const { signal } = new AbortController();
      const listeners = countListeners(signal);
      await clock.run(() => Promise.allSettled(Array.from({ length: 20 }, () => use(signal))));
      expect(listeners.count).toBe(0);
    });
});

describe("JS no unhandledRejection with every failing permutation", () => {
  // The runner fails the file for a rejection that nobody handled.
  const moments = ["at once", "after a microtask", "after a turn"] as const;
  const wait = { "at once": () => {}, "after a microtask": () => Promise.resolve(), "after a turn": () => turn() };
  for (const first of moments)
    for (const second of moments)
      for (const joined of ["nobody", "the first", "the second", "both"] as const)
        test(`JS no unhandledRejection with every failing permutation: one fails ${first}, one ${second}, joined: ${joined}`, async () => {
          const errors = [new Error("first"), new Error("second")];
          const error = await errorOf(
            taskGroup(
              async (group) => {
                const joins: Promise<unknown>[] = [];
                for (const [index, moment] of [first, second].entries()) {
                  const task = group.spawn(async () => {
                    await wait[moment]();
                    throw errors[index];
                  });
                  if (joined === "both" || joined === ["the first", "the second"][index]) joins.push(task.join());
                }
                // One after the other: the last may have rejected long before anybody asks.
                for (const join of joins.toReversed()) await errorOf(join);
                await turn();
                await turn();
              },
              { stopOnError: false },
            ),
          );
          expect(new Set((error as ErrorGroup).errors)).toEqual(new Set(errors));
          expect((error as ErrorGroup).errors).toHaveLength(2);
        });
});

describe("JS `abort(null)`", () => {
  for (const reason of [null, 0, "", "stop"])
    test(`JS \`abort(null)\`: abort(${JSON.stringify(reason)}) becomes one CancelledError with it as its cause`, async () => {
      const controller = new AbortController();
      const seen: unknown[] = [];
      const error = await errorOf(
        taskGroup(
          async (group) => {
            group.spawn(({ signal }) => aborted(signal).then(() => seen.push(signal.reason)));
            await turn();
            controller.abort(reason);
            await sleep(1, { signal: group.signal });
          },
          { signal: controller.signal },
        ),
      );
      expect(error).toBeInstanceOf(CancelledError);
      expect(error).toMatchObject({ name: "AbortError", kind: "outer", cause: reason });
      expect(seen).toEqual([error]);
      expect(await errorOf(sleep(1, { signal: controller.signal }))).toBe(error);
    });
});

describe("JS frozen/primitive/cross-realm errors", () => {
  test("JS frozen/primitive/cross-realm errors: a frozen error is thrown as it is, and what failed besides is beside it", async () => {
    const frozen = Object.freeze(new Error("frozen"));
    const other = new Error("other");
    const error = await errorOf(
      all([() => Promise.reject(frozen), ({ signal }) => aborted(signal).then(() => Promise.reject(other))]),
    );
    expect(error).toBe(frozen);
    expect(suppressedErrors(frozen)).toEqual([other]);
  });

  for (const primitive of [undefined, null, 0, "text", Symbol.for("thrown")])
    test(`JS frozen/primitive/cross-realm errors: a thrown ${String(primitive)} comes out as it went in`, async () => {
      expect(await errorOf(all([() => Promise.reject(primitive)]))).toBe(primitive);
      expect(await errorOf(timeout(10, () => Promise.reject(primitive)))).toBe(primitive);
      const error = await errorOf(
        taskGroup(
          (group) => {
            for (let task = 0; task < 2; task++) group.spawn(() => Promise.reject(primitive));
          },
          { stopOnError: false },
        ),
      );
      // Two that are equal are two failures.
      expect((error as ErrorGroup).errors).toEqual([primitive, primitive]);
    });

  test("JS frozen/primitive/cross-realm errors: what a primitive can't carry is told as a late error, once", async () => {
    const late: unknown[] = [];
    const other = new Error("other");
    using _listener = onLateError((error) => late.push(error));
    const error = await errorOf(
      all([() => Promise.reject("primitive"), ({ signal }) => aborted(signal).then(() => Promise.reject(other))]),
    );
    expect([error, late]).toEqual(["primitive", [other]]);
  });

  test("JS frozen/primitive/cross-realm errors: a cancellation of another realm is known by its name and its cause", async () => {
    const value = await taskGroup(async (group) => {
      group.spawn(async ({ signal }) => {
        await aborted(signal);
        // Not an Error of this realm.
        throw Object.assign(Object.create(null) as object, { name: "AbortError", cause: signal.reason });
      });
      await turn();
      group.cancel();
      return "value";
    });
    expect(value).toBe("value");
  });

  test("JS frozen/primitive/cross-realm errors: an error that can't even be read fails the group all the same", async () => {
    const { proxy, revoke } = Proxy.revocable(new Error("unreadable"), {});
    revoke();
    const error = await errorOf(taskGroup((group) => void group.spawn(() => Promise.reject(proxy))));
    expect(error).toBeInstanceOf(ErrorGroup);
    expect((error as ErrorGroup).errors[0] === proxy).toBe(true);
  });
});

describe("JS sync throw in fn", () => {
  const failure = new Error("failure");
  const thrower = (): never => {
    throw failure;
  };
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    "timeout()": () => timeout(10, thrower),
    "all()": () => all([thrower]),
    "race()": () => race([thrower]),
    "map()": () => map([1], thrower, { concurrency: 1 }),
    "shield()": () => shield(thrower, { signal: new AbortController().signal }),
  };
  for (const [name, call] of Object.entries(calls))
    test(`JS sync throw in fn: ${name} rejects with it`, async () => {
      expect(await errorOf(call())).toBe(failure);
    });

  test("JS sync throw in fn: spawn does not throw it; it is the task's failure, also with immediate", async () => {
    for (const immediate of [false, true]) {
      const error = await errorOf(
        taskGroup((group) => {
          expect(group.spawn(thrower, { immediate }).id).toBeGreaterThan(0);
        }),
      );
      expect((error as ErrorGroup).errors).toEqual([failure]);
    }
  });

  test("JS sync throw in fn: settle gives it as a Result", async () => {
    expect(await settle(thrower)).toEqual({ ok: false, error: failure });
  });
});

describe("JS thenable return", () => {
  test("JS thenable return: a handle is no thenable, so an async function that returns one does not wait for its task", async () => {
    const log: string[] = [];
    await taskGroup(async (group) => {
      const spawn = async (): Promise<{ readonly name: string }> => group.spawn(() => turn(), { name: "loader" });
      const task = await spawn();
      log.push(task.name, String("then" in task), String(group.size));
    });
    expect(log).toEqual(["loader", "false", "1"]);
  });

  test("JS thenable return: a foreign thenable that a task returns is waited for, and calls back twice in vain", async () => {
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable
      then(resolve: (value: string) => void): void {
        resolve("first");
        resolve("second");
        throw new Error("too late");
      },
    };
    const value = await taskGroup(async (group) => await group.spawn(() => thenable as PromiseLike<string>).join());
    expect(value).toBe("first");
  });
});

describe("JS deadline > 2^31 ms", () => {
  const month = 31 * 86_400_000;

  test("JS deadline > 2^31 ms: a sleep of a month is no sleep of a millisecond", async () => {
    await clock.run(() => sleep(month));
    expect(clock.now()).toBe(month);
  });

  test("JS deadline > 2^31 ms: a limit of a month ends after a month", async () => {
    const error = await clock.run(() => errorOf(timeout(month, (context) => context.sleep(2 * month))));
    expect(error).toMatchObject({ name: "TimeoutError", timeout: month });
    expect(clock.now()).toBe(month);
  });

  test("JS deadline > 2^31 ms: a group with a limit of a month leaves no timer when it ends early", async () => {
    await taskGroup(() => {}, { timeout: month });
    expect(clock.pending).toBe(0);
  });
});
