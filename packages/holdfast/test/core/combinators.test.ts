import { all, any, type Context, onLateError, race, settle, sleep, suppressedErrors } from "holdfast";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

/** What `onLateError` was told; each test looks at all of it. */
let late: unknown[] = [];
let listening: Disposable | undefined;
beforeEach(() => {
  late = [];
  listening = onLateError((error, { task }) => void late.push([error, task]));
});
afterEach(() => {
  listening?.[Symbol.dispose]();
  expect(late).toEqual([]);
});

const forever = ({ sleep: pause }: Context): Promise<void> => pause(Infinity);
const after =
  <T>(ms: number, value: T) =>
  (context: Context): Promise<T> =>
    context.sleep(ms).then(() => value);
const failing = (error: unknown) => () => Promise.reject(error);

describe("all", () => {
  test("gives the values in the shape of a list or of a record", async () => {
    expect(await clock.run(() => all([after(20, 1), () => "two", after(10, [3])]))).toEqual([1, "two", [3]]);
    expect(await clock.run(() => all({ one: after(20, 1), two: () => "two" }))).toEqual({ one: 1, two: "two" });
    expect([await all([]), await all({})]).toEqual([[], {}]);
  });

  test("keeps a record's __proto__ as a key like any other", async () => {
    const values = await all({ ["__proto__"]: () => 1 } as Record<string, () => number>);
    expect(Object.entries(values)).toEqual([["__proto__", 1]]);
  });

  test("COMBINE-1: throws the first error itself, when the others, cancelled, have stopped", async () => {
    const failure = new Error("call");
    const log: unknown[] = [];
    const error = await clock.run(() =>
      errorOf(
        all([
          failing(failure),
          async ({ signal }) => {
            await aborted(signal);
            await sleep(10);
            log.push(`${clock.now()}: stopped, ${signal.reason.kind}`);
          },
        ]),
      ),
    );
    expect([error, log]).toEqual([failure, ["10: stopped, sibling"]]);
  });

  test("R21: what failed besides is in its suppressedErrors", async () => {
    const [first, second] = [new Error("first"), new Error("second")];
    const error = await errorOf(all([failing(first), ({ signal }) => waitUntilAborted(signal, () => second)]));
    expect([error, suppressedErrors(error)]).toEqual([first, [second]]);
  });

  test("R21: a primitive is thrown once, and told to nobody else", async () => {
    expect(await errorOf(all([failing("text"), forever]))).toBe("text");
  });

  test("R13: an outer abort is thrown when it cut something short", async () => {
    const outer = new AbortController();
    const reason = new Error("outer");
    const call = errorOf(all([forever, () => "value"], { signal: outer.signal }));
    await turn();
    outer.abort(reason);
    expect(await call).toBe(reason);
  });

  test("R18: a timeout for all of it is a TimeoutError of the layer group", async () => {
    const error = await clock.run(() => errorOf(all([forever], { timeout: 50, name: "load" })));
    expect(error).toMatchObject({ name: "TimeoutError", layer: "group", timeout: 50 });
  });

  test("R19: waits for calls that do not stop, unless given a grace", async () => {
    const gate = new Gate();
    const error = await clock.run(() => errorOf(all({ work: () => gate.promise }, { timeout: 50, grace: 20 })));
    expect(error).toMatchObject({ layer: "group", unresponsive: [{ task: "work", sawSignal: false }] });
    expect(clock.now()).toBe(70);
    gate.open();
    await turn();
  });
});

describe("race", () => {
  test("settles as the first that settles; the others are cancelled and waited for", async () => {
    const log: unknown[] = [];
    const value = await clock.run(() =>
      race([
        after(10, "fast"),
        async ({ signal }) => {
          await aborted(signal);
          await sleep(5);
          log.push(`${clock.now()}: ${signal.reason.kind}`);
        },
      ]),
    );
    expect([value, log, clock.now()]).toEqual(["fast", ["15: sibling"], 15]);
  });

  test("throws the first error itself, if that came first", async () => {
    const failure = new Error("call");
    expect(await errorOf(race([forever, failing(failure)]))).toBe(failure);
  });

  test("takes a value that is there at once, and the first of several", async () => {
    expect(await race([() => "first", () => "second", forever])).toBe("first");
  });

  test("R21: errors of losers are suppressed by the error that won", async () => {
    const [first, second] = [new Error("first"), new Error("second")];
    const error = await errorOf(race([failing(first), ({ signal }) => waitUntilAborted(signal, () => second)]));
    expect([error, suppressedErrors(error)]).toEqual([first, [second]]);
  });

  test("R18: of an empty list is a RangeError, and so is any", async () => {
    for (const [name, empty] of [
      ["race", race([])],
      ["any", any([])],
    ] as const)
      expect(await errorOf(empty)).toEqual(
        new RangeError(`${name} needs at least one function, got an empty list: it would never settle`),
      );
  });
});

