import { CancelledError, ErrorGroup, isCancellation, sleep, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { aborted, abortError, errorOf, waitUntilAborted } from "./outcome.ts";

/** What a body may reject with after an abort, and whether that only reports the abort. */
describe("echoes", () => {
  const timeoutError = (cause: unknown): Error => Object.assign(new Error("late", { cause }), { name: "TimeoutError" });
  const taskCancelled = (cause: unknown): Error =>
    Object.assign(new Error("task", { cause }), { name: "TaskCancelledError", code: "ERR_TASK_CANCELLED" });
  const cyclic = (): Error => {
    const error = abortError();
    error.cause = error;
    return error;
  };
  const shapes: readonly [string, boolean, (reason: unknown) => unknown][] = [
    ["the reason itself", true, (reason) => reason],
    ["an AbortError caused by it", true, (reason) => abortError(reason)],
    ["an AbortError caused by an AbortError caused by it", true, (reason) => abortError(abortError(reason))],
    ["a TimeoutError caused by it", true, timeoutError],
    ["the cancellation of a task caused by it", true, taskCancelled],
    ["an aggregate of echoes", true, (reason) => new AggregateError([reason, abortError(reason)])],
    ["an ErrorGroup of echoes", true, (reason) => new ErrorGroup([reason, new ErrorGroup([abortError(reason)])])],
    ["an AbortError without a cause, as older libraries make it", true, () => abortError()],
    ["an AbortError with an empty aggregate for its cause", false, () => abortError(new AggregateError([]))],
    ["an empty aggregate", false, () => new AggregateError([])],
    ["an aggregate with one real error", false, (reason) => new AggregateError([reason, new Error("real")])],
    ["an error of its own that the abort caused", false, (reason) => new Error("rollback failed", { cause: reason })],
    [
      "an AbortError caused by an error that the abort caused",
      false,
      (reason) => abortError(new Error("mid", { cause: reason })),
    ],
    ["an AbortError of somebody else's abort", false, () => abortError(new Error("other"))],
    ["a TimeoutError without a cause", false, () => timeoutError(undefined)],
    ["an AbortError that causes itself", false, cyclic],
    ["an ordinary error", false, () => new Error("real")],
    ["undefined", false, () => undefined],
    ["null", false, () => null],
    ["an object that merely has errors", false, (reason) => ({ errors: [reason] })],
  ];

  for (const [what, isEcho, make] of shapes) {
    for (const who of ["the body", "a task"] as const)
      test(`R11: ${what}, from ${who}, is ${isEcho ? "an echo" : "a failure"} of an outer abort`, async () => {
        const outer = new AbortController();
        const reason = new Error("stop");
        let made: unknown;
        const work = ({ signal }: { readonly signal: AbortSignal }): Promise<never> =>
          waitUntilAborted(signal, (given) => (made = make(given)));
        const result = errorOf(
          taskGroup(who === "the body" ? work : (group) => void group.spawn(work), { signal: outer.signal }),
        );
        await turn();
        outer.abort(reason);
        const error = await result;
        if (isEcho) expect(error).toBe(reason);
        else {
          expect(error).toBeInstanceOf(ErrorGroup);
          expect((error as ErrorGroup).errors[0] === made).toBe(true);
        }
      });
  }

  test("R11: an AbortError without a cause is a failure when the signal was never handed out", async () => {
    const error = abortError();
    const result = await errorOf(
      taskGroup(async (group) => {
        group.cancel();
        throw error;
      }),
    );
    expect(result).toMatchObject({ errors: [error] });
  });

  test("R11: an AbortError while nothing of ours is aborted is a failure", async () => {
    const error = abortError();
    const result = await errorOf(
      taskGroup(({ signal }) => {
        expect(signal.aborted).toBe(false);
        throw error;
      }),
    );
    expect(result).toMatchObject({ errors: [error] });
  });

  test("R11: what the user aborts on his own is a failure, also when the group is cancelled later", async () => {
    const own = new AbortController();
    const reason = new Error("own");
    const result = await errorOf(
      taskGroup(async (group) => {
        const failing = errorOf(sleep(Infinity, { signal: own.signal }));
        own.abort(reason);
        const error = await failing;
        group.cancel();
        throw error;
      }),
    );
    expect(result).toMatchObject({ errors: [reason] });
  });

  test("R11: is decided when it arrives: an AbortError from before the cancellation stays a failure", async () => {
    const error = abortError();
    const result = await errorOf(
      taskGroup(async (group) => {
        void group.signal;
        group.spawn(() => {
          throw error;
        });
        await turn();
        group.cancel();
      }),
    );
    expect(result).toMatchObject({ errors: [error] });
  });

  test("R11: an aggregate of echoes of two different cancellations is an echo", async () => {
    const outer = new AbortController();
    const reason = new Error("stop");
    const result = errorOf(
      taskGroup(
        async (group) => {
          group.spawn(async ({ signal }) => {
            await aborted(signal);
            const first: unknown = signal.reason;
            outer.abort(reason);
            throw new AggregateError([first, reason]);
          });
          await turn();
          group.cancel("own");
          return "value";
        },
        { signal: outer.signal },
      ),
    );
    expect(await result).toBe(reason);
  });
});

describe("isCancellation", () => {
  test("asks for the name alone without a signal", () => {
    expect([
      isCancellation(abortError()),
      isCancellation(new CancelledError("x", "cancel", "g")),
      isCancellation(Object.assign(new Error("x"), { name: "TimeoutError" })),
      isCancellation(new Error("x")),
      isCancellation(undefined),
      isCancellation("AbortError"),
    ]).toEqual([true, true, false, false, false, false]);
  });

  test("R11: with a signal, is true only of what that signal's abort caused", () => {
    const controller = new AbortController();
    const reason = new Error("stop");
    const errors = [reason, abortError(reason), abortError(), abortError(new Error("other")), new Error("real")];
    const ask = (): boolean[] => errors.map((error) => isCancellation(error, controller.signal));
    expect(ask()).toEqual([false, false, false, false, false]);
    controller.abort(reason);
    expect(ask()).toEqual([true, true, true, false, false]);
  });
});
