/** What becomes of what does not end. */
import { type Context, shield, taskGroup } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";
import { flushed, start } from "./run-main-process.ts";

const clock = useFakeClock();

describe("MAIN-4: what hangs is named and given up", () => {
  test("a task, after its grace, and the cleanups still run", async () => {
    const log: string[] = [];
    const { process, ended, codes } = start(({ group }) => {
      group.defer(() => void log.push("cleanup"));
      group.spawn(() => new Promise(() => {}), { name: "poll" });
    });
    await clock.advanceBy(100);
    process.emit("SIGTERM");
    await clock.run(() => ended);
    expect([clock.now(), codes, log]).toEqual([5_100, [143], ["cleanup"]]);
    expect(process.stderr.written.split(", spawned at")[0]).toBe(
      `holdfast: main was stopped by SIGTERM; 5.0 s later it still waits for\n  task "poll", running for 5.1 s, never looked at its signal; pass ({ signal }) on`,
    );
  });

  test("main itself, with where runMain was called", async () => {
    const { process, ended } = start(() => new Promise(() => {}));
    process.emit("SIGTERM");
    await clock.run(() => ended);
    expect(process.stderr.written).toMatch(
      /^holdfast: main was stopped by SIGTERM; 5\.0 s later it still waits for\n {2}task "main", .*, spawned at .*run-main-process\.ts:\d+:\d+\)?\n$/u,
    );
  });

  test("with all that runs below it, and what that waits for", async () => {
    const save = ({ sleep: pause }: Context): Promise<void> => pause(2_000);
    const writer = ({ signal }: Context): Promise<void> => shield(save, { signal, grace: 3_000 });
    const outer = ({ signal }: Context): Promise<unknown> =>
      taskGroup((group) => group.spawn(writer), { name: "inner", signal });
    const { process, ended, codes } = start(({ group }) => void group.spawn(outer), { grace: 1_000 });
    await turn();
    process.emit("SIGTERM");
    await clock.run(() => ended);
    expect([codes, process.stderr.written.replaceAll(/, spawned at .*/gu, "")]).toEqual([
      [143],
      `holdfast: main was stopped by SIGTERM; 1.0 s later it still waits for
  task "outer", running for 1.0 s
    group "inner"
      task "writer", running for 1.0 s
        save, waits for sleep
`,
    ]);
    await clock.advanceUntilIdle();
  });

  test("a cleanup that ignores its own grace, after twice the grace", async () => {
    const { process, ended, codes } = start(({ group }) => group.defer(() => new Promise<void>(() => {})), {
      grace: 1_000,
    });
    await clock.run(() => ended);
    expect([clock.now(), codes, process.stderr.written]).toEqual([
      2_000,
      [1],
      "holdfast: main has ended; 2.0 s later it still waits for\n  cleanup of main\n",
    ]);
  });

  test("a service that goes on when all else has ended, after the grace", async () => {
    const { ended, codes, handler } = start(
      ({ group }) => void group.spawnService(() => new Promise(() => {}), { name: "heartbeat" }),
      { grace: 1_000 },
    );
    await clock.run(() => ended);
    expect([clock.now(), codes]).toEqual([1_000, [1]]);
    expect(handler.log).toMatchObject([
      ["lateError", "main", { name: "TimeoutError", unresponsive: [{ task: "heartbeat", sawSignal: false }] }],
      ["flush", 1_000],
    ]);
  });

  test("with what had failed before, which is told all the same", async () => {
    const boom = new Error("boom");
    const { ended, codes, handler } = start(async ({ group }) => {
      group.defer(() => new Promise<void>(() => {}));
      throw boom;
    });
    await clock.run(() => ended);
    expect([codes, handler.log]).toEqual([[1], [["main", "main", boom], flushed]]);
  });

  test("each in one line, whatever its name", async () => {
    const { process, ended } = start(({ group }) => void group.spawn(() => new Promise(() => {}), { name: "a\nb" }), {
      name: "m\u001b\nn",
    });
    process.emit("SIGTERM");
    await clock.run(() => ended);
    expect(process.stderr.written.replaceAll(/, spawned at .*/gu, "")).toBe(
      `holdfast: m\\u{1b}\\nn was stopped by SIGTERM; 5.0 s later it still waits for
  task "a\\nb", running for 5.0 s, never looked at its signal; pass ({ signal }) on
`,
    );
  });

  test("a shutdown, a grace after it was told to hurry, with and without a signal", async () => {
    const shutdown = { timeout: 20_000, run: () => new Promise<void>(() => {}) };
    const told = "holdfast: main's shutdown still runs 5.0 s after it was told to hurry; it is given up\n";
    const ended = start(() => {}, { shutdown });
    await clock.run(() => ended.ended);
    expect([clock.now(), ended.codes, ended.process.stderr.written]).toEqual([26_000, [1], told]);
    const stopped = start(({ stopping }) => aborted(stopping), { shutdown });
    stopped.process.emit("SIGTERM");
    await clock.run(() => stopped.ended);
    expect([clock.now(), stopped.codes, stopped.process.stderr.written]).toEqual([52_000, [143], told]);
  });

  test("a reporter, after two seconds and a tenth", async () => {
    const { process, ended, codes } = start(() => {}, {
      handler: { report: () => {}, flush: () => new Promise<void>(() => {}) },
    });
    await clock.run(() => ended);
    expect([clock.now(), codes]).toEqual([2_100, [0]]);
    expect(process.stderr.written).toBe(
      "holdfast: handler.flush took longer than 2000 ms; what it has not sent is lost\n",
    );
  });

  test("a standard stream that takes no more, after the same time", async () => {
    const { process, ended, codes } = start(() => {});
    process.stdout.writableLength = 1;
    await clock.run(() => ended);
    expect([clock.now(), codes]).toEqual([2_000, [0]]);
  });
});