describe("any", () => {
  test("gives the first value; failures before it are tolerated", async () => {
    expect(await clock.run(() => any([failing(new Error("tolerated")), after(10, "value"), forever]))).toBe("value");
  });

  test("throws an ErrorGroup of all errors, in their order, when all have failed", async () => {
    const [first, second] = [new Error("first"), new Error("second")];
    const error = await clock.run(() =>
      errorOf(any([(context) => after(10, 0)(context).then(failing(second)), failing(first)])),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [first, second], message: "all 2 of any failed" });
  });

  test("throws primitives as they are, each once", async () => {
    expect(await errorOf(any([failing("text"), failing("text"), failing(undefined)]))).toMatchObject({
      errors: ["text", "text", undefined],
    });
  });

  test("R13: cut short by an outer abort throws its reason, with the failures before it beside", async () => {
    const outer = new AbortController();
    const reason = new Error("outer");
    const failure = new Error("call");
    const call = errorOf(any([failing(failure), forever], { signal: outer.signal }));
    await turn();
    outer.abort(reason);
    const error = await call;
    expect([error, suppressedErrors(error)]).toEqual([reason, [failure]]);
  });

  test("R13: real errors go before an outer abort: when all have failed, it cut nothing short", async () => {
    const outer = new AbortController();
    const [first, second] = [new Error("first"), new Error("second")];
    const call = errorOf(
      any([failing(first), ({ signal }) => waitUntilAborted(signal, () => second)], { signal: outer.signal }),
    );
    await turn();
    outer.abort();
    expect(await call).toMatchObject({ errors: [first, second] });
  });
});

