/** What people report of other libraries about calls that run side by side: who stops, who is waited for, what is said. See README.md. */
import {
  abortable,
  all,
  any,
  type Context,
  ErrorGroup,
  forEach,
  handleErrors,
  isCancellation,
  isTimeout,
  map,
  race,
  settle,
  sleep,
  suppressedErrors,
  taskGroup,
  TimeoutError,
  timeout,
} from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { countListeners, numbers, rejection } from "../core/lanes-gates.ts";
import { abortAt, deaf } from "../policy/attempts.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const failure = new Error("failure");
const fail = async ({ sleep: wait }: Context): Promise<never> => {
  await wait(10);
  throw failure;
};

/** Waits; when it is cancelled, cleans up for 50 ms. */
function sibling(log: string[]): (context: Context) => Promise<void> {
  return async ({ signal }) => {
    try {
      await sleep(1_000, { signal });
      log.push("ran on");
    } finally {
      log.push(`${clock.now()}: stops`);
      await sleep(50);
      log.push(`${clock.now()}: cleaned up`);
    }
  };
}

describe("one long-lived signal", () => {
  test("node#54614: a thousand calls under it leave nothing on it, and its abort is not lost after them", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const counted = countListeners(signal);
    for (const _ of numbers(1_000)) await timeout(60_000, () => 1, { signal });
    expect(counted.count).toBe(0);
    const waiting = rejection(timeout(60_000, (context) => context.sleep(30_000), { signal }));
    await turn();
    controller.abort(failure);
    expect(await waiting).toBe(failure);
    expect(counted.count).toBe(0);
  });

  test("cockatiel#69: a hundred calls at a time put one listener on it, not a hundred", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const counted = countListeners(signal);
    const calls = numbers(100).map(() => rejection(timeout(60_000, (context) => context.sleep(30_000), { signal })));
    await turn();
    expect(counted.count).toBe(1);
    controller.abort(failure);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([failure]));
    expect(counted.count).toBe(0);
  });

  test("p-map#91: a map under it that has ended has taken its listener off, and one that is aborted already gets none", async () => {
    const { signal } = new AbortController();
    const counted = countListeners(signal);
    await map([1, 2, 3], (item) => item, { concurrency: 2, signal });
    const aborted = AbortSignal.abort(failure);
    const countedToo = countListeners(aborted);
    expect(await rejection(map([1], (item) => item, { concurrency: 2, signal: aborted }))).toBe(failure);
    expect([counted.count, countedToo.count]).toEqual([0, 0]);
  });
});

describe("a timeout", () => {
  test("p-queue and opossum: stops the work, and does not reject while it still stops", async () => {
    const log: string[] = [];
    const error = await clock.run(() => rejection(timeout(100, sibling(log))));
    log.push(`${clock.now()}: rejected`);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(log).toEqual(["100: stops", "150: cleaned up", "150: rejected"]);
  });

  test("failsafe#231: frees the caller from work that can't be stopped, and says which it was", async () => {
    const error = await clock.run(() => rejection(timeout(100, deaf, { name: "import" })));
    expect(clock.now()).toBe(100);
    expect(error instanceof TimeoutError && error.unresponsive).toMatchObject([{ task: "import", sawSignal: false }]);
  });

  test("p-queue: of an item keeps its place until the work has stopped", async () => {
    const log: string[] = [];
    await clock.run(() =>
      rejection(
        forEach(
          [1, 2],
          async (item, _, { signal }) => {
            log.push(`${clock.now()}: item ${item}`);
            try {
              await sleep(1_000, { signal });
            } finally {
              await sleep(50);
            }
          },
          { concurrency: 1, timeout: 100, stopOnError: false },
        ),
      ),
    );
    expect(log).toEqual(["0: item 1", "150: item 2"]);
  });

  test("dom#1033: is told from a cancellation by class, name and code, the platform's own as well", async () => {
    const timedOut = await clock.run(() => rejection(timeout(100, ({ sleep: wait }) => wait(1_000))));
    const signal = abortAt(clock, 100, new DOMException("stopped", "AbortError"));
    const aborted = await clock.run(() => rejection(timeout(1_000, ({ sleep: wait }) => wait(1_000), { signal })));
    expect([isTimeout(timedOut), isCancellation(timedOut)]).toEqual([true, false]);
    expect([isTimeout(aborted), isCancellation(aborted), isCancellation(aborted, signal)]).toEqual([false, true, true]);
    expect(timedOut).toMatchObject({ name: "TimeoutError", code: "ERR_TIMEOUT", layer: "timeout" });
    expect(isTimeout(new DOMException("late", "TimeoutError"))).toBe(true);
  });

  test("dom#1090: of something around is not mistaken for one's own", async () => {
    let inner: unknown;
    const outer = await clock.run(() =>
      rejection(
        timeout(100, async (context) => {
          inner = await rejection(timeout(1_000, ({ sleep: wait }) => wait(5_000), context));
          throw inner;
        }),
      ),
    );
    expect([isTimeout(inner), isCancellation(inner), isTimeout(outer)]).toEqual([false, true, true]);
  });
});

