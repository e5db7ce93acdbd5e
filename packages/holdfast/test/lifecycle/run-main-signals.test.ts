/** What signals do to a program, and a standard output that nobody reads. */
import { CancelledError, sleep } from "holdfast";
import { type MainContext } from "holdfast/lifecycle";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";
import { flushed, start } from "./run-main-process.ts";

const clock = useFakeClock();

describe("a signal", () => {
  test("STOPPING-1: aborts stopping first, and signal after the drain, with one reason", async () => {
    const log: unknown[] = [];
    const { process, ended, codes } = start(async ({ stopping, signal }) => {
      await aborted(stopping);
      log.push([clock.now(), signal.aborted]);
      await aborted(signal);
      log.push([clock.now(), signal.reason === stopping.reason, signal.reason instanceof CancelledError]);
    });
    process.emit("SIGTERM");
    await clock.run(() => ended);
    expect(log).toEqual([
      [0, false],
      [10_000, true, true],
    ]);
    expect(codes).toEqual([143]);
  });

  test("aborts signal at once when nobody has looked at stopping", async () => {
    const { process, ended, codes } = start(({ signal }) => aborted(signal));
    process.emit("SIGINT");
    await ended;
    expect([clock.now(), codes]).toEqual([0, [130]]);
  });

  test("is the exit code although main returned in good order", async () => {
    const { process, ended, codes, handler } = start(({ stopping }) => aborted(stopping));
    process.emit("SIGTERM");
    await ended;
    expect([codes, handler.log]).toEqual([[143], [flushed]]);
  });

  test("is no failure of a main that was cut short by it, in a task or through stopping", async () => {
    const programs = [
      ({ sleep: pause }: MainContext) => pause(Infinity),
      ({ stopping }: MainContext) => sleep(Infinity, { signal: stopping }),
      ({ stopping, group }: MainContext) => void group.spawn(() => sleep(Infinity, { signal: stopping })),
      ({ group }: MainContext) => void group.spawn(({ sleep: pause }) => pause(Infinity)),
    ];
    for (const main of programs) {
      const { process, ended, codes, handler } = start(main);
      await turn();
      process.emit("SIGINT");
      await ended;
      expect([codes, handler.log]).toEqual([[130], [flushed]]);
    }
  });

  test("the second cancels now, without the rest of the drain", async () => {
    const { process, ended, codes } = start(async ({ stopping, signal }) => {
      await aborted(stopping);
      await aborted(signal);
    });
    process.emit("SIGINT");
    await clock.advanceBy(500);
    process.emit("SIGTERM");
    await ended;
    // The first one's: it is what asked.
    expect([clock.now(), codes]).toEqual([500, [130]]);
  });

  test("MAIN-3: the third exits at once, and nothing exits again", async () => {
    const gate = new Gate();
    const { process, ended, codes } = start(({ stopping }) => (stopping.aborted ? undefined : gate.promise));
    process.emit("SIGINT");
    process.emit("SIGINT");
    expect(codes).toEqual([]);
    process.emit("SIGINT");
    expect(codes).toEqual([130]);
    process.emit("SIGINT");
    gate.open();
    await ended;
    expect(codes).toEqual([130]);
  });

  test("STOPPING-2: leaves no timer behind when main ends before the drain", async () => {
    const { process, ended } = start(({ stopping }) => aborted(stopping));
    process.emit("SIGTERM");
    await ended;
    expect(clock.pending).toBe(0);
  });

  test("STOPPING-2: leaves no timer behind when it comes while reporters are flushed", async () => {
    const flushing = new Gate();
    const handler = { report: () => {}, flush: () => flushing.promise };
    const { process, ended } = start(({ stopping }) => void stopping, { handler });
    await turn();
    process.emit("SIGTERM");
    flushing.open();
    await ended;
    expect(clock.pending).toBe(0);
  });

  test("loses against a failure", async () => {
    const { process, ended, codes, handler } = start(async ({ signal }) => {
      await aborted(signal);
      throw new Error("rollback failed");
    });
    process.emit("SIGTERM");
    await ended;
    expect([codes, handler.log]).toEqual([[1], [["main", "main", new Error("rollback failed")], flushed]]);
  });
});

describe("PROCESS-2: a program's own listener", () => {
  test("keeps the say over a crash: it is reported, and main goes on", async () => {
    const gate = new Gate();
    const { process, ended, codes, handler } = start(() => gate.promise);
    const error = new Error("boom");
    const own: unknown[] = [];
    process.on("unhandledRejection", (thrown) => own.push(thrown));
    process.emit("unhandledRejection", error);
    await turn();
    expect([own, codes]).toEqual([[error], []]);
    gate.open();
    await ended;
    expect([codes, handler.log]).toEqual([[0], [["unhandledRejection", "main", error], flushed]]);
    expect(process.listened).toEqual(["unhandledRejection"]);
  });

  test("keeps the say over a closed standard output", async () => {
    const gate = new Gate();
    const { process, ended, codes } = start(() => gate.promise);
    process.stdout.on("error", () => {});
    process.stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    gate.open();
    await ended;
    expect(codes).toEqual([0]);
  });
});

describe("a standard output that nobody reads any more", () => {
  const broken = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });

  test("ends the program quietly, with the code of a broken pipe", async () => {
    const { process, ended, codes, handler } = start(({ sleep: pause }) => pause(Infinity));
    process.stdout.emit("error", broken);
    await ended;
    expect([codes, handler.log, process.stderr.written]).toEqual([[141], [flushed], ""]);
  });

  test("is no failure either when main has met it itself", async () => {
    const { process, ended, codes, handler } = start(async ({ signal }) => {
      await aborted(signal);
      throw broken;
    });
    process.stdout.emit("error", broken);
    await ended;
    expect([codes, handler.log]).toEqual([[141], [flushed]]);
  });

  test("is a failure for any other reason", async () => {
    const { process, ended, codes, handler } = start(({ signal }) => aborted(signal));
    const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    process.stdout.emit("error", full);
    await ended;
    expect([codes, handler.log]).toEqual([[1], [["uncaughtException", "main", full], flushed]]);
  });

  test("of standard error there is nobody to tell, and the program goes on", async () => {
    const gate = new Gate();
    const { process, ended, codes } = start(() => gate.promise);
    process.stderr.emit("error", broken);
    gate.open();
    await ended;
    expect(codes).toEqual([0]);
  });
});
