import { onLateError, sleep, suppressedErrors, type Task, taskGroup, timeout } from "holdfast";
import { kidsOf, root } from "holdfast/lowlevel";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate } from "./outcome.ts";

const clock = useFakeClock();

/** What `onLateError` was told; each test looks at all of it. */
let late: unknown[] = [];
let listening: Disposable | undefined;
beforeEach(() => {
  late = [];
  listening = onLateError((error, { task }) => void late.push([error, task]));
});
afterEach(() => listening?.[Symbol.dispose]());

const failure = new Error("task");
const bodyError = new Error("body");

describe("a group's grace", () => {
  /** A group whose task looks at its signal or not, and ends when the gate opens; cancelled at 100 ms. */
  function stubborn(
    gate: Gate,
    options: { readonly looks: boolean; readonly grace?: number; readonly fails?: boolean },
  ) {
    return taskGroup(
      async (group) => {
        group.spawn(
          async (context) => {
            if (options.looks) void context.signal;
            await gate.promise;
          },
          { name: "work" },
        );
        await sleep(100);
        if (options.fails) throw bodyError;
        group.cancel();
        return "value";
      },
      { grace: options.grace, name: "request" },
    );
  }

  test("R19: without one a cancelled group waits as long as it takes", async () => {
    const gate = new Gate();
    void sleep(4000).then(() => gate.open());
    expect(await clock.run(() => stubborn(gate, { looks: true }))).toBe("value");
    expect(clock.now()).toBe(4000);
  });

  test("R19: abandons what does not stop; the body's value stands, and who was abandoned is reported", async () => {
    const gate = new Gate();
    const value = await clock.run(() => stubborn(gate, { looks: false, grace: 50 }));
    expect([value, clock.now()]).toEqual(["value", 150]);
    expect(late).toMatchObject([
      [{ name: "TimeoutError", unresponsive: [{ task: "work", sawSignal: false }] }, "request"],
    ]);
    gate.open();
    await turn();
    expect(late.length).toBe(1);
  });

  test("R19: with a real error, who was abandoned is in what is suppressed by it", async () => {
    const gate = new Gate();
    const error = await clock.run(() => errorOf(stubborn(gate, { looks: true, grace: 50, fails: true })));
    expect(error).toMatchObject({ errors: [bodyError] });
    expect(suppressedErrors(error)).toMatchObject([{ unresponsive: [{ task: "work", sawSignal: true }] }]);
    expect(late).toEqual([]);
    gate.open();
    await turn();
  });

  test("R13: an abandoned task counts as rejected: its own deadline is thrown, and names it", async () => {
    const gate = new Gate();
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawn(() => gate.promise, { name: "work" });
            return "value";
          },
          { timeout: 100, grace: 50, name: "request" },
        ),
      ),
    );
    expect(error).toMatchObject({
      name: "TimeoutError",
      layer: "group",
      timeout: 100,
      message:
        'group "request" timed out after 100 ms; "work" is still running: it never looked at its signal; pass ({ signal }) on',
      unresponsive: [{ task: "work", sawSignal: false, spawnedAt: expect.stringContaining("group-limits-grace.test") }],
    });
    expect(clock.now()).toBe(150);
    gate.open();
    await turn();
    expect(late).toEqual([]);
  });

  test("R13: an abandoned task counts as rejected: an outer abort is thrown", async () => {
    const gate = new Gate();
    const outer = new AbortController();
    const outerReason = new Error("outer");
    void sleep(100).then(() => outer.abort(outerReason));
    const error = await clock.run(() =>
      errorOf(taskGroup((group) => void group.spawn(() => gate.promise), { signal: outer.signal, grace: 50 })),
    );
    expect([error, clock.now()]).toEqual([outerReason, 150]);
    expect(suppressedErrors(error)).toMatchObject([{ unresponsive: [{ sawSignal: false }] }]);
    gate.open();
    await turn();
  });

  for (const looks of [true, false])
    test(`R19: abandons a body that does not stop, which ${looks ? "looked" : "never looked"} at the group's signal`, async () => {
      const gate = new Gate();
      const error = await clock.run(() =>
        errorOf(
          taskGroup(
            async (group) => {
              if (looks) void group.signal;
              await gate.promise;
            },
            { timeout: 100, grace: 50, name: "request" },
          ),
        ),
      );
      expect(error).toMatchObject({ layer: "group", unresponsive: [{ task: "body of request", sawSignal: looks }] });
      gate.open();
      await turn();
      expect(late).toEqual([]);
    });

  for (const looks of [true, false])
    test(`R19: a body that only waits for a task that is abandoned is not abandoned itself, with ${looks ? "one" : "no"} more that waits for a place`, async () => {
      const gate = new Gate();
      const error = await clock.run(() =>
        errorOf(
          taskGroup(
            async (group) => {
              const work = group.spawn(() => gate.promise, { name: "work" });
              if (looks) group.spawn(({ sleep: pause }) => pause(20), { name: "waits" });
              await work.join();
            },
            { timeout: 100, grace: 50, concurrency: 1 },
          ),
        ),
      );
      expect((error as { unresponsive?: unknown }).unresponsive).toMatchObject([{ task: "work" }]);
      expect(clock.now()).toBe(150);
      gate.open();
      await turn();
    });

  test("R19: a late error of an abandoned body is reported, once", async () => {
    const gate = new Gate();
    await clock.run(() => errorOf(taskGroup(() => gate.promise, { timeout: 100, grace: 50, name: "request" })));
    gate.fail(bodyError);
    await turn();
    expect(late).toEqual([[bodyError, "body of request"]]);
  });

  test("R19: the state of an abandoned task, its join, its late error", async () => {
    const gate = new Gate();
    let task: Task<unknown> | undefined;
    await clock.run(() =>
      errorOf(
        taskGroup((group) => void (task = group.spawn(() => gate.promise, { name: "work" })), {
          timeout: 100,
          grace: 50,
        }),
      ),
    );
    expect(task?.state).toBe("abandoned");
    expect(await errorOf(Promise.resolve(task?.join()))).toMatchObject({ name: "TaskCancelledError", task: "work" });
    gate.fail(failure);
    await turn();
    expect(late).toEqual([[failure, "work"]]);
  });

  test("R11: a late echo of an abandoned task is nobody's business", async () => {
    const gate = new Gate();
    await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawn(async ({ signal }) => {
              await gate.promise;
              throw signal.reason;
            });
          },
          { timeout: 100, grace: 50 },
        ),
      ),
    );
    gate.open();
    await turn();
    expect(late).toEqual([]);
  });

  test("R11: an abandoned task stays cancelled after its group has settled, and knows its group", async () => {
    const gate = new Gate();
    const seen: unknown[] = [];
    await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawn(async (context) => {
              await gate.promise;
              seen.push(context.cancelled, context.group === group, context.signal.aborted, context.signal.reason.kind);
              seen.push(await errorOf(context.sleep(1)));
            });
          },
          { timeout: 100, grace: 50 },
        ),
      ),
    );
    gate.open();
    await turn();
    expect(seen).toEqual([true, true, true, "deadline", expect.objectContaining({ kind: "deadline" })]);
  });

  test("R19: an abandoned task stays in the tree until it ends, then nothing of it does", async () => {
    const gate = new Gate();
    await clock.run(() =>
      errorOf(
        taskGroup((group) => void group.spawn(() => gate.promise, { name: "stays" }), { timeout: 100, grace: 50 }),
      ),
    );
    const visible = kidsOf(root()).filter((kid) => "name" in kid && kid.name === "stays");
    expect(visible).toMatchObject([{ state: "abandoned" }]);
    gate.open();
    await turn();
    expect(kidsOf(root()).filter((kid) => "name" in kid && kid.name === "stays")).toEqual([]);
  });

  test("R6: tasks that wait for a place are called when those before them are abandoned, under an aborted signal", async () => {
    const gate = new Gate();
    const seen: boolean[] = [];
    await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawn(() => gate.promise);
            group.spawn(({ cancelled }) => void seen.push(cancelled));
          },
          { timeout: 100, grace: 50, concurrency: 1 },
        ),
      ),
    );
    expect([seen, clock.now()]).toEqual([[true], 150]);
    gate.open();
    await turn();
  });

  test("R8: services are not abandoned with the tasks: they are closed, and get a grace of their own", async () => {
    const gate = new Gate();
    const log: string[] = [];
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawnService(async ({ signal }) => {
              await aborted(signal);
              await sleep(20);
              log.push(`${clock.now()}: service closed`);
            });
            group.spawn(() => gate.promise, { name: "work" });
          },
          { timeout: 100, grace: 50 },
        ),
      ),
    );
    expect(log).toEqual(["170: service closed"]);
    expect(error).toMatchObject({ unresponsive: [{ task: "work" }] });
    gate.open();
    await turn();
  });

  for (const isCancelled of [true, false])
    test(`R19: a service that does not stop when it closes is abandoned, in a group that was ${isCancelled ? "" : "not "}cancelled`, async () => {
      const gate = new Gate();
      const value = await clock.run(() =>
        taskGroup(
          async (group) => {
            group.spawnService(() => gate.promise, { name: "poll" });
            await sleep(10);
            if (isCancelled) group.cancel();
            return "value";
          },
          { grace: 50 },
        ),
      );
      expect([value, clock.now()]).toEqual(["value", 60]);
      expect(late).toMatchObject([
        [{ name: "TimeoutError", unresponsive: [{ task: "poll", sawSignal: false }] }, "group"],
      ]);
      gate.open();
      await turn();
    });

  test("R19: a timeout around the group counts its own grace, the group its own", async () => {
    const gate = new Gate();
    const error = await clock.run(() =>
      errorOf(
        timeout(
          100,
          ({ signal }) =>
            taskGroup((group) => void group.spawn(() => gate.promise, { name: "work" }), { signal, grace: 50 }),
          { name: "call" },
        ),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", layer: "timeout", timeout: 100 });
    expect(clock.now()).toBe(150);
    gate.open();
    await turn();
  });
});
