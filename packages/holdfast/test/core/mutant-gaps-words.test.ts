/** The words of the core: what a caller's mistake is told, and what errors and tools call a thing. A mutant that changed them was noticed by no test: see `docs/mutation-score.md`. */
import {
  abortable,
  all,
  ErrorGroup,
  map,
  mapStream,
  openTaskGroup,
  settle,
  shield,
  sleep,
  taskGroup,
  type TaskGroup,
  timeout,
} from "holdfast";
import {
  budgetedCallSite,
  checkCount,
  checkDuration,
  checkOneOf,
  kidsOf,
  type Link,
  root,
  Scope,
} from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("work");
const work = (): void => {};
const { signal } = new AbortController();

/** As a caller without types would write it: the compiler refuses what these calls pass. Holds for nothing: that is the mistake. */
const untyped = (value: unknown): never => value as never;

/** The error that `call` throws, or that its promise rejects with. */
function mistakeOf(call: () => unknown): Promise<unknown> {
  return errorOf((async () => await call())());
}

const rangeOf = (title: string, least: string, got: string): string =>
  `${title} must be a number of milliseconds >= ${least} or Infinity, got ${got}`;

const mistakes: readonly (readonly [call: () => unknown, message: string])[] = [
  [() => timeout(1, untyped(1)), "timeout takes a function, got 1 (number)"],
  [() => timeout(1, work, { grace: -1 }), rangeOf("timeout: grace", "0", "-1 (number)")],
  [() => timeout(Number.NaN, work), rangeOf("timeout: ms", "0", "NaN (number)")],
  [() => timeout(1, work, { fallback: untyped(1) }), "timeout: fallback takes a function, got 1 (number)"],
  [() => settle(untyped(1)), "settle takes a function, got 1 (number)"],
  [() => settle(work, { timeout: -1 }), rangeOf("settle: timeout", "0", "-1 (number)")],
  [() => settle(work, { grace: -1 }), rangeOf("settle: grace", "0", "-1 (number)")],
  [() => shield(untyped(1), { signal }), "shield takes a function, got 1 (number)"],
  [() => shield(work, { signal, grace: -1 }), rangeOf("shield: grace", "0", "-1 (number)")],
  [
    () => shield(work, untyped({})),
    "shield needs { signal }, got none; call the function itself where nothing can cancel it",
  ],
  [() => taskGroup(untyped(1)), "taskGroup takes a function, got 1 (number)"],
  [() => withGroup((group) => group.spawn(work, { timeout: -1 })), rangeOf("task: timeout", "0", "-1 (number)")],
  [() => withGroup((group) => group.start(untyped(1))), "start takes a function, got 1 (number)"],
  [
    () => late((group) => group.defer(work)),
    'a cleanup was given to group "late" after it closed; do that before the body and its tasks have ended',
  ],
  [
    () => late((group) => group.use({ [Symbol.dispose]: work })),
    'a resource was given to group "late" after it closed; do that before the body and its tasks have ended',
  ],
  [() => all(untyped(null)), "all takes a list or a record of functions, got null"],
  [() => all(untyped("text")), "all takes a list or a record of functions, got string"],
  [() => all(untyped(undefined)), "all takes a list or a record of functions, got undefined"],
  [() => sleep(1, { signal: untyped(null) }), "signal must be an AbortSignal, got null"],
  [() => sleep(1, { signal: untyped("text") }), "signal must be an AbortSignal, got string"],
  [() => sleep(1, { signal: untyped({ aborted: false }) }), "signal must be an AbortSignal, got object"],
  [() => sleep(1, { signal: untyped({ addEventListener: work }) }), "signal must be an AbortSignal, got object"],
  [() => sleep(untyped(work)), rangeOf("sleep: ms", "0", "a function")],
  [
    () => mapStream([], work, untyped(undefined)),
    "mapStream: concurrency must be an integer >= 1 or Infinity, got undefined",
  ],
  [
    () => map([], work, { concurrency: untyped("2") }),
    'map: concurrency must be an integer >= 1 or Infinity, got "2" (string)',
  ],
];

/** What `call` of an open group throws; the group has ended by then. */
async function withGroup(call: (group: TaskGroup) => unknown): Promise<void> {
  const group = openTaskGroup();
  try {
    await call(group);
  } finally {
    await group.close();
  }
}

/** As {@link withGroup}, for a group that has closed. */
async function late(call: (group: TaskGroup) => unknown): Promise<void> {
  const group = openTaskGroup({ name: "late" });
  await group.close();
  call(group);
}

for (const [call, message] of mistakes)
  test(`R23: a mistake is told as "${message}"`, async () => {
    expect(await mistakeOf(call)).toMatchObject({ message });
  });

test("R23: what is no number is a TypeError, and a number that can't be a RangeError", async () => {
  const errors = [
    await mistakeOf(() => checkCount("places", "2", 1)),
    await mistakeOf(() => checkCount("places", 0, 1)),
    await mistakeOf(() => checkDuration("ms", "2")),
    await mistakeOf(() => checkDuration("ms", -1)),
    await mistakeOf(() => checkOneOf("keep", ["all"], ["all"])),
  ];
  expect(errors).toMatchObject(
    ["TypeError", "RangeError", "TypeError", "RangeError", "TypeError"].map((name) => ({ name })),
  );
});

