import { sleep, type TaskGroup, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("listen");
const outerReason = new Error("outer");

/** The group's outcome: its value, or its errors. */
async function outcomeOf(body: (group: TaskGroup) => unknown, signal?: AbortSignal): Promise<unknown> {
  try {
    return { value: await taskGroup(body, { signal }) };
  } catch (error) {
    return { errors: (error as { errors?: unknown }).errors ?? error };
  }
}

describe("a start that is cancelled", () => {
  test("START-2: by its caller before it is ready cancels the task, rejects with the caller's reason, and nothing else", async () => {
    const caller = new AbortController();
    const outcome = await outcomeOf(async (group) => {
      let reason: unknown;
      const started = group.start(
        async ({ signal }) => {
          await aborted(signal);
          reason = signal.reason;
          throw reason;
        },
        { signal: caller.signal },
      );
      await turn();
      caller.abort(outerReason);
      return [await errorOf(started), reason, group.cancelled];
    });
    expect(outcome).toEqual({ value: [outerReason, outerReason, false] });
  });

  test("START-2: by its caller after it was ready is none", async () => {
    const caller = new AbortController();
    const gate = new Gate();
    const seen: boolean[] = [];
    await taskGroup(async (group) => {
      await group.start(
        async (context) => {
          context.ready();
          await gate.promise;
          seen.push(context.cancelled);
        },
        { signal: caller.signal },
      );
      caller.abort(outerReason);
      gate.open();
    });
    expect(seen).toEqual([false]);
  });

  test("by its caller before the task had a place: the task is called all the same, under an aborted signal", async () => {
    const caller = new AbortController();
    const seen: boolean[] = [];
    const outcome = await outcomeOf(async (group) => {
      const started = group.start(
        ({ cancelled, throwIfCancelled }) => {
          seen.push(cancelled);
          throwIfCancelled();
        },
        { signal: caller.signal },
      );
      caller.abort(outerReason);
      return await errorOf(started);
    });
    expect({ outcome, seen }).toEqual({ outcome: { value: outerReason }, seen: [true] });
  });

  test("with a signal that was aborted before rejects with its reason and does not call the function", async () => {
    let called = false;
    const outcome = await outcomeOf(
      async (group) =>
        await errorOf(group.start(() => void (called = true), { signal: AbortSignal.abort(outerReason) })),
    );
    await turn();
    expect([outcome, called]).toEqual([{ value: outerReason }, false]);
  });

  test("a ready that comes after the caller's cancellation does nothing: the task is cancelled and can't serve", async () => {
    const caller = new AbortController();
    const outcome = await outcomeOf(async (group) => {
      const started = group.start(
        async ({ signal, ready }) => {
          await aborted(signal);
          ready();
          throw signal.reason;
        },
        { signal: caller.signal },
      );
      await turn();
      caller.abort(outerReason);
      return await errorOf(started);
    });
    expect(outcome).toEqual({ value: outerReason });
  });

  test("a task that swallows the cancellation before it was ready rejects the start with the reason", async () => {
    const caller = new AbortController();
    const outcome = await outcomeOf(async (group) => {
      const started = group.start(({ signal }) => aborted(signal), { signal: caller.signal });
      await turn();
      caller.abort(outerReason);
      return await errorOf(started);
    });
    expect(outcome).toEqual({ value: outerReason });
  });

  test("a real error that comes after the cancellation is the start's, not the group's", async () => {
    const caller = new AbortController();
    const outcome = await outcomeOf(async (group) => {
      const started = group.start(({ signal }) => waitUntilAborted(signal, () => failure), { signal: caller.signal });
      await turn();
      caller.abort(outerReason);
      return await errorOf(started);
    });
    expect(outcome).toEqual({ value: failure });
  });

  test("START-1: by its group before it is ready rejects with the group's reason", async () => {
    let own: unknown;
    const outcome = await outcomeOf(async (group) => {
      const started = errorOf(group.start(({ sleep: pause }) => pause(Infinity)));
      await turn();
      group.cancel("stop");
      own = group.signal.reason;
      return await started;
    });
    expect(outcome).toEqual({ value: own });
  });

  test("START-1: by a sibling's failure rejects with the reason, and the failure is listed once", async () => {
    const outcome = await outcomeOf(async (group) => {
      group.spawn(async () => {
        await turn();
        throw failure;
      });
      await group.start(({ sleep: pause }) => pause(Infinity));
    });
    expect(outcome).toEqual({ errors: [failure] });
  });

  test("START-1: by an outer abort rejects with its reason", async () => {
    const outer = new AbortController();
    const outcome = await outcomeOf(async (group) => {
      const started = group.start(({ sleep: pause }) => pause(Infinity));
      await turn();
      outer.abort(outerReason);
      await started;
    }, outer.signal);
    expect(outcome).toEqual({ errors: outerReason });
  });

  test("START-1: in a group that abandons its task rejects with the reason", async () => {
    const gate = new Gate();
    let started: Promise<unknown> | undefined;
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          async (group) => {
            started = errorOf(group.start(() => gate.promise));
            await turn();
            group.cancel();
            throw group.signal.reason;
          },
          { grace: 10 },
        ),
      ),
    );
    expect(await started).toBe(error);
    expect([error, clock.now()]).toMatchObject([{ kind: "cancel" }, 10]);
    gate.open();
    await turn();
  });

  test("R6: on a group that has closed rejects, and the function is never called", async () => {
    let called = false;
    const leaked = await taskGroup((group) => group, { name: "request" });
    const error = await errorOf(leaked.start(() => void (called = true), { name: "server" }));
    await turn();
    expect(error).toMatchObject({ code: "ERR_GROUP_CLOSED", group: "request" });
    expect(called).toBe(false);
  });

  test("R6: on a cancelled group the function is called under an aborted signal", async () => {
    const seen: boolean[] = [];
    await taskGroup(async (group) => {
      group.cancel();
      const started = group.start(({ cancelled, throwIfCancelled }) => {
        seen.push(cancelled);
        throwIfCancelled();
      });
      expect(await errorOf(started)).toBe(group.signal.reason);
    });
    expect(seen).toEqual([true]);
  });

  test("R23: a promise in place of the function is a rejection, not a throw", async () => {
    await taskGroup(async (group) => {
      // Holds: what a caller without types may pass.
      const started = group.start(sleep(0) as unknown as () => void);
      expect(await errorOf(started)).toBeInstanceOf(TypeError);
      await clock.advanceUntilIdle();
    });
  });
});
