import { ErrorGroup, openTaskGroup, sleep as wait, taskGroup } from "holdfast";
import { type ErrorContext, errorHandler, type FlushResult, type Reporter } from "holdfast/lifecycle";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";
import { collector, failure, stderrOf, word } from "./error-handler-kit.ts";

const clock = useFakeClock();

/** No limit but those of outboxes. */
const unlimited = { rate: { perSecond: 1, burst: Infinity }, fingerprintRate: { perSecond: 1, burst: Infinity } };

describe("a reporter", () => {
  test("HANDLER-3: that takes no summaries hears with the next report what was kept back before a flush", async () => {
    const told: number[] = [];
    const reporter: Reporter = { name: "plain", report: ({ suppressed }) => void told.push(suppressed) };
    const handler = errorHandler({ reporters: [reporter], fingerprintRate: { perSecond: 1, burst: 1 } });
    for (let count = 0; count < 10; count++) handler.report(failure("x"));
    await clock.run(() => handler.flush());
    expect(handler.stats().fingerprints.map(({ suppressed }) => suppressed)).toEqual([9]);
    await clock.run(() => wait(1_000));
    handler.report(failure("x"));
    expect(told).toEqual([0, 9]);
  });

  test("OUTBOX-1: that never returns is given a hundred records and no more, and nobody else has fewer", () => {
    const reporter = collector();
    let calls = 0;
    const stuck: Reporter = { name: "stuck", report: () => new Promise(() => void calls++) };
    const handler = errorHandler({ reporters: [stuck, reporter], ...unlimited });
    for (let index = 0; index < 1000; index++) handler.report(failure(word(index)));
    expect([calls, reporter.records.length, handler.stats().total]).toEqual([100, 1000, 1000]);
    expect(handler.stats().reporters).toEqual([
      { name: "stuck", delivered: 0, failed: 0, dropped: 900, pending: 100 },
      { name: "collector", delivered: 1000, failed: 0, dropped: 0, pending: 0 },
    ]);
  });

  test("OUTBOX-1: that was behind is given records again when it has caught up", async () => {
    const gate = new Gate();
    const handler = errorHandler({ reporters: [{ name: "slow", report: () => gate.promise }], ...unlimited });
    for (let index = 0; index < 101; index++) handler.report(failure(word(index)));
    gate.open();
    await clock.runCurrent();
    handler.report(failure("later"));
    await clock.runCurrent();
    expect(handler.stats().reporters).toEqual([{ name: "slow", delivered: 101, failed: 0, dropped: 1, pending: 0 }]);
  });

  test("OUTBOX-1: that fails all the time complains once a minute", async () => {
    const handler = errorHandler({
      reporters: [{ name: "down", report: () => Promise.reject(new Error("no route\nto host")) }],
      ...unlimited,
    });
    const text = await stderrOf(async () => {
      for (let second = 0; second < 90; second++) {
        handler.report(failure(word(second)));
        await clock.advanceBy(1000);
      }
    });
    const complaints = text.split("\n").filter((line) => line.startsWith("holdfast: "));
    expect(complaints.length).toBe(2);
    expect(text.split("\n").length).toBe(3);
    expect(complaints[0]).toBe('holdfast: error handler: reporter "down" failed: no route\\nto host');
    expect(handler.stats().reporters).toEqual([{ name: "down", delivered: 0, failed: 90, dropped: 0, pending: 0 }]);
  });

  test("OUTBOX-1: may return a thenable that throws, or calls back twice", async () => {
    const returned = [
      {
        // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
        then: () => {
          throw new Error("thrown");
        },
      },
      {
        // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
        then: (resolve: () => void, reject: (error: unknown) => void) => {
          resolve();
          reject(new Error("twice"));
        },
      },
    ];
    const handler = errorHandler({ reporters: [{ name: "odd", report: () => returned.shift() }] });
    const text = await stderrOf(async () => {
      handler.report(failure("a"));
      handler.report(failure("b"));
      await clock.runCurrent();
    });
    expect(handler.stats().reporters).toEqual([{ name: "odd", delivered: 1, failed: 1, dropped: 0, pending: 0 }]);
    expect(text).toBe('holdfast: error handler: reporter "odd" failed: thrown\n');
  });

  test("is told of every error by count, whatever the limits and the silent kinds are", () => {
    const counted: unknown[] = [];
    const handler = errorHandler({
      reporters: [{ ...collector(), count: ({ kind, message }) => void counted.push([kind, message]) }],
      fingerprintRate: { perSecond: 1, burst: 1 },
    });
    const stop = new DOMException("stop", "AbortError");
    for (const error of [failure("a 1"), failure("a 2"), stop, stop]) handler.report(error);
    expect(counted).toEqual([
      ["defect", "a 1"],
      ["defect", "a 2"],
      ["cancelled", "stop"],
    ]);
  });
});

