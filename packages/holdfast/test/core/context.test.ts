import { abortable, map, settle, sleep, taskGroup, timeout, type Context } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf } from "./outcome.ts";

const clock = useFakeClock();

/** Everything that gives a context to a function, with that function in its place. */
const givers: Readonly<
  Record<string, (run: (context: Context) => Promise<unknown>, signal?: AbortSignal) => Promise<unknown>>
> = {
  timeout: (run, signal) => timeout(10_000, run, { signal }),
  settle: (run, signal) => settle([run], { signal }),
  spawn: (run, signal) => taskGroup((group) => group.spawn(run).join(), { signal }),
  map: (run, signal) => map([1], (_, __, context) => run(context), { concurrency: 1, signal }),
  "map with a limit": (run, signal) =>
    map([1], (_, __, context) => run(context), { concurrency: 1, signal, timeout: 10_000 }),
};

for (const [name, give] of Object.entries(givers))
  describe(`the context of ${name}`, () => {
    test("has members that need no `this`", async () => {
      let seen: unknown;
      await clock.run(() =>
        give(async ({ signal, cancelled, deadline, timeLeft, sleep: pause, throwIfCancelled }) => {
          throwIfCancelled();
          await pause(5);
          seen = [signal instanceof AbortSignal, cancelled, typeof deadline, typeof timeLeft, clock.now()];
        }),
      );
      expect(seen).toEqual([true, false, "number", "number", 5]);
    });

    test("gives the same signal each time", async () => {
      let seen: unknown;
      await give(async (context) => void (seen = context.signal === context.signal));
      expect(seen).toBe(true);
    });

    test("may be passed on whole, as options", async () => {
      const outer = new AbortController();
      const errors: unknown[] = [];
      const running = give(async (context) => {
        errors.push(
          ...(await Promise.all([
            errorOf(sleep(1000, context)),
            errorOf(abortable(new Promise(() => {}), context)),
            errorOf(
              taskGroup((group) => group.spawn(({ sleep: pause }) => pause(1000)).join(), { signal: context.signal }),
            ),
          ])),
        );
      }, outer.signal);
      await turn();
      outer.abort("stop");
      await running.catch(() => {});
      expect(errors).toHaveLength(3);
      expect(new Set(errors).size).toBe(1);
      expect(errors[0]).toMatchObject({ cause: "stop" });
    });

    test("tells of an outer abort in each of its ways", async () => {
      const outer = new AbortController();
      let seen: unknown[] = [];
      const running = give(async (context) => {
        await aborted(context.signal);
        const { reason } = context.signal as { reason: unknown };
        const caught = await errorOf(Promise.resolve().then(context.throwIfCancelled));
        seen = [context.cancelled, caught === reason, (await errorOf(context.sleep(1))) === reason];
      }, outer.signal);
      await turn();
      outer.abort("stop");
      await running;
      expect(seen).toEqual([true, true, true]);
    });

    test("a signal that is made after the abort is aborted", async () => {
      const outer = new AbortController();
      let seen: unknown[] = [];
      const running = give(async (context) => {
        await turn();
        outer.abort("stop");
        seen = [context.cancelled, context.signal.aborted, context.signal.reason];
      }, outer.signal);
      await running;
      expect(seen).toMatchObject([true, true, { cause: "stop" }]);
    });
  });

test("R19: an inner timeout whose work does not stop is listed in the outer timeout's error too", async () => {
  const error = await clock.run(() =>
    errorOf(timeout(10, ({ signal }) => timeout(20, () => sleep(500), { signal, name: "inner" }), { name: "outer" })),
  );
  expect(error).toMatchObject({
    message:
      'outer timed out after 10 ms; "inner" is still running: it never looked at its signal; pass ({ signal }) on',
    unresponsive: [{ task: "inner", sawSignal: false }],
  });
  expect(clock.now()).toBe(20);
  await clock.advanceUntilIdle();
});