describe("the first failure", () => {
  const ways: Readonly<Record<string, (log: string[]) => Promise<unknown>>> = {
    all: (log) => all([fail, sibling(log)]),
    map: (log) =>
      map([0, 1], (item, _, context) => (item === 0 ? fail(context) : sibling(log)(context)), { concurrency: 2 }),
    race: (log) => race([fail, sibling(log)]),
    taskGroup: (log) =>
      taskGroup((group) => {
        group.spawn(fail);
        group.spawn(sibling(log));
      }),
  };
  for (const [name, way] of Object.entries(ways))
    test(`p-map#42, vscode#115522, better-all: of ${name} cancels the others, and comes when they have cleaned up`, async () => {
      const log: string[] = [];
      const error = await clock.run(() => rejection(way(log)));
      log.push(`${clock.now()}: rejected`);
      expect(error).toEqual(name === "taskGroup" ? new ErrorGroup([failure]) : failure);
      expect(log).toEqual(["10: stops", "60: cleaned up", "60: rejected"]);
    });

  test("async.mapLimit: keeps what has not started from starting", async () => {
    const started: number[] = [];
    await rejection(
      map(
        [0, 1, 2, 3],
        (item) => {
          started.push(item);
          throw failure;
        },
        { concurrency: 1 },
      ),
    );
    expect(started).toEqual([0]);
  });

  test("Effect: does not hide the second, of a task that fails while it stops", async () => {
    const second = new Error("second");
    const late = async ({ signal }: Context): Promise<never> => {
      await sleep(1_000, { signal }).catch(() => {});
      throw second;
    };
    const ofGroup = await clock.run(() =>
      rejection(
        taskGroup((group) => {
          group.spawn(fail);
          group.spawn(late);
        }),
      ),
    );
    const ofAll = await clock.run(() => rejection(all([fail, late])));
    expect(ofGroup instanceof ErrorGroup && ofGroup.errors).toEqual([failure, second]);
    expect([ofAll, suppressedErrors(ofAll)]).toEqual([failure, [second]]);
  });

  test("Effect, effection: of a body does not hide that of its cleanup, nor the other way round", async () => {
    const ofCleanup = new Error("cleanup");
    const error = await rejection(
      taskGroup((group) => {
        group.defer(() => {
          throw ofCleanup;
        });
        throw failure;
      }),
    );
    expect(error instanceof ErrorGroup && error.errors).toEqual([failure, ofCleanup]);
  });

  test("Effect: is the same object that was thrown, outside as inside", async () => {
    expect(await rejection(all([() => Promise.reject(failure)]))).toBe(failure);
    expect(await rejection(timeout(100, () => Promise.reject(failure)))).toBe(failure);
    const result = await settle(() => Promise.reject(failure));
    expect(result.ok ? undefined : result.error).toBe(failure);
  });
});

describe("the winner of a race", () => {
  test("better-all, Promise.race: comes when the losers have been stopped and have cleaned up", async () => {
    for (const contest of [race, any]) {
      const log: string[] = [];
      const began = clock.now();
      const winner = ({ sleep: wait }: Context): Promise<string> => wait(10).then(() => "won");
      expect(await clock.run(() => contest([winner, sibling(log)]))).toBe("won");
      expect(clock.now() - began).toBe(60);
      expect(log.map((line) => line.replace(/^\d+: /u, ""))).toEqual(["stops", "cleaned up"]);
    }
  });
});