describe("flush", () => {
  test("OUTBOX-2: waits for what is under way, then for the reporter's own flush, with the time that is left", async () => {
    const log: unknown[] = [];
    const gate = new Gate();
    const handler = errorHandler({
      reporters: [
        {
          name: "slow",
          report: () => gate.promise,
          flush: (limit) => void log.push(["flush", limit]),
        },
      ],
    });
    handler.report(failure("x"));
    const flushing = handler.flush(500).then((result) => log.push(result));
    await clock.advanceBy(200);
    expect(log).toEqual([]);
    gate.open();
    await flushing;
    expect(log).toEqual([["flush", 300], { complete: true, unfinished: [] }]);
  });

  test("OUTBOX-2: takes no longer than its limit, whatever does not return, and names it", async () => {
    const flush = (name: string, reporter: Partial<Reporter>): Promise<FlushResult> => {
      const handler = errorHandler({ reporters: [collector(), { name, report: () => {}, ...reporter }] });
      handler.report(failure("x"));
      return clock.run(() => handler.flush(50));
    };
    const never = (): Promise<never> => new Promise(() => {});
    const results = [await flush("stuck report", { report: never }), await flush("stuck flush", { flush: never })];
    expect(results).toEqual([
      { complete: false, unfinished: ["stuck report"] },
      { complete: false, unfinished: ["stuck flush"] },
    ]);
    expect(clock.now()).toBe(100);
  });

  test("OUTBOX-2: does not reject for a flush that throws, rejects, or rejects when nobody waits any more", async () => {
    const late = new Gate();
    const fail = (text: string): Error => new Error(text);
    const reporters: Reporter[] = [
      {
        name: "thrower",
        report: () => {},
        flush: () => {
          throw fail("thrown");
        },
      },
      { name: "rejecter", report: () => {}, flush: () => Promise.reject(fail("rejected")) },
      { name: "late", report: () => {}, flush: () => late.promise },
    ];
    const handler = errorHandler({ reporters });
    const results: unknown[] = [];
    const text = await stderrOf(async () => {
      results.push(await clock.run(() => handler.flush(50)));
      late.fail(fail("late"));
      await clock.runCurrent();
    });
    expect(results).toEqual([{ complete: false, unfinished: ["thrower", "rejecter", "late"] }]);
    expect(handler.stats().reporters.map(({ name, failed }) => [name, failed])).toEqual([
      ["thrower", 1],
      ["rejecter", 1],
      ["late", 1],
    ]);
    expect(text.split("\n").toSorted()).toEqual([
      "",
      'holdfast: error handler: reporter "late" failed: late',
      'holdfast: error handler: reporter "rejecter" failed: rejected',
      'holdfast: error handler: reporter "thrower" failed: thrown',
    ]);
  });

  test("OUTBOX-2: with a limit of 0 does not wait, and says whether all was there", async () => {
    const handler = errorHandler({ reporters: [collector(), { name: "stuck", report: () => new Promise(() => {}) }] });
    const before = await handler.flush(0);
    handler.report(failure("x"));
    expect([before, await handler.flush(0)]).toEqual([
      { complete: true, unfinished: [] },
      { complete: false, unfinished: ["stuck"] },
    ]);
  });

  test("R23: rejects for a limit that can't be", async () => {
    const { flush } = errorHandler({ reporters: [] });
    expect(
      [await errorOf(flush(-1)), await errorOf(flush(Number.NaN))].map((error) => error instanceof RangeError),
    ).toEqual([true, true]);
  });
});

