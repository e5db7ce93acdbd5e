/** Failures and aborts: what `map` and `forEach` throw, what they wait for, and what they never start. */
import { CancelledError, ErrorGroup, forEach, map, onLateError, suppressedErrors } from "holdfast";
import { turn } from "../clock/fake-clock.ts";
import { describe, expect, test } from "../harness.ts";
import { countListeners, Gates, numbers, rejection, Source } from "./lanes-gates.ts";

describe("the first failure", () => {
  test("is thrown itself, the same object, when the others have stopped", async () => {
    const gates = new Gates();
    const failure = new Error("item 1");
    const log: string[] = [];
    const promise = map(numbers(5), gates.run, { concurrency: 3 }).finally(() => log.push("settled"));
    const caught = rejection(promise);
    await turn();
    gates.fail(1, failure);
    await turn();
    expect({ log, cancelled: gates.contexts.map(({ cancelled }) => cancelled) }).toEqual({
      log: [],
      cancelled: [true, true, true],
    });
    gates.pass(0);
    gates.pass(2);
    expect(await caught).toBe(failure);
    expect(gates.started).toEqual([0, 1, 2]);
  });

  test("R21: has those that came after it in its suppressedErrors, in their order, and no echoes", async () => {
    const gates = new Gates();
    const failures = [new Error("item 0"), new Error("item 1"), new Error("item 2")];
    const caught = rejection(
      map(numbers(4), (item, index, context) => (item === 3 ? gates.runUntilAbort : gates.run)(item, index, context), {
        concurrency: 4,
      }),
    );
    await turn();
    for (const index of [2, 0, 1]) gates.fail(index, failures[index]);
    expect(await caught).toBe(failures[2]);
    expect(suppressedErrors(failures[2])).toEqual([failures[0], failures[1]]);
  });

  test("R3: has 100 of them at most; the rest are reported as late, once each", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    const failures = numbers(150).map((item) => new Error(`item ${item}`));
    const promise = map(failures, (failure) => Promise.reject(failure), { concurrency: 150 });
    expect(await rejection(promise)).toBe(failures[0]);
    expect(suppressedErrors(failures[0])).toEqual(failures.slice(1, 101));
    expect(late).toEqual(failures.slice(101));
  });

  test("cancels with a reason of kind sibling whose cause it is", async () => {
    const failure = new Error("item 0");
    const reasons: unknown[] = [];
    const caught = rejection(
      map(
        numbers(2),
        async (item, _index, { signal }) => {
          if (item === 0) throw failure;
          signal.addEventListener("abort", () => reasons.push(signal.reason));
          await Promise.resolve();
        },
        { concurrency: 2, name: "pages" },
      ),
    );
    expect(await caught).toBe(failure);
    expect(reasons).toEqual([expect.any(CancelledError)]);
    expect(reasons[0]).toMatchObject({ name: "AbortError", kind: "sibling", group: "pages", cause: failure });
  });

  test("may be a synchronous throw, a frozen error or a primitive", async () => {
    for (const failure of [Object.freeze(new Error("frozen")), "text", 0, undefined, null])
      expect(
        await rejection(
          map(
            [1],
            () => {
              throw failure;
            },
            { concurrency: 1 },
          ),
        ),
      ).toBe(failure);
  });

  test("R3: when it is a primitive, the errors after it are reported as late, once each", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const gates = new Gates();
    const second = new Error("second");
    const caught = rejection(map(numbers(2), gates.run, { concurrency: 2, name: "pages" }));
    await turn();
    gates.fail(0, "first");
    gates.fail(1, second);
    expect(await caught).toBe("first");
    expect(late).toEqual([[second, "pages"]]);
  });

  test("R4: the same object is one failure, however often it is thrown", async () => {
    const failure = new Error("shared");
    const promise = map(
      numbers(3),
      () => {
        throw failure;
      },
      { concurrency: 3 },
    );
    expect(await rejection(promise)).toBe(failure);
    expect(suppressedErrors(failure)).toEqual([]);
  });

  test("never leaves a rejection unhandled, whichever items fail, now or later", async () => {
    for (let failing = 1; failing < 32; failing++) {
      const outcome = await map(
        numbers(5),
        async (item) => {
          for (let hop = 0; hop < (item * failing) % 4; hop++) await Promise.resolve();
          if ((failing >> item) & 1) throw new Error(String(item));
          return item;
        },
        { concurrency: 1 + (failing % 5) },
      ).catch((error: unknown) => error);
      // The runner fails a test that leaves one behind.
      await turn();
      expect(outcome).toBeInstanceOf(Error);
    }
  });
});