describe("R12: a reason says", () => {
  test("which deadline was reached, of a task and of a group", async () => {
    const reasons: unknown[] = [];
    const note = (context: { readonly signal: AbortSignal }): Promise<never> =>
      waitUntilAborted(context.signal, (reason) => {
        reasons.push(reason);
        return reason;
      });
    await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawn(note, { name: "poll", timeout: 10 });
            group.spawn(note);
          },
          { name: "request", timeout: 20, stopOnError: false },
        ),
      ),
    );
    expect(reasons).toMatchObject([
      { message: 'task "poll" reached its deadline of 10 ms' },
      { message: 'group "request" reached its deadline of 20 ms' },
    ]);
  });

  test("which signal was aborted, when it was aborted with nothing", async () => {
    const error = await errorOf(sleep(1, { signal: AbortSignal.abort(null) }));
    expect(error).toMatchObject({ message: "signal was aborted", kind: "outer", cause: null });
  });

  test("which call of all() failed: by its name, or else by its key", async () => {
    const boom = (): Promise<never> => Promise.reject(failure);
    const reasons: unknown[] = [];
    const wait = ({ signal: own }: { readonly signal: AbortSignal }): Promise<never> =>
      waitUntilAborted(own, (reason) => {
        reasons.push(reason);
        return reason;
      });
    await errorOf(all([wait, boom]));
    await errorOf(all([wait, () => Promise.reject(failure)], { name: "both" }));
    expect(reasons).toMatchObject([
      { group: "all", by: 'task "boom"', message: 'group "all" was cancelled because task "boom" failed' },
      { group: "both", by: 'task "1"', message: 'group "both" was cancelled because task "1" failed' },
    ]);
  });
});

describe("a TimeoutError names", () => {
  const messageOf = async (call: () => Promise<unknown>): Promise<unknown> =>
    Reflect.get(Object(await clock.run(() => mistakeOf(call))), "message");

  test("the function, or else the call, or the key, or the helper", async () => {
    const fetchUser = ({ sleep: pause }: { readonly sleep: (ms: number) => Promise<void> }): Promise<void> =>
      pause(Infinity);
    expect([
      await messageOf(() => timeout(10, fetchUser)),
      await messageOf(() => timeout(10, (context) => fetchUser(context))),
      await messageOf(() => map([1], (_item, _index, context) => fetchUser(context), { concurrency: 1, timeout: 10 })),
      await messageOf(() => {
        // No constant: one that is used once is put in its place by Bun, without its name.
        function load(_item: number, _index: number, context: Parameters<typeof fetchUser>[0]): Promise<void> {
          return fetchUser(context);
        }
        return map([1], load, { concurrency: 1, timeout: 10 });
      }),
      await messageOf(() =>
        mapStream([1], (_item, _index, context) => fetchUser(context), { concurrency: 1, timeout: 10 }).next(),
      ),
    ]).toEqual([
      "fetchUser timed out after 10 ms",
      "call timed out after 10 ms",
      "map timed out after 10 ms",
      "load timed out after 10 ms",
      "mapStream timed out after 10 ms",
    ]);
    const results = await clock.run(() => settle([(context) => fetchUser(context), fetchUser], { timeout: 10 }));
    expect(results).toMatchObject([
      { error: { message: "0 timed out after 10 ms" } },
      { error: { message: "fetchUser timed out after 10 ms" } },
    ]);
  });
});

test("R3: an error that can't be read is listed all the same", () => {
  expect(new ErrorGroup([Object.create(null)]).message).toBe("1 error: an error that can't be read");
});

describe("R27: to tools", () => {
  /** Of everything below `link`, what it is called or what it waits for. */
  const words = (link: Link): unknown[] =>
    kidsOf(link).flatMap((kid) => [kid instanceof Scope ? kid.name : Reflect.get(kid, "kind"), ...words(kid)]);

  test("each wait says for what", async () => {
    const controller = new AbortController();
    const stream = mapStream([1], (item) => item, { concurrency: 1, signal: controller.signal, name: "stream" });
    const options = { signal: controller.signal };
    const group = openTaskGroup({ ...options, name: "request" });
    const task = group.spawn(({ sleep: pause }) => pause(Infinity), { name: "poll" });
    const never = new Promise<void>(() => {});
    const waits = [task.join(options), abortable(never, options), sleep(Infinity, options)];
    await stream.next();
    // Two items wait, one in work for the other's place: with nobody who asks, its lane holds its result.
    const held = mapStream([1, 2], (item) => item, { concurrency: 1, signal: controller.signal, name: "held" });
    await held.next();
    await turn();
    const seen = words(root());
    controller.abort(failure);
    await Promise.allSettled([...waits, group.close(), held.return?.()]);
    await turn();
    expect(seen).toEqual([
      "signal",
      "request",
      "poll",
      "sleep",
      "join",
      "promise",
      "sleep",
      "held",
      "held lane 1",
      "stream",
    ]);
  });

  test("a shield has the name of its function, or else its own", async () => {
    const controller = new AbortController();
    const names: unknown[] = [];
    const look = (): void => void names.push(...words(root()));
    await shield(look, { signal: controller.signal });
    await shield(() => look(), { signal: controller.signal });
    expect(names).toEqual(["signal", "look", "signal", "shield"]);
  });
});

test("R20: a task whose spawn site is not known is reported without one", async () => {
  const console: object = globalThis.console;
  const print: unknown = Reflect.get(console, "error");
  const printed: unknown[] = [];
  Reflect.set(console, "error", (...args: readonly unknown[]) => void printed.push(args[0]));
  try {
    await taskGroup(() => {});
    for (let count = 0; count <= 1000; count++) budgetedCallSite(undefined);
    const group = openTaskGroup({ name: "request" });
    group.spawn(() => sleep(6000), { name: "slow" });
    group.cancel();
    await clock.run(() => group.close());
  } finally {
    Reflect.set(console, "error", print);
  }
  expect(printed).toEqual([
    'holdfast: group "request" was cancelled 5000 ms ago and still waits: group "request" was cancelled\n' +
      '  task "slow" never looked at its signal; pass ({ signal }) on',
  ]);
});
