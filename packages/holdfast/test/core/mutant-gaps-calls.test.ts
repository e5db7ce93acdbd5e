/** What only a mutant of a call that is no group showed to be held by no test: see `docs/mutation-score.md`. */
import {
  all,
  any,
  findError,
  handleErrors,
  isCancellation,
  map,
  mapStream,
  onLateError,
  settle,
  sleep,
  splitError,
  suppressedErrors,
  timeout,
  TimeoutError,
} from "holdfast";
import {
  budgetedCallSite,
  ContextScope,
  kidsOf,
  recordAttempts,
  reportLateError,
  retire,
  root,
  Scope,
  setProbe,
  suppress,
  UNLISTED,
} from "holdfast/lowlevel";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("work");
const outerReason = new Error("outer");

let late: unknown[] = [];
let ends: (() => void)[] = [];
beforeEach(() => {
  late = [];
  const listening = onLateError((error) => void late.push(error));
  ends = [() => listening[Symbol.dispose]()];
});
afterEach(() => {
  for (const end of ends) end();
});

/** Goes on for so long, whatever is cancelled. */
const stubborn = (ms: number) => (): Promise<void> => sleep(ms);

describe("the tree", () => {
  test("R27: a scope that is in no list is listed as soon as something waits below it, and leaves with all the rest in place", async () => {
    class Short extends ContextScope {
      override get name(): string {
        return "short";
      }
    }
    const scopes = [new Short(root()), new Short(root())];
    for (const scope of scopes) scope.bits |= UNLISTED;
    const names = (): string[] => kidsOf(root()).flatMap((kid) => (kid instanceof Scope ? [kid.name] : []));
    const [first, second] = scopes;
    if (first === undefined || second === undefined) throw new RangeError("two scopes were made");
    const seen = [names()];
    const pause = Promise.all([first.sleep(10), first.sleep(10)]);
    seen.push(names());
    retire(second);
    seen.push(names());
    await clock.run(() => pause);
    retire(first);
    seen.push(names());
    expect(seen).toEqual([[], ["short"], ["short"], []]);
  });

  test("R28: a signal of another copy of the library brings its deadline along, if it has one", async () => {
    const deadlines: number[] = [];
    for (const deadline of [40, "soon"]) {
      const { signal } = new AbortController();
      Reflect.set(signal, Symbol.for("holdfast.owner/1"), { deadline });
      deadlines.push(await timeout(100, (context) => context.deadline, { signal }));
    }
    expect(deadlines).toEqual([40, 100]);
  });

  test("R27: tools are told of work that is abandoned", async () => {
    const events: string[] = [];
    const probe = setProbe((event, subject) => {
      if (event === "abandon" && subject instanceof Scope) events.push(subject.name);
    });
    ends.push(() => void setProbe(probe));
    await clock.run(() => errorOf(timeout(10, stubborn(50), { name: "slow", grace: 0 })));
    expect(events).toEqual(["slow"]);
    await clock.advanceUntilIdle();
  });

  test("R27: without spawn sites, when their budget is spent, calls come to the same", async () => {
    await timeout(1, () => {});
    for (let count = 0; count <= 1000; count++) budgetedCallSite(undefined);
    const outer = new AbortController();
    const cut = errorOf(timeout(Infinity, () => waitUntilAborted(outer.signal), { signal: outer.signal }));
    outer.abort(outerReason);
    expect([await errorOf(timeout(0, () => {})), await cut]).toEqual([expect.any(TimeoutError), outerReason]);
  });

  test("R19: an infinite grace starts no timer", async () => {
    const gate = new Gate();
    const cut = errorOf(timeout(10, () => gate.promise.then(() => Promise.reject(failure)), { grace: Infinity }));
    await clock.advanceBy(20);
    expect(clock.pending).toBe(0);
    gate.open();
    expect(await cut).toBe(failure);
  });
});

describe("calls under an aborted signal", () => {
  const signal = AbortSignal.abort(outerReason);

  test("R15: all and settle reject, also when there is nothing to call", async () => {
    expect([await errorOf(all([], { signal })), await errorOf(settle([], { signal }))]).toEqual([
      outerReason,
      outerReason,
    ]);
  });

  test("LANES-1: map and mapStream do not touch their input", async () => {
    let touched = 0;
    const items: Iterable<number> = {
      [Symbol.iterator]: () => {
        touched++;
        return [1][Symbol.iterator]();
      },
    };
    const run = (item: number): number => item;
    const errors = [
      await errorOf(map(items, run, { concurrency: 1, signal })),
      await errorOf(mapStream(items, run, { concurrency: 1, signal }).next()),
    ];
    expect([errors, touched]).toEqual([[outerReason, outerReason], 0]);
  });
});

describe("R21: what failed", () => {
  test("null is a failure of any() as often as it was thrown", async () => {
    const error = await errorOf(any([() => Promise.reject(null), () => Promise.reject(null)]));
    expect(error).toMatchObject({ errors: [null, null] });
  });

  test("a call of settle that was not started, since all was aborted, adds nothing to the reason", async () => {
    const outer = new AbortController();
    const reason = new Error("abort");
    const runs = [() => outer.abort(reason), () => "never"];
    expect(await errorOf(settle(runs, { signal: outer.signal }))).toBe(reason);
    expect(suppressedErrors(reason)).toEqual([]);
  });

  test("a primitive beside an equal primitive, or null beside null, is a late error", () => {
    suppress("text", ["text"], "task");
    suppress(null, [null], "task");
    expect(late).toEqual(["text", null]);
  });

  test("null can carry no attempts", () => {
    expect(recordAttempts(null, [])).toBe(false);
  });

  test("what a test of handleErrors throws goes out with the error that it was to judge", async () => {
    const judge = (): never => {
      throw failure;
    };
    const bare = new Error("bare");
    expect(await errorOf(handleErrors(bare, [judge, () => {}]))).toMatchObject({ errors: [failure, bare] });
  });

  test("without a listener a late error is printed, once", () => {
    for (const end of ends.splice(0)) end();
    const console: object = globalThis.console;
    const print: unknown = Reflect.get(console, "error");
    const printed: unknown[] = [];
    Reflect.set(console, "error", (...args: readonly unknown[]) => void printed.push(args));
    ends.push(() => void Reflect.set(console, "error", print));
    reportLateError(failure, "task");
    expect(printed).toEqual([['holdfast: late error of "task", which nobody waits for any more:', failure]]);
  });
});

