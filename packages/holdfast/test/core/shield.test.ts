import { onLateError, shield, sleep, taskGroup, timeout } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("cleanup");
const outerReason = new Error("outer");

describe("shield", () => {
  test("SHIELD-1: work whose signal is aborted already runs, and is cut short only after its grace", async () => {
    const seen: unknown[] = [];
    const error = await clock.run(() =>
      errorOf(
        shield(
          async ({ cancelled, deadline, sleep: pause }) => {
            seen.push(cancelled, deadline);
            await pause(Infinity);
          },
          { signal: AbortSignal.abort(outerReason), grace: 300 },
        ),
      ),
    );
    expect([seen, error, clock.now()]).toEqual([[false, 300], outerReason, 300]);
  });

  test("SHIELD-1: an abort while it runs reaches the work after the grace, counted from the abort", async () => {
    const outer = new AbortController();
    void sleep(100).then(() => outer.abort(outerReason));
    const at: number[] = [];
    await clock.run(() =>
      shield(
        async ({ signal }) => {
          await aborted(signal);
          at.push(clock.now());
          expect(signal.reason).toBe(outerReason);
        },
        { signal: outer.signal, grace: 300 },
      ),
    );
    expect(at).toEqual([400]);
  });

  test("its default grace is 5,000 ms", async () => {
    const error = await clock.run(() =>
      errorOf(shield(({ sleep: pause }) => pause(Infinity), { signal: AbortSignal.abort(outerReason) })),
    );
    expect([error, clock.now()]).toEqual([outerReason, 5000]);
  });

  test("SHIELD-1: Infinity never aborts it, and makes no timer", async () => {
    const value = await shield(
      async ({ cancelled, deadline }) => {
        await turn();
        return [cancelled, deadline, clock.pending];
      },
      { signal: AbortSignal.abort(outerReason), grace: Infinity },
    );
    expect(value).toEqual([false, Infinity, 0]);
  });

  test("a grace of 0 aborts it in the next turn", async () => {
    const seen: boolean[] = [];
    await clock.run(() =>
      shield(
        async (context) => {
          seen.push(context.cancelled);
          await aborted(context.signal);
          seen.push(context.cancelled);
        },
        { signal: AbortSignal.abort(outerReason), grace: 0 },
      ),
    );
    expect([seen, clock.now()]).toEqual([[false, true], 0]);
  });

  test("settles as the work does: with its value or its own error, and leaves no timer", async () => {
    const signal = AbortSignal.abort(outerReason);
    expect(await shield(() => "value", { signal })).toBe("value");
    expect(await errorOf(shield(() => Promise.reject(failure), { signal }))).toBe(failure);
    const thrower = (): never => {
      throw failure;
    };
    expect(await errorOf(shield(thrower, { signal }))).toBe(failure);
    expect(clock.pending).toBe(0);
  });

  test("waits for work that goes on after its grace: it is not abandoned", async () => {
    const value = await clock.run(() =>
      shield(
        async ({ signal }) => {
          await aborted(signal);
          await sleep(50);
          return "value";
        },
        { signal: AbortSignal.abort(outerReason), grace: 100 },
      ),
    );
    expect([value, clock.now()]).toEqual(["value", 150]);
  });

  test("a timeout inside works as ever", async () => {
    const error = await clock.run(() =>
      errorOf(
        shield(({ signal }) => timeout(30, ({ sleep: pause }) => pause(Infinity), { signal, name: "inner" }), {
          signal: AbortSignal.abort(outerReason),
        }),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", timeout: 30 });
    expect(clock.now()).toBe(30);
  });

  test("a group inside is cancelled by its own failure as ever", async () => {
    const error = await errorOf(
      shield(
        ({ signal }) =>
          taskGroup(
            (group) => {
              group.spawn(({ sleep: pause }) => pause(Infinity));
              group.spawn(() => Promise.reject(failure));
            },
            { signal },
          ),
        { signal: AbortSignal.abort(outerReason) },
      ),
    );
    expect(error).toMatchObject({ errors: [failure] });
  });

  test("SHIELD-1: in a cancelled task lets its cleanup finish, and the group waits for that", async () => {
    const log: string[] = [];
    await clock.run(() =>
      taskGroup(async (group) => {
        group.spawn(async ({ signal }) => {
          try {
            await waitUntilAborted(signal);
          } finally {
            log.push(`plain: ${(await errorOf(sleep(10, { signal }))) === signal.reason}`);
            await shield(({ sleep: pause }) => pause(10), { signal });
            log.push(`${clock.now()}: cleaned up`);
          }
        });
        await turn();
        group.cancel();
      }),
    );
    expect(log).toEqual(["plain: true", "10: cleaned up"]);
  });

  test("R11: cut short in a cancelled task it is an echo, no failure", async () => {
    const value = await clock.run(() =>
      taskGroup(async (group) => {
        group.spawn(({ signal }) => shield(({ sleep: pause }) => pause(Infinity), { signal, grace: 100 }));
        await turn();
        group.cancel();
        return "value";
      }),
    );
    expect([value, clock.now()]).toEqual(["value", 100]);
  });

  test("SHIELD-1: of two, the inner one's grace counts from the end of the outer one's", async () => {
    const at: [string, number][] = [];
    await clock.run(() =>
      shield(
        async ({ signal }) => {
          const noted = aborted(signal).then(() => at.push(["outer", clock.now()]));
          await shield(
            async (inner) => {
              await aborted(inner.signal);
              at.push(["inner", clock.now()]);
            },
            { signal, grace: 30 },
          );
          await noted;
        },
        { signal: AbortSignal.abort(outerReason), grace: 100 },
      ),
    );
    expect(at).toEqual([
      ["outer", 100],
      ["inner", 130],
    ]);
  });

  test("R18: sees no deadline of what is around it", async () => {
    const error = await clock.run(() =>
      errorOf(
        timeout(
          50,
          ({ signal }) =>
            shield(({ deadline, sleep: pause }) => pause(deadline === Infinity ? 80 : 0), { signal }).then(() =>
              Promise.reject(signal.reason),
            ),
          {
            name: "call",
          },
        ),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", timeout: 50 });
    expect(clock.now()).toBe(80);
  });

  test("R11: what it has left behind keeps it: the outer reason, thrown by abandoned work, is no echo but a late error", async () => {
    const outer = new AbortController();
    const late: unknown[] = [];
    using _listening = onLateError((error) => void late.push(error));
    await clock.run(async () => {
      await shield(
        ({ signal }) => errorOf(timeout(10, () => waitUntilAborted(outer.signal), { signal, name: "inner", grace: 0 })),
        { signal: outer.signal },
      );
      outer.abort(outerReason);
      await turn();
    });
    expect(late).toEqual([outerReason]);
  });

  test("CANCEL-3: what it has left behind, or what is started under its signal when it is over, sees no cancellation and no deadline from outside", async () => {
    const seen: unknown[] = [];
    const error = await clock.run(() =>
      errorOf(
        timeout(50, async ({ signal: outer }) => {
          let inner: AbortSignal | undefined;
          const left = await shield(
            ({ signal }) => {
              inner = signal;
              return [sleep(70, { signal })];
            },
            { signal: outer },
          );
          const group = taskGroup(
            async ({ signal, deadline }) => {
              await sleep(70, { signal });
              return [deadline, signal.aborted];
            },
            { signal: inner },
          );
          await errorOf(waitUntilAborted(outer));
          seen.push(await Promise.all(left), await group, clock.now());
          throw outer.reason;
        }),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", timeout: 50 });
    expect(seen).toEqual([[undefined], [Infinity, false], 70]);
  });

  for (const [what, options, kind] of [
    ["a grace below 0", { signal: new AbortController().signal, grace: -1 }, RangeError],
    ["a grace of NaN", { signal: new AbortController().signal, grace: Number.NaN }, RangeError],
    ["no signal", {}, TypeError],
    ["no options", undefined, TypeError],
  ] as const)
    test(`R23: ${what} is a ${kind.name}, as a rejection, and nothing is called`, async () => {
      let called = false;
      // Holds: what a caller without types may pass.
      const error = await errorOf(shield(() => void (called = true), options as unknown as { signal: AbortSignal }));
      expect([error instanceof kind, called]).toEqual([true, false]);
    });

  test("R23: a promise in place of the function is a TypeError, as a rejection", async () => {
    // Holds: what a caller without types may pass.
    const work = Promise.resolve() as unknown as () => void;
    expect(await errorOf(shield(work, { signal: new AbortController().signal }))).toBeInstanceOf(TypeError);
  });
});