describe("an error of many", () => {
  test("node#51637, p-map: says in its message how many there are and what they say", async () => {
    const error = await rejection(
      map([1, 2, 3, 4], (item) => Promise.reject(new Error(`no ${item}`)), { concurrency: 2, stopOnError: false }),
    );
    const { message } = error instanceof Error ? error : new Error("no error");
    expect(message).toMatch(/^4 .*: no 1.*no 2.*no 3/u);
  });

  test("anyio#668: has the same shape for one error as for two, and is read alike where it has none", async () => {
    const thrown = async (count: number): Promise<unknown> =>
      await rejection(
        taskGroup((group) => {
          for (const _ of numbers(count)) group.spawn(() => Promise.reject(new TypeError("no")));
        }),
      );
    const one = await thrown(1);
    const two = await thrown(2);
    expect([one instanceof ErrorGroup, two instanceof ErrorGroup]).toEqual([true, true]);
    const counts: number[] = [];
    for (const error of [one, two, new TypeError("bare")])
      await handleErrors(error, [TypeError, (group) => void counts.push(group.errors.length)]);
    expect(counts).toEqual([1, 2, 1]);
  });
});

describe("the caller's abort", () => {
  const reason = new Error("the user left");

  test("Effect, cockatiel: its reason is what is thrown, the same object, whatever was under way", async () => {
    const ways: readonly ((signal: AbortSignal) => Promise<unknown>)[] = [
      (signal) => taskGroup((group) => group.spawn(({ sleep: wait }) => wait(1_000)).join(), { signal }),
      (signal) => all([({ sleep: wait }) => wait(1_000)], { signal }),
      (signal) => map([1], (_, __, { sleep: wait }) => wait(1_000), { concurrency: 1, signal }),
      (signal) => timeout(5_000, ({ sleep: wait }) => wait(1_000), { signal }),
      (signal) => sleep(1_000, { signal }),
    ];
    for (const way of ways) expect(await clock.run(() => rejection(way(abortAt(clock, 10, reason))))).toBe(reason);
  });

  test("better-all, cockatiel: frees the caller at once from a promise that nothing can stop", async () => {
    const signal = abortAt(clock, 10, reason);
    expect(await clock.run(() => rejection(abortable(deaf(), { signal })))).toBe(reason);
    expect(clock.now()).toBe(10);
  });

  test("better-all: frees the caller of a group that was given a grace, though a task ignores it", async () => {
    const error = await clock.run(() => rejection(all([deaf], { signal: abortAt(clock, 10, reason), grace: 100 })));
    expect([error, clock.now()]).toEqual([reason, 110]);
  });

  test("p-map: reaches the function of each item through a signal of its own", async () => {
    const seen: unknown[] = [];
    await clock.run(() =>
      rejection(
        map(
          [1, 2],
          async (_, __, { signal }) => {
            await sleep(1_000, { signal }).catch(() => {});
            seen.push([signal.aborted, signal.reason]);
            signal.throwIfAborted();
          },
          { concurrency: 2, signal: abortAt(clock, 10, reason) },
        ),
      ),
    );
    expect(seen).toEqual([
      [true, reason],
      [true, reason],
    ]);
  });

  test("effection#888: leaves cleanup the time it needs, up to a limit", async () => {
    const log: string[] = [];
    const error = await clock.run(() =>
      rejection(
        taskGroup(
          async (group) => {
            group.defer(async (context) => {
              await context.sleep(2_000);
              log.push(`${clock.now()}: released`);
            });
            await sleep(60_000, { signal: group.signal });
          },
          { signal: abortAt(clock, 10, reason) },
        ),
      ),
    );
    expect([error, ...log]).toEqual([reason, "2010: released"]);
  });
});

describe("a plain async function", () => {
  test("effection#812: is a task as it is: no generator, and no promise has to be wrapped", async () => {
    const load = async (id: number): Promise<{ id: number }> => await Promise.resolve({ id });
    expect(await taskGroup(async (group) => await group.spawn(() => load(7)).join())).toEqual({ id: 7 });
    expect(await all([() => load(1), () => load(2)])).toEqual([{ id: 1 }, { id: 2 }]);
  });
});