for (const [name, contest] of [
  ["race", race],
  ["any", any],
] as const)
  describe(`${name}, of either kind`, () => {
    test("COMBINE-2: once there is a winner, an outer abort changes nothing", async () => {
      const outer = new AbortController();
      const value = await clock.run(() =>
        contest(
          [
            after(10, "value"),
            async ({ signal }) => {
              await aborted(signal);
              outer.abort();
              throw signal.reason;
            },
          ],
          { signal: outer.signal },
        ),
      );
      expect(value).toBe("value");
    });

    test("COMBINE-2: once there is a winner, its timeout changes nothing", async () => {
      const value = await clock.run(() =>
        contest(
          [
            after(10, "value"),
            async ({ signal }) => {
              await aborted(signal);
              await sleep(100);
            },
          ],
          { timeout: 50 },
        ),
      );
      expect([value, clock.now()]).toEqual(["value", 110]);
    });

    test("R13: an outer abort before there is a winner is thrown", async () => {
      const outer = new AbortController();
      const reason = new Error("outer");
      const call = errorOf(contest([forever, forever], { signal: outer.signal }));
      await turn();
      outer.abort(reason);
      expect(await call).toBe(reason);
    });

    test("R7: under a signal that is aborted already nothing is called", async () => {
      const reason = new Error("outer");
      let called = false;
      const error = await errorOf(contest([() => void (called = true)], { signal: AbortSignal.abort(reason) }));
      expect([error, called]).toEqual([reason, false]);
    });

    test("starts no further one when a call has cancelled all", async () => {
      const outer = new AbortController();
      const reason = new Error("outer");
      const started: string[] = [];
      const call = errorOf(
        contest(
          [
            (context) => {
              started.push("first");
              outer.abort(reason);
              return forever(context);
            },
            () => void started.push("second"),
          ],
          { signal: outer.signal },
        ),
      );
      expect([await call, started]).toEqual([reason, ["first"]]);
    });

    test("R18: a timeout before there is a winner is a TimeoutError of the layer timeout", async () => {
      const error = await clock.run(() => errorOf(contest([forever], { timeout: 50, name: "load" })));
      expect(error).toMatchObject({ layer: "timeout", timeout: 50, message: "load timed out after 50 ms" });
    });

    test("R21: errors of losers after a value won go to onLateError, once each", async () => {
      const failure = new Error("loser");
      const value = await clock.run(() =>
        contest([after(10, "value"), ({ signal }) => waitUntilAborted(signal, () => failure)]),
      );
      expect([value, late]).toEqual(["value", [[failure, name]]]);
      late = [];
    });

    for (const [what, looks, grace, end] of [
      ["that never looked at its signal is not waited for", false, undefined, 10],
      ["that looked at its signal has 1,000 ms", true, undefined, 1010],
      ["has an explicit grace", false, 50, 60],
    ] as const)
      test(`R19: a loser that does not stop and ${what}; its late error is reported, once`, async () => {
        const gate = new Gate();
        const failure = new Error("late");
        const loser = async (context: Context): Promise<void> => {
          if (looks) void context.signal;
          await gate.promise;
          throw failure;
        };
        const value = await clock.run(() => contest([after(10, "value"), loser], { grace }));
        expect([value, clock.now(), late]).toEqual(["value", end, []]);
        gate.open();
        await turn();
        expect(late).toEqual([[failure, "loser"]]);
        late = [];
      });

    test("R11: a late echo of a loser that was abandoned is nobody's business", async () => {
      const gate = new Gate();
      await clock.run(() =>
        contest([
          after(10, "value"),
          async ({ signal }) => {
            await gate.promise;
            throw signal.reason;
          },
        ]),
      );
      gate.open();
      await turn();
      expect(late).toEqual([]);
    });

    test("R19: a timeout names the calls that did not stop", async () => {
      const gate = new Gate();
      const error = await clock.run(() =>
        errorOf(
          contest(
            [
              async function stuck() {
                await gate.promise;
              },
            ],
            { timeout: 50 },
          ),
        ),
      );
      expect(error).toMatchObject({ unresponsive: [{ task: "stuck", sawSignal: false }] });
      gate.open();
      await turn();
    });
  });

describe("a caller's mistake", () => {
  // Hold: what a caller without types may pass.
  const calls = {
    all: all as (...args: unknown[]) => Promise<unknown>,
    race: race as (...args: unknown[]) => Promise<unknown>,
    any: any as (...args: unknown[]) => Promise<unknown>,
  };
  // eslint-disable-next-line no-sparse-arrays
  const sparse = [() => 1, , () => 3];
  for (const [name, call] of Object.entries(calls))
    test(`R23: in ${name} is a rejection that says which: no function, a promise, a hole, no list, an option`, async () => {
      const messages: unknown[] = [];
      for (const args of [
        [[() => 1, 5]],
        [[Promise.resolve()]],
        [sparse],
        [null],
        [new Set([() => 1])],
        [Promise.resolve([() => 1])],
        [[() => 1], { timeout: -1 }],
        [[() => 1], { grace: Number.NaN }],
      ])
        messages.push(((await errorOf(call(...args))) as Error).message);
      expect(messages).toEqual([
        `${name}: "1" takes a function, got 5 (number)`,
        expect.stringContaining(`${name}: "0" takes a function, got a promise`),
        `${name}: "1" takes a function, got undefined`,
        `${name} takes a list or a record of functions, got null`,
        `${name} takes a list or a record of functions, got something iterable; pass [...it]`,
        `${name} takes a list or a record of functions, got a promise; await it`,
        `${name}: timeout must be a number of milliseconds >= 0 or Infinity, got -1 (number)`,
        `${name}: grace must be a number of milliseconds >= 0 or Infinity, got NaN (number)`,
      ]);
    });

  test("R23: in settle a hole is one, too, and moves nothing", async () => {
    // Holds: what a caller without types may pass.
    const call = settle as (runs: unknown) => Promise<unknown>;
    expect(await errorOf(call(sparse))).toEqual(new TypeError('settle: "1" takes a function, got undefined'));
  });
});