describe("stopOnError: false", () => {
  test("runs all items, then throws an ErrorGroup of all failures in the order in which they came", async () => {
    const gates = new Gates();
    const failures = [new Error("item 0"), new Error("item 1")];
    const caught = rejection(map(numbers(3), gates.run, { concurrency: 2, stopOnError: false }));
    await turn();
    gates.fail(1, failures[1]);
    await turn();
    gates.fail(0, failures[0]);
    await turn();
    expect({ started: gates.started, cancelled: gates.contexts.map(({ cancelled }) => cancelled) }).toEqual({
      started: [0, 1, 2],
      cancelled: [false, false, false],
    });
    gates.pass(2);
    const error = await caught;
    expect(error).toBeInstanceOf(ErrorGroup);
    expect(error).toMatchObject({ errors: [failures[1], failures[0]], message: "2 errors: item 1; item 0" });
  });

  test("throws an ErrorGroup for one failure as for many", async () => {
    const failure = new Error("only");
    const promise = map(
      numbers(3),
      (item) => {
        if (item === 1) throw failure;
      },
      { concurrency: 1, stopOnError: false },
    );
    expect(await rejection(promise)).toMatchObject({ name: "ErrorGroup", errors: [failure] });
  });

  test("resolves with the results when nothing fails", async () => {
    expect(await map([1, 2], (item) => item * 2, { concurrency: 2, stopOnError: false })).toEqual([2, 4]);
  });

  test("an outer abort stops it all the same; what had failed is thrown, since failures go first", async () => {
    const controller = new AbortController();
    const gates = new Gates();
    const failure = new Error("item 0");
    const promise = map(numbers(9), gates.runUntilAbort, {
      concurrency: 2,
      stopOnError: false,
      signal: controller.signal,
    });
    const caught = rejection(promise);
    await turn();
    gates.fail(0, failure);
    await turn();
    controller.abort(new Error("enough"));
    expect(await caught).toMatchObject({ name: "ErrorGroup", errors: [failure] });
    expect(gates.started).toEqual([0, 1, 2]);
  });
});

describe("an outer abort", () => {
  test("R7: that came before calls nothing, and its reason is thrown", async () => {
    const reason = new Error("gone");
    for (const kind of ["array", "sync", "async"] as const) {
      const source = new Source([1, 2]);
      const gates = new Gates();
      const items = kind === "array" ? [1, 2] : source[kind]();
      const promise = map(items, gates.run, { concurrency: 2, signal: AbortSignal.abort(reason) });
      expect(await rejection(promise)).toBe(reason);
      expect({ started: gates.started, log: source.log }).toEqual({ started: [], log: [] });
    }
  });

  for (const kind of ["array", "sync", "async"] as const)
    test(`LANES-1: in the middle of ${kind === "array" ? "an array" : `an iterator (${kind})`} starts no further item; those that run are waited for`, async () => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const gates = new Gates();
      const items = kind === "array" ? numbers(9) : new Source(numbers(9))[kind]();
      let settled = false;
      const promise = map(items, gates.run, { concurrency: 3, signal: controller.signal });
      const caught = rejection(promise).finally(() => (settled = true));
      await turn();
      gates.pass(0);
      await turn();
      controller.abort(reason);
      gates.pass(1);
      await turn();
      expect({ started: gates.started, running: gates.running, settled }).toEqual({
        started: [0, 1, 2, 3],
        running: [2, 3],
        settled: false,
      });
      gates.pass(2);
      gates.pass(3);
      expect(await caught).toBe(reason);
      expect(gates.started).toEqual([0, 1, 2, 3]);
    });

  test("before the lanes have started starts nothing", async () => {
    const controller = new AbortController();
    const gates = new Gates();
    const promise = map(numbers(3), gates.run, { concurrency: 2, signal: controller.signal });
    controller.abort("at once");
    expect(await rejection(promise)).toMatchObject({ name: "AbortError", kind: "outer", cause: "at once" });
    expect(gates.started).toEqual([]);
  });

  for (const kind of ["array", "sync", "async"] as const)
    test(`R13: after the last item of ${kind === "array" ? "an array" : `an iterator (${kind})`} has started does not count when every item returns: the values win`, async () => {
      const controller = new AbortController();
      const gates = new Gates();
      const items = kind === "array" ? numbers(2) : new Source(numbers(2))[kind]();
      const mapped = map(items, gates.run, { concurrency: 3, signal: controller.signal });
      await turn();
      controller.abort();
      gates.pass(0);
      gates.pass(1);
      expect(await mapped).toEqual([0, 10]);
    });

  test("whose reason is no object is a CancelledError with it as cause", async () => {
    const promise = forEach([1], () => 1, { concurrency: 1, signal: AbortSignal.abort(null) });
    expect(await rejection(promise)).toMatchObject({ name: "AbortError", code: "ERR_CANCELLED", cause: null });
  });

  test("and a failure: the failure is thrown", async () => {
    const controller = new AbortController();
    const failure = new Error("rollback failed");
    const gates = new Gates();
    const caught = rejection(map(numbers(2), gates.run, { concurrency: 2, signal: controller.signal }));
    await turn();
    controller.abort(new Error("enough"));
    gates.pass(0);
    gates.fail(1, failure);
    expect(await caught).toBe(failure);
  });

  test("R16: leaves no listener on its signal, whatever happened", async () => {
    const controller = new AbortController();
    const listeners = countListeners(controller.signal);
    const options = { concurrency: 2, signal: controller.signal };
    await map(numbers(5), () => 1, options);
    await map(numbers(5), () => Promise.reject(new Error("failure")), options).catch(() => {});
    await forEach(numbers(5), () => 1, { ...options, timeout: 5 });
    await forEach(numbers(5), () => 1, { ...options, concurrency: 0 }).catch(() => {});
    expect(listeners.count).toBe(0);
    const gates = new Gates();
    const caught = rejection(map(numbers(5), gates.runUntilAbort, options));
    await turn();
    expect(listeners.count).toBe(1);
    controller.abort();
    await caught;
    expect(listeners.count).toBe(0);
  });
});