describe("context", () => {
  test("goes into groups and their tasks, also when calls run side by side", async () => {
    const reporter = collector();
    const { run } = errorHandler({ reporters: [reporter] });
    const request = (id: string): Promise<unknown> =>
      run(
        () =>
          taskGroup((group) => {
            group.spawn(
              async ({ sleep }) => {
                await sleep(5);
                await run(() => Promise.reject(failure(`${id} query`)), { query: 1 });
                throw failure(`${id} task`);
              },
              { name: "load" },
            );
          }),
        { request: id },
      );
    await clock.run(() => Promise.all([request("a"), request("b")]));
    expect(reporter.records.map(({ message, context }) => [message, context["request"], context["query"]])).toEqual([
      ["a query", "a", 1],
      ["b query", "b", 1],
      ["a task", "a", undefined],
      ["b task", "b", undefined],
    ]);
  });

  test("of what a group reports by onTaskError is that of the spawn where tasks wait for a place", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    const group = openTaskGroup({ onTaskError: handler.report, concurrency: 1 });
    const spawn = (id: string): Promise<unknown> =>
      handler.run(
        () =>
          void group.spawn(
            async ({ sleep }) => {
              await sleep(5);
              handler.report(failure(id));
            },
            { name: id },
          ),
        { request: id },
      );
    await clock.run(async () => {
      await Promise.all([spawn("a"), spawn("b"), spawn("c")]);
      await group.close();
    });
    expect(reporter.records.map(({ message, context }) => [message, context["request"]])).toEqual([
      ["a", "a"],
      ["b", "b"],
      ["c", "c"],
    ]);
  });
});

describe("context", () => {
  test("that can't be read is left out, and the error is counted and reported all the same", async () => {
    const reporter = collector();
    const hostile = (): ErrorContext =>
      Object.defineProperty<ErrorContext>({}, "user", {
        enumerable: true,
        get: () => {
          throw new Error("no");
        },
      });
    const text = await stderrOf(() => {
      errorHandler({ reporters: [reporter] }).report(failure("x"), hostile());
      errorHandler({ reporters: [reporter], context: hostile }).report(failure("y"), { user: 5 });
    });
    expect(reporter.records.map(({ message, context }) => [message, context])).toEqual([
      ["x", {}],
      ["y", { user: 5 }],
    ]);
    expect(text).toBe("holdfast: error handler: context failed: no\n".repeat(2));
  });
});

describe("groups", () => {
  test("HANDLER-2: are entered however deep they are", () => {
    const handler = errorHandler({ reporters: [] });
    let error: Error = failure("deep");
    for (let depth = 0; depth < 50_000; depth++) error = new AggregateError([error]);
    handler.report(error);
    expect(handler.stats().byType).toEqual({ Error: 1 });
  });

  test("HANDLER-2: are counted by their leaves, each with its own task, code and fingerprint", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            for (const name of ["users", "orders"])
              group.spawn(() => Promise.reject(Object.assign(failure(`${name} failed`), { code: `E_${name}` })), {
                name,
              });
          },
          { stopOnError: false },
        ),
      ),
    );
    expect(error).toBeInstanceOf(ErrorGroup);
    handler.report(error);
    const { total, byTask, byCode, byType, reported } = handler.stats();
    expect({ total, byTask, byCode, byType, reported }).toEqual({
      total: 2,
      byTask: { users: 1, orders: 1 },
      byCode: { E_users: 1, E_orders: 1 },
      byType: { Error: 2 },
      reported: 1,
    });
    expect(reporter.records.map((record) => [record.error, record.leaves.map(({ task }) => task)])).toEqual([
      [error, ["users", "orders"]],
    ]);
  });

  test("HANDLER-2: of more than a hundred errors are counted in full, and a report holds the first hundred", () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    handler.report(new ErrorGroup(Array.from({ length: 150 }, (_, index) => failure(word(index)))));
    expect([handler.stats().total, reporter.records.map(({ leaves }) => leaves.length)]).toEqual([150, [100]]);
  });
});
