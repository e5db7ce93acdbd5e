/** What becomes of a program's errors. */
import { CancelledError, ErrorGroup, onLateError, timeout } from "holdfast";
import { runMain } from "holdfast/lifecycle";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";
import { FakeProcess, flushed, start } from "./run-main-process.ts";

const clock = useFakeClock();

describe("MAIN-2: an error is told to the handler once, and makes the exit code 1", () => {
  const boom = new Error("boom");

  test("a single one as it is", async () => {
    const { ended, codes, handler } = start(() => Promise.reject(boom), { name: "import" });
    await ended;
    expect([codes, handler.log]).toEqual([[1], [["main", "import", boom], flushed]]);
  });

  test("a group without errors as it is", async () => {
    const empty = new ErrorGroup([]);
    const { ended, codes, handler } = start(() => Promise.reject(empty));
    await ended;
    expect([codes, handler.log]).toEqual([[1], [["main", "main", empty], flushed]]);
  });

  test("one that main throws before its first await", async () => {
    const { ended, codes, handler } = start(() => {
      throw boom;
    });
    await ended;
    expect([codes, handler.log]).toEqual([[1], [["main", "main", boom], flushed]]);
  });

  test("one that a shutdown throws, to main too, which waits for it", async () => {
    const other = new Error("other");
    for (const errors of [[boom], [boom, other], ["no object", boom]]) {
      const failed = Promise.reject(new ErrorGroup(errors));
      const shutdown = { timeout: 1, run: async () => await failed };
      const { ended, codes, handler } = start(({ group }) => group.spawn(() => failed).join(), { shutdown });
      await ended;
      const told = errors.length === 1 ? boom : expect.objectContaining({ errors });
      const again = errors.includes("no object") ? [["main", "main", told]] : [];
      expect([codes, handler.log]).toEqual([[1], [["main", "main", told], ...again, flushed]]);
    }
  });

  test("several in one group, without what only says that the others were cancelled", async () => {
    const other = new Error("other");
    const { ended, handler } = start(({ group }) => {
      group.spawn(() => Promise.reject(boom));
      group.spawn(({ signal }) => aborted(signal).then(() => Promise.reject(other)));
      group.spawn(({ sleep: pause }) => pause(Infinity));
    });
    await ended;
    const [[origin, task, error]] = handler.log as [[string, string, ErrorGroup]];
    expect([origin, task, error instanceof ErrorGroup, error.errors]).toEqual(["main", "main", true, [boom, other]]);
  });

  test("an unhandled rejection, and then main is cancelled", async () => {
    const { process, ended, codes, handler } = start(({ sleep: pause }) => pause(Infinity));
    process.emit("unhandledRejection", boom);
    await ended;
    expect([codes, handler.log]).toEqual([[1], [["unhandledRejection", "main", boom], flushed]]);
  });

  test("an uncaught exception, and then main is cancelled, for it", async () => {
    let reason: unknown;
    const { process, ended, codes, handler } = start(async ({ sleep: pause }) => {
      reason = await errorOf(pause(Infinity));
      throw boom;
    });
    process.emit("uncaughtException", boom);
    await ended;
    expect(reason).toMatchObject({ message: "main was stopped by an uncaught exception", cause: boom });
    expect([codes, handler.log]).toEqual([[1], [["uncaughtException", "main", boom], flushed]]);
  });

  test("a late error, which is no failure of main's", async () => {
    const gate = new Gate();
    const { ended, codes, handler } = start(async () => {
      await errorOf(
        timeout(10, function report() {
          return gate.promise;
        }),
      );
      gate.fail(boom);
      await turn();
    });
    await clock.run(() => ended);
    expect([codes, handler.log]).toEqual([[0], [["lateError", "report", boom], flushed]]);
  });

  test("no longer when the program is over: late errors are then told as everywhere", async () => {
    const gate = new Gate<never>();
    const { ended, handler } = start(() => timeout(1, () => gate.promise, { fallback: () => {} }));
    await clock.run(() => ended);
    const told: unknown[] = [];
    using _ = onLateError((error) => told.push(error));
    gate.fail(boom);
    await turn();
    expect([told, handler.log]).toEqual([[boom], [flushed]]);
  });

  test("but a rejection that nobody awaits and that only says that main was cancelled is none", async () => {
    const { process, ended, codes, handler } = start(async ({ signal }) => {
      await aborted(signal);
      process.emit("unhandledRejection", signal.reason);
      process.emit("unhandledRejection", new DOMException("what fetch says", "AbortError"));
    });
    process.emit("SIGTERM");
    await ended;
    expect([codes, handler.log]).toEqual([[143], [flushed]]);
  });

  test("a cancellation of something else is a failure", async () => {
    const { process, ended, codes, handler } = start(({ signal }) => aborted(signal));
    const foreign = new CancelledError("query was cancelled", "cancel", "query");
    process.emit("unhandledRejection", foreign);
    await ended;
    expect([codes, handler.log]).toEqual([[1], [["unhandledRejection", "main", foreign], flushed]]);
  });

  test("primitives are as many failures as there are", async () => {
    const { process, ended, handler } = start(({ signal }) => aborted(signal));
    process.emit("uncaughtException", "no");
    process.emit("uncaughtException", "no");
    await ended;
    expect(handler.log).toEqual([["uncaughtException", "main", "no"], ["uncaughtException", "main", "no"], flushed]);
  });
});

describe("the handler", () => {
  test("may throw: its error is printed, and so is the one that it was told", async () => {
    const { process, ended, codes } = start(() => Promise.reject(new Error("boom")), {
      handler: {
        report: () => {
          throw new Error("disk full");
        },
        flush: () => Promise.resolve(),
      },
    });
    await ended;
    expect(codes).toEqual([1]);
    expect(process.stderr.written).toContain("holdfast: main failed: Error: boom");
    expect(process.stderr.written).toContain("holdfast: handler.report failed: Error: disk full");
  });

  test("may fail to flush: that is printed, and changes no code", async () => {
    const { process, ended, codes } = start(() => {}, {
      handler: { report: () => {}, flush: () => Promise.reject(new Error("connection lost")) },
    });
    await ended;
    expect([codes, process.stderr.written.split("\n")[0]]).toEqual([
      [0],
      "holdfast: handler.flush failed: Error: connection lost",
    ]);
  });

  test("is by default one that prints to standard error", async () => {
    const process = new FakeProcess();
    await runMain(() => Promise.reject(new Error("boom")), { process: process.host, exit: () => {} });
    expect(process.stderr.written).toMatch(/^holdfast: main failed: Error: boom\n\s+at /u);
  });
});
