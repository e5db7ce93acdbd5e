/** What main is given, and how a program ends, in a process that the test owns. What only a real one shows is in test/programs. */
import { isCancellation, sleep, taskGroup } from "holdfast";
import { runMain } from "holdfast/lifecycle";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";
import { FakeProcess, flushed, start } from "./run-main-process.ts";

const clock = useFakeClock();

describe("runMain", () => {
  test("calls main at once, in a task group, under the name of the function", async () => {
    let seen: unknown;
    const { ended, codes, handler } = start(function importUsers({ name, group, cancelled, deadline, timeLeft }) {
      seen = [name, group.name, cancelled, deadline, timeLeft];
    });
    expect(seen).toEqual(["importUsers", "importUsers", false, Infinity, Infinity]);
    await ended;
    expect([codes, handler.log]).toEqual([[0], [flushed]]);
  });

  test("waits for all that main has spawned", async () => {
    const log: string[] = [];
    const { ended } = start(({ group }) => {
      group.spawn(({ sleep: pause }) => pause(60_000).then(() => log.push("task")));
      group.defer(() => void log.push("cleanup"));
    });
    await clock.run(() => ended);
    expect([log, clock.now()]).toEqual([["task", "cleanup"], 60_000]);
  });

  test("has a timer that holds the process while main waits for something that holds none", async () => {
    const gate = new Gate();
    const { ended } = start(() => gate.promise);
    await turn();
    expect(clock.pending).toBe(1);
    gate.open();
    await ended;
    expect(clock.pending).toBe(0);
  });

  test("MAIN-1, PROCESS-1: listens to the process while main runs, and to nothing before and after", async () => {
    const process = new FakeProcess();
    const before = process.listened;
    const gate = new Gate();
    const ended = runMain(() => gate.promise, { process: process.host, exit: () => {} });
    const during = process.listened;
    gate.open();
    await ended;
    expect([before, during, process.listened]).toEqual([
      [],
      ["SIGINT", "SIGTERM", "unhandledRejection", "uncaughtException", "error", "error"],
      [],
    ]);
  });

  test("listens to the signals that it is given, and to no other", async () => {
    const { process, ended, codes } = start(({ signal }) => aborted(signal), { signals: ["SIGHUP", "SIGHUP"] });
    expect(process.listened).toEqual(["SIGHUP", "unhandledRejection", "uncaughtException", "error", "error"]);
    process.emit("SIGHUP");
    await ended;
    expect(codes).toEqual([129]);
  });

  test("its context can be destructured, and passed on whole as options", async () => {
    let reason: unknown;
    const { process, ended } = start(async (context) => {
      const { throwIfCancelled, sleep: pause } = context;
      throwIfCancelled();
      await pause(1);
      reason = await errorOf(taskGroup(() => sleep(60_000, context), context));
    });
    await clock.advanceBy(1);
    process.emit("SIGTERM");
    await ended;
    expect(reason).toMatchObject({ name: "AbortError", message: "main was stopped by SIGTERM", by: "SIGTERM" });
  });
});

describe("the end", () => {
  test("waits for a standard stream that is slow", async () => {
    const { process, ended, codes } = start(() => {});
    process.stdout.writableLength = 1;
    await turn();
    expect(codes).toEqual([]);
    for (const written of process.stdout.callbacks) written();
    await ended;
    expect([codes, clock.now(), clock.pending]).toEqual([[0], 0, 0]);
  });

  test("is the process's own after 0: it is not made to exit, and what holds it is named after the grace", async () => {
    const process = new FakeProcess();
    process.resources = ["PipeWrap", "Timeout", "TCPServerWrap"];
    await runMain(() => {}, { process: process.host });
    expect([process.exits, clock.pending]).toEqual([[], 0]);
    await clock.advanceBy(5_000);
    expect([process.exits, process.stderr.written]).toEqual([
      [1],
      "holdfast: main has returned; 5.0 s later the process is still held by Timeout, TCPServerWrap; end what it has started, or wait for it in main\n",
    ]);
  });

  test("is never forced after 0 with a grace of Infinity", async () => {
    const process = new FakeProcess();
    await runMain(() => {}, { process: process.host, grace: Infinity });
    await clock.advanceBy(2 ** 32);
    expect(process.exits).toEqual([]);
  });

  test("is by process.exit after a failure", async () => {
    const process = new FakeProcess();
    await runMain(() => Promise.reject(new Error("boom")), { process: process.host });
    expect(process.exits).toEqual([1]);
  });
});

describe("the shutdown of a program", () => {
  test("runs with the first signal, once, and the drain lasts as long as it may", async () => {
    const log: unknown[] = [];
    const gate = new Gate();
    const shutdown = {
      timeout: 20_000,
      run: ({ signal }: { readonly signal: AbortSignal }) => {
        log.push(["run", clock.now(), signal.aborted]);
        return gate.promise;
      },
    };
    const { process, ended, codes } = start(({ signal }) => aborted(signal), { shutdown });
    await clock.advanceBy(5);
    process.emit("SIGTERM");
    await clock.advanceBy(20_999);
    expect([log, codes]).toEqual([[["run", 5, false]], []]);
    await clock.advanceBy(1);
    gate.open();
    await ended;
    expect([log, codes]).toEqual([
      [
        ["run", 5, false],
        ["run", 21_005, true],
      ],
      [143],
    ]);
  });

  test("runs when main has ended without a signal, and its failure is the program's", async () => {
    const stuck = new Error("stuck");
    const shutdown = { timeout: 20_000, run: () => Promise.reject(stuck) };
    const { ended, codes, handler } = start(() => {}, { shutdown });
    await ended;
    expect([codes, handler.log]).toEqual([[1], [["main", "main", stuck], flushed]]);
  });
});

describe("a caller's mistake is a rejection that names the option", () => {
  const cases: readonly [string, unknown, object, string][] = [
    ["no function", 1, {}, "runMain takes a function, got 1 (number)"],
    [
      "a negative grace",
      () => {},
      { grace: -1 },
      "runMain: grace must be a number of milliseconds >= 0 or Infinity, got -1 (number)",
    ],
    [
      "a drain of NaN",
      () => {},
      { drain: NaN },
      "runMain: drain must be a number of milliseconds >= 0 or Infinity, got NaN (number)",
    ],
    [
      "a handler without flush",
      () => {},
      { handler: { report() {} } },
      "runMain: handler.flush takes a function, got undefined",
    ],
    [
      "a shutdown that can't run",
      () => {},
      { shutdown: { timeout: 1 } },
      "runMain: shutdown.run takes a function, got undefined",
    ],
    ["an exit that is a code", () => {}, { exit: 1 }, "runMain: exit takes a function, got 1 (number)"],
    [
      "an unknown signal",
      () => {},
      { signals: ["SIGFOO"] },
      'runMain: signals must be names of signals that this system has, like "SIGTERM", got "SIGFOO"',
    ],
  ];
  for (const [what, main, options, message] of cases)
    test(what, async () => {
      // Holds: what is wrong is wrong on purpose.
      const error = await errorOf(runMain(main as never, options));
      expect([error instanceof TypeError || error instanceof RangeError, (error as Error).message]).toEqual([
        true,
        message,
      ]);
    });
});

test("isCancellation tells that main was stopped", async () => {
  let told: unknown;
  const { process, ended } = start(async ({ signal, sleep: pause }) => {
    told = isCancellation(await errorOf(pause(Infinity)), signal);
  });
  await turn();
  process.emit("SIGTERM");
  await ended;
  expect(told).toBe(true);
});