describe("what is a cancellation", () => {
  const controller = new AbortController();
  const reason = new Error("reason");
  controller.abort(reason);
  const { signal } = controller;
  const named = (name: string, cause: unknown): Error => Object.assign(new Error(name, { cause }), { name });

  test("R11: a chain of sixteen causes leads to the reason, a longer one to nothing", () => {
    const chain = (length: number): unknown =>
      Array.from({ length }).reduce((cause: unknown) => named("AbortError", cause), reason);
    expect([isCancellation(chain(16), signal), isCancellation(chain(17), signal)]).toEqual([true, false]);
  });

  test("R11: an aggregate that holds itself is none", () => {
    const errors: unknown[] = [];
    const circle = Object.assign(new AggregateError([]), { errors });
    errors.push(circle);
    expect(isCancellation(circle, signal)).toBe(false);
  });

  test("R11: a CancelledError of another library is, if it was caused by the reason", () => {
    expect(
      [named("CancelledError", reason), named("CancelledError", failure)].map((each) => isCancellation(each, signal)),
    ).toEqual([true, false]);
  });

  test("R11: a function is no error, whatever its name", () => {
    expect(isCancellation(Object.defineProperty(() => {}, "name", { value: "AbortError" }))).toBe(false);
  });
});

describe("taking error groups apart", () => {
  test("R22: a group of another realm is known by its code", () => {
    const foreign = { name: "ErrorGroup", code: "ERR_ERROR_GROUP", errors: [failure] };
    expect(findError(foreign, (error) => error === failure)).toBe(failure);
  });

  test("a foreign aggregate that matches leaf by leaf becomes a group of those leaves", () => {
    const [match, rest] = splitError(
      new AggregateError([failure, outerReason]),
      (error) => !(error instanceof AggregateError),
    );
    expect([match?.name, match?.errors, rest]).toEqual(["ErrorGroup", [failure, outerReason], undefined]);
  });

  test("the list of a group can't be replaced", async () => {
    const [match] = splitError(failure, Error);
    expect(Reflect.set(match ?? {}, "errors", [])).toBe(false);
  });

  test("ERROR-3: a class between Error and that of a cancellation does not match it", () => {
    class Base extends Error {}
    class Stop extends Base {
      override readonly name = "AbortError";
    }
    const stop = new Stop();
    expect([findError(stop, Base), findError(stop, Stop)]).toEqual([undefined, stop]);
  });
});

describe("items", () => {
  test("R19: with a timeout, but without a grace, are waited for when all is cancelled", async () => {
    const error = await clock.run(() =>
      errorOf(
        map([1, 2], (item) => (item === 1 ? Promise.reject(failure) : sleep(50)), { concurrency: 2, timeout: 1000 }),
      ),
    );
    expect([error, clock.now()]).toEqual([failure, 50]);
  });

  test("R10: of an iterator run as many at a time as they may, also more than there were lanes at first", async () => {
    const gate = new Gate();
    let running = 0;
    const done = map(new Set(Array.from({ length: 200 }, (_, index) => index)), () => (running++, gate.promise), {
      concurrency: 100,
    });
    for (let count = 0; count < 100; count++) await turn();
    expect(running).toBe(100);
    gate.open();
    await done;
    expect(running).toBe(200);
  });

  const two =
    (first: () => Promise<string>) =>
    (item: number): Promise<string> =>
      item === 0 ? first() : Promise.resolve(`value ${item}`);

  test("R10: of an ordered stream are not delivered when they come after one whose failure ends all", async () => {
    const gate = new Gate<string>();
    const stream = mapStream(
      [0, 1],
      two(() => gate.promise),
      { concurrency: 2 },
    );
    const next = errorOf(stream.next());
    await turn();
    gate.fail(failure);
    expect(await next).toBe(failure);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  for (const ordered of [true, false])
    test(`R10: of ${ordered ? "an ordered" : "an unordered"} stream that collects failures are delivered past one that failed while nobody asked`, async () => {
      const run = (item: number): Promise<string> =>
        item === 1 ? Promise.reject(failure) : Promise.resolve(`value ${item}`);
      const stream = mapStream([0, 1, 2], run, { concurrency: 3, stopOnError: false, ordered });
      const values = [await stream.next()];
      await turn();
      values.push(await stream.next());
      expect([values, await errorOf(stream.next())]).toMatchObject([
        [{ value: "value 0" }, { value: "value 2" }],
        { errors: [failure] },
      ]);
    });

  test("of a stream that was left before it began are never read", async () => {
    let touched = 0;
    const items = (function* (): Generator<number> {
      touched++;
      yield 1;
    })();
    const stream = mapStream(items, (item) => item, { concurrency: 1 });
    const ended = { done: true, value: undefined };
    expect([await stream.return?.(), await stream.next(), touched]).toEqual([ended, ended, 0]);
  });
});
