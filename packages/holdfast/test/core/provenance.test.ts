import { type CancelledError, openTaskGroup, race, sleep, taskGroup, timeout } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf } from "./outcome.ts";

const clock = useFakeClock();

/** The reason that work under a signal sees. */
async function reasonOf(signal: AbortSignal): Promise<CancelledError> {
  await aborted(signal);
  return signal.reason;
}

describe("a cancellation says who, why and when", () => {
  test("R12: cancel() of a group: where it was called, the reason given as its cause", async () => {
    const why = { order: 5 };
    const reason = await clock.run(() =>
      taskGroup(
        async (group) => {
          await sleep(30);
          group.cancel(why);
          return await reasonOf(group.signal);
        },
        { name: "request" },
      ),
    );
    expect(reason).toMatchObject({
      name: "AbortError",
      code: "ERR_CANCELLED",
      kind: "cancel",
      group: "request",
      cause: why,
      at: 30,
      message: 'group "request" was cancelled',
    });
    // Where the engine can say.
    expect(reason.by ?? "provenance.test").toContain("provenance.test");
  });

  test("R12: cancel() of a task: where it was called, and the task's name", async () => {
    let reason: CancelledError | undefined;
    await taskGroup(async (group) => {
      const task = group.spawn(async ({ signal }) => void (reason = await reasonOf(signal)), { name: "poll" });
      await turn();
      task.cancel("enough");
    });
    expect(reason).toMatchObject({
      kind: "cancel",
      group: "poll",
      cause: "enough",
      message: 'task "poll" was cancelled',
    });
    expect(reason?.by ?? "provenance.test").toContain("provenance.test");
  });

  test("R12: a failed sibling: which task, its error as the cause", async () => {
    const failure = new Error("task");
    let reason: CancelledError | undefined;
    await errorOf(
      taskGroup(
        async (group) => {
          group.spawn(() => Promise.reject(failure), { name: "poll" });
          reason = await reasonOf(group.signal);
        },
        { name: "request" },
      ),
    );
    expect(reason).toMatchObject({
      kind: "sibling",
      group: "request",
      by: 'task "poll"',
      cause: failure,
      message: 'group "request" was cancelled because task "poll" failed',
    });
  });

  test("R12: a failed body: its body", async () => {
    const failure = new Error("body");
    let reason: CancelledError | undefined;
    await errorOf(
      taskGroup((group) => {
        group.spawn(async ({ signal }) => void (reason = await reasonOf(signal)));
        throw failure;
      }),
    );
    expect(reason).toMatchObject({ kind: "sibling", by: "its body", cause: failure });
  });

  test("R12: a deadline: nobody, but when, and never a TimeoutError", async () => {
    let reason: CancelledError | undefined;
    await clock.run(() => timeout(40, async ({ signal }) => void (reason = await reasonOf(signal)), { name: "load" }));
    expect(reason).toMatchObject({ name: "AbortError", kind: "deadline", group: "load", by: undefined, at: 40 });
    expect(reason?.cause).toBe(undefined);
  });

  test("R12: a race that was decided: by whom", async () => {
    let reason: CancelledError | undefined;
    await race([function fast() {}, async ({ signal }) => void (reason = await reasonOf(signal))]);
    expect(reason).toMatchObject({ kind: "sibling", message: "race was decided by fast" });
  });

  test("R12: child groups see the parent's reason object, whoever cancelled that", async () => {
    const seen: unknown[] = [];
    await taskGroup(
      async (outer) => {
        outer.spawn(({ signal }) =>
          taskGroup(
            async (inner) => {
              seen.push(await reasonOf(inner.signal));
            },
            { signal },
          ),
        );
        await turn();
        outer.cancel();
        seen.push(outer.signal.reason);
      },
      { name: "outer" },
    );
    expect(seen.length).toBe(2);
    expect(seen[0]).toBe(seen[1]);
    expect(seen[0]).toMatchObject({ kind: "cancel", group: "outer" });
  });

  test("R12: the first cause wins and never changes", async () => {
    const outer = new AbortController();
    const group = openTaskGroup({ signal: outer.signal });
    group.cancel("first");
    const reason: unknown = group.signal.reason;
    group.cancel("second");
    outer.abort("third");
    expect([group.signal.reason === reason, reason]).toMatchObject([true, { kind: "cancel", cause: "first" }]);
    await group.close();
  });

  test("R12: a foreign reason that is an object is the reason itself; any other is the cause of one", async () => {
    const foreign = new Error("foreign");
    for (const [given, expected] of [
      [foreign, foreign],
      [null, expect.objectContaining({ code: "ERR_CANCELLED", kind: "outer", cause: null, at: 0 })],
      ["text", expect.objectContaining({ code: "ERR_CANCELLED", kind: "outer", cause: "text" })],
    ] as const) {
      const outer = new AbortController();
      const group = openTaskGroup({ signal: outer.signal });
      outer.abort(given);
      expect(group.signal.reason).toEqual(expected);
      await group.close();
    }
  });
});
