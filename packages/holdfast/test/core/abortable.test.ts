import { abortable, onLateError } from "holdfast";
import { root } from "holdfast/lowlevel";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { abortError, errorOf, Gate } from "./outcome.ts";

/** What `onLateError` was told; each test looks at all of it. */
let late: unknown[] = [];
let listening: Disposable | undefined;
beforeEach(() => {
  late = [];
  listening = onLateError((error, { task }) => void late.push([error, task]));
});
afterEach(() => listening?.[Symbol.dispose]());

const failure = new Error("late");
const reason = new Error("stop");

describe("before an abort", () => {
  test("settles as the promise does, and leaves nothing in the tree", async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve("value"), { signal })).toBe("value");
    expect(await errorOf(abortable(Promise.reject(failure), { signal }))).toBe(failure);
    expect(root().kids).toBeUndefined();
  });

  test("R15: an outcome that has arrived stands, whatever is aborted afterwards", async () => {
    const controller = new AbortController();
    const results = [
      abortable(Promise.resolve("value"), { signal: controller.signal, onLate: (value) => late.push(value) }),
      abortable(Promise.reject(failure), { signal: controller.signal }).catch((error: unknown) => error),
    ];
    await turn();
    controller.abort();
    expect([await Promise.all(results), late]).toEqual([["value", failure], []]);
  });

  test("takes any thenable", async () => {
    const { signal } = new AbortController();
    // oxlint-disable-next-line unicorn/no-thenable
    const thenable = { then: (resolve: (value: string) => void) => resolve("value") } as unknown as PromiseLike<string>;
    expect(await abortable(thenable, { signal })).toBe("value");
  });

  test("rejects for a thenable whose then throws, and leaves nothing in the tree", async () => {
    const { signal } = new AbortController();
    const broken = {
      // oxlint-disable-next-line unicorn/no-thenable
      then: () => {
        throw failure;
      },
    } as unknown as PromiseLike<string>;
    expect(await errorOf(abortable(broken, { signal }))).toBe(failure);
    expect(root().kids).toBeUndefined();
  });
});

for (const when of ["already", "later"] as const)
  describe(`a signal that is aborted ${when}`, () => {
    const wait = async <T>(
      gate: Gate<T>,
      options: { onLate?: (value: T) => void; onLateError?: (error: unknown) => void } = {},
    ): Promise<unknown> => {
      const controller = new AbortController();
      if (when === "already") controller.abort(reason);
      const result = errorOf(abortable(gate.promise, { signal: controller.signal, ...options }));
      if (when === "later") {
        await turn();
        controller.abort(reason);
      }
      return await result;
    };

    test("rejects at once, with its reason", async () => {
      expect(await wait(new Gate())).toBe(reason);
      expect(root().kids).toBeUndefined();
    });

    test("hands the late value to onLate, once", async () => {
      const gate = new Gate<string>();
      const values: string[] = [];
      await wait(gate, { onLate: (value) => void values.push(value) });
      expect(values).toEqual([]);
      gate.open("connection");
      await turn();
      expect({ values, late }).toEqual({ values: ["connection"], late: [] });
    });

    test("drops a late value that nobody asked for", async () => {
      const gate = new Gate<string>();
      await wait(gate);
      gate.open("value");
      await turn();
      expect(late).toEqual([]);
    });

    test("R21: hands a late error to its own onLateError, and to no other", async () => {
      const gate = new Gate();
      const errors: unknown[] = [];
      await wait(gate, { onLateError: (error) => void errors.push(error) });
      gate.fail(failure);
      await turn();
      expect({ errors, late }).toEqual({ errors: [failure], late: [] });
    });

    test("R21: without one, a late error goes to the listeners of onLateError, once", async () => {
      const gate = new Gate();
      await wait(gate);
      gate.fail(failure);
      await turn();
      expect(late).toEqual([[failure, "abortable"]]);
    });

    test("R11: a late error that only reports the abort is nobody's business", async () => {
      for (const echo of [reason, abortError(reason), abortError()]) {
        const gate = new Gate();
        await wait(gate, { onLateError: (error) => void late.push(error) });
        gate.fail(echo);
        await turn();
      }
      expect(late).toEqual([]);
    });

    test("R17: a hook that throws is reported, once, and crashes nothing", async () => {
      const thrown = new Error("hook");
      const hook = (): never => {
        throw thrown;
      };
      const [value, error] = [new Gate<string>(), new Gate<string>()];
      await wait(value, { onLate: hook });
      await wait(error, { onLateError: hook });
      value.open("value");
      await turn();
      error.fail(failure);
      await turn();
      expect(late).toEqual([
        [thrown, "abortable"],
        [thrown, "abortable"],
      ]);
    });
  });

describe("a caller's mistakes", () => {
  test("R23: no promise, no signal, or hooks that are no functions: TypeErrors, as rejections", async () => {
    const { signal } = new AbortController();
    const call = (...args: readonly unknown[]): Promise<unknown> =>
      errorOf(Reflect.apply(abortable, undefined, [...args]) as Promise<unknown>);
    const fine = Promise.resolve();
    const errors = [
      await call(5, { signal }),
      await call(undefined, { signal }),
      await call(() => fine, { signal }),
      await call(fine),
      await call(fine, {}),
      await call(fine, { signal: {} }),
      await call(fine, { signal, onLateError: 5 }),
      await call(fine, { signal, onLate: 5 }),
    ];
    expect(errors.map((error) => error instanceof TypeError && error.message)).toEqual([
      "abortable takes a promise, got number",
      "abortable takes a promise, got undefined",
      "abortable takes a promise, got function",
      "abortable needs { signal }, got none; await the promise itself where nothing can cancel it",
      "abortable needs { signal }, got none; await the promise itself where nothing can cancel it",
      "signal must be an AbortSignal, got object",
      "abortable: onLateError takes a function, got 5 (number)",
      "abortable: onLate takes a function, got 5 (number)",
    ]);
  });
});
