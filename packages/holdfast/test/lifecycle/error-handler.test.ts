import { EventEmitter } from "node:events";
import { CancelledError, ErrorGroup, retry, sleep, taskGroup, TimeoutError } from "holdfast";
import { errorHandler } from "holdfast/lifecycle";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { collector, failure, stderrOf, word } from "./error-handler-kit.ts";

const clock = useFakeClock();

describe("run", () => {
  test("gives a value as a Result and reports nothing", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    expect(await handler.run(() => Promise.resolve(5))).toEqual({ ok: true, value: 5 });
    expect([reporter.records, handler.stats().total]).toEqual([[], 0]);
  });

  test("gives an error as a Result, the same object, and reports it with the name of the function and the context", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    const error = failure("no such user 5");
    const result = await handler.run(
      async function loadUser() {
        throw error;
      },
      { user: 5 },
    );
    expect(result).toEqual({ ok: false, error });
    expect(reporter.records).toEqual([
      {
        error,
        kind: "defect",
        type: "Error",
        code: undefined,
        message: "no such user 5",
        task: "loadUser",
        fingerprint: "Error||no such user #|load app.ts",
        leaves: [
          {
            error,
            kind: "defect",
            type: "Error",
            code: undefined,
            message: "no such user 5",
            task: "loadUser",
            fingerprint: "Error||no such user #|load app.ts",
          },
        ],
        tasks: [],
        attempts: 1,
        context: { user: 5, task: "loadUser" },
        time: clock.wallTime(),
        firstSeen: clock.wallTime(),
        count: 1,
        suppressed: 0,
      },
    ]);
  });

  test("gives the function a context with its signal, and rejects with the reason of an abort that cut it short", async () => {
    const handler = errorHandler({ reporters: [] });
    const controller = new AbortController();
    const reason = new Error("stop");
    const running = handler.run(({ signal }) => sleep(1000, { signal }), { signal: controller.signal });
    controller.abort(reason);
    expect(await errorOf(running)).toBe(reason);
    // Whatever was made the reason: it is what the caller wanted, and nobody has to repair anything.
    expect(handler.stats().byKind).toEqual({ defect: 0, timeout: 0, expected: 0, cancelled: 1 });
  });

  test("counts a cancellation by nobody's signal, and gives it as a Result", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    const error = new CancelledError("stopped", "cancel", "g");
    expect(await handler.run(() => Promise.reject(error))).toEqual({ ok: false, error });
    expect([handler.stats().byKind, reporter.records]).toEqual([
      { defect: 0, timeout: 0, expected: 0, cancelled: 1 },
      [],
    ]);
  });

  test("R23: rejects for what is no function", async () => {
    const handler = errorHandler({ reporters: [] });
    // Holds not: that is the mistake.
    const mistake = Promise.resolve(1) as unknown as () => Promise<number>;
    expect(await errorOf(handler.run(mistake))).toBeInstanceOf(TypeError);
  });

  test("passes its context on to all that is reported inside, the inner one first", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter], context: () => ({ host: "a", user: 0 }) });
    await handler.run(
      async () => {
        await Promise.resolve();
        await handler.run(() => Promise.reject(failure("inner")), { user: 2 });
        handler.report(failure("middle"));
      },
      { request: "r1", user: 1, task: "GET" },
    );
    handler.report(failure("outside"));
    expect(reporter.records.map(({ context }) => context)).toEqual([
      { host: "a", request: "r1", user: 2, task: "GET" },
      { host: "a", request: "r1", user: 1, task: "GET" },
      { host: "a", user: 0 },
    ]);
  });

  test("keeps its context to itself when told to", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter], asyncContext: false });
    await handler.run(
      async () => {
        handler.report(failure("inner"));
        throw failure("own");
      },
      { user: 1 },
    );
    expect(reporter.records.map(({ context }) => context)).toEqual([{}, { user: 1, task: undefined }]);
  });
});

describe("wrap", () => {
  test("gives a function that keeps this and arguments, and never rejects", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    const counter = {
      step: 2,
      add: handler.wrap(function add(this: { step: number }, to: number) {
        if (to > 5) throw failure("too much");
        return to + this.step;
      }),
    };
    expect(await counter.add(3)).toEqual({ ok: true, value: 5 });
    expect(await counter.add(6)).toEqual({ ok: false, error: reporter.records[0]?.error });
    expect(reporter.records.map(({ task }) => task)).toEqual(["add"]);
  });
});

describe("listener", () => {
  test("gives a function that keeps this and arguments, returns nothing, and reports what is thrown", async () => {
    const reporter = collector();
    const { listener } = errorHandler({ reporters: [reporter] });
    const seen: unknown[] = [];
    const emitter = new EventEmitter();
    emitter.on(
      "data",
      listener(
        async function save(this: EventEmitter, text: string) {
          seen.push(this === emitter, text);
          await sleep(1);
          throw failure("disk full");
        },
        { request: "r1" },
      ),
    );
    seen.push(emitter.listeners("data")[0]?.call(emitter, "a"));
    await clock.run(() => sleep(2));
    expect(seen).toEqual([true, "a", undefined]);
    expect(reporter.records.map(({ task, message, context }) => [task, message, context["request"]])).toEqual([
      ["save", "disk full", "r1"],
    ]);
  });

  test("takes a function", () => {
    // As a caller without types would write it.
    expect(() => errorHandler({ reporters: [] }).listener(5 as never)).toThrow(
      new TypeError("errorHandler: listener takes a function, got 5 (number)"),
    );
  });
});

describe("report", () => {
  test("HANDLER-1: survives whatever is reported, and whatever reporters and hooks do", async () => {
    const reporter = collector();
    const bad = (): never => {
      throw new Error("hook");
    };
    const handler = errorHandler({
      reporters: [
        { name: "thrower", report: bad, count: bad },
        { name: "rejecter", report: () => Promise.reject(new Error("down")) },
        { name: "stuck", report: () => new Promise(() => {}) },
        reporter,
      ],
      classify: [[bad, "expected"]],
      fingerprint: bad,
      context: bad,
    });
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const text = await stderrOf(async () => {
      for (const error of ["text", null, undefined, revoked.proxy, Object.create(null), failure("x")])
        handler.report(error);
      await clock.runCurrent();
    });
    expect(reporter.records.map(({ type, message }) => [type, message])).toEqual([
      ["string", "text"],
      ["null", "null"],
      ["undefined", "undefined"],
      ["object", "a value that can't be read"],
      ["object", "a value that can't be read"],
      ["Error", "x"],
    ]);
    expect(handler.stats().reporters).toEqual([
      { name: "thrower", delivered: 0, failed: 12, dropped: 0, pending: 0 },
      { name: "rejecter", delivered: 0, failed: 6, dropped: 0, pending: 0 },
      { name: "stuck", delivered: 0, failed: 0, dropped: 0, pending: 6 },
      { name: "collector", delivered: 6, failed: 0, dropped: 0, pending: 0 },
    ]);
    // Each says so once, however often it fails.
    expect(text.split("\n").toSorted()).toEqual([
      "",
      "holdfast: error handler: classify failed: hook",
      "holdfast: error handler: context failed: hook",
      "holdfast: error handler: fingerprint failed: hook",
      'holdfast: error handler: reporter "rejecter" failed: down',
      'holdfast: error handler: reporter "thrower" failed: hook',
    ]);
  });

  test("HANDLER-1: a reporter that reports an error of its own is no endless loop", () => {
    const handler = errorHandler({
      reporters: [{ name: "recursive", report: () => handler.report(new Error("again")) }],
    });
    handler.report(failure("first"));
    const { total, reported, suppressed } = handler.stats();
    expect({ total, reported, suppressed }).toEqual({ total: 2, reported: 1, suppressed: 1 });
  });

  test("HANDLER-2: counts an object once, and equal primitives each", () => {
    const handler = errorHandler({ reporters: [] });
    const error = failure("x");
    handler.report(error);
    handler.report(error);
    handler.report(new ErrorGroup([error, failure("y")]));
    handler.report("text");
    handler.report("text");
    const { total, repeated } = handler.stats();
    expect({ total, repeated }).toEqual({ total: 4, repeated: 2 });
  });

  test("HANDLER-2: counts a group by its leaves, and reports it once, as its worst", () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    const defect = failure("bug");
    const refused = Object.assign(failure("refused"), { code: "ECONNREFUSED" });
    const group = new ErrorGroup([refused, new ErrorGroup([defect, new TimeoutError("call", 5, "timeout")])]);
    handler.report(group);
    expect(handler.stats().byKind).toEqual({ defect: 1, timeout: 1, expected: 1, cancelled: 0 });
    expect(
      reporter.records.map(({ error, kind, leaves }) => [error === group, kind, leaves.map((leaf) => leaf.message)]),
    ).toEqual([[true, "defect", ["bug", "call timed out after 5 ms", "refused"]]]);
  });

  test("HANDLER-2: a group that contains itself, or nothing, is an error all the same", () => {
    const handler = errorHandler({ reporters: [] });
    const loop = new AggregateError([], "loop");
    loop.errors.push(loop);
    handler.report(loop);
    handler.report(new ErrorGroup([]));
    expect(handler.stats().byType).toEqual({ AggregateError: 1, ErrorGroup: 1 });
  });

  test("takes the task from the error, an item's and a cleanup's too, and what the group failed for errors of its body", async () => {
    const handler = errorHandler({ reporters: [] });
    const error = await errorOf(
      taskGroup(
        async (outer) => {
          outer.spawn(({ signal }) => taskGroup(() => Promise.reject(failure("body")), { signal }), {
            name: "request",
          });
          outer.spawn(() => Promise.reject(failure("task")), { name: "poll" });
          outer.defer(() => Promise.reject(failure("cleanup")));
        },
        { name: "server", stopOnError: false },
      ),
    );
    handler.report(error);
    expect({ ...handler.stats().byTask }).toEqual({ request: 1, poll: 1, "cleanup of server": 1 });
  });

  test("serves as a group's onTaskError as it is, and as a promise's catch", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    await taskGroup((group) => void group.spawn(() => Promise.reject(failure("x")), { name: "request" }), {
      onTaskError: handler.report,
    });
    await Promise.reject(failure("y")).catch(handler.report);
    expect(reporter.records.map(({ task, context }) => [task, context])).toEqual([
      ["request", { task: "request" }],
      [undefined, {}],
    ]);
  });

  test("says how many attempts an error took", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    handler.report(await clock.run(() => errorOf(retry(() => Promise.reject(failure("down")), { retries: 2 }))));
    expect(reporter.records.map(({ attempts }) => attempts)).toEqual([3]);
  });
});

describe("limits", () => {
  test("HANDLER-3: of a fingerprint so many are reported at once and so many a second, and the next says how many were not", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter], fingerprintRate: { perSecond: 1, burst: 2 } });
    for (let index = 0; index < 10; index++) handler.report(failure("same"));
    for (let second = 0; second < 2; second++) {
      await clock.advanceBy(1000);
      handler.report(failure("same"));
    }
    expect(reporter.records.map(({ count, suppressed }) => [count, suppressed])).toEqual([
      [1, 0],
      [2, 0],
      [11, 8],
      [12, 0],
    ]);
    const { total, reported, suppressed } = handler.stats();
    expect({ total, reported, suppressed }).toEqual({ total: 12, reported: 4, suppressed: 8 });
  });

  test("HANDLER-3: in total too, whatever the fingerprints", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter], rate: { perSecond: 10, burst: 5 } });
    for (let index = 0; index < 100; index++) handler.report(failure(word(index)));
    expect(reporter.records.length).toBe(5);
    await clock.advanceBy(300);
    for (let index = 100; index < 200; index++) handler.report(failure(word(index)));
    expect(reporter.records.length).toBe(8);
  });

  test("HANDLER-3: a quiet time saves up no more than a burst", async () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter], fingerprintRate: { perSecond: 1, burst: 2 } });
    for (let hour = 0; hour < 2; hour++) {
      for (let index = 0; index < 5; index++) handler.report(failure("same"));
      await clock.advanceBy(3_600_000);
    }
    expect(reporter.records.map(({ count }) => count)).toEqual([1, 2, 6, 7]);
  });

  test("HANDLER-3: a group is reported when any of its errors is due", () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter], fingerprintRate: { perSecond: 1, burst: 1 } });
    handler.report(failure("known"));
    handler.report(new ErrorGroup([failure("known"), failure("new")]));
    handler.report(new ErrorGroup([failure("known"), failure("new")]));
    expect(reporter.records.map(({ message, leaves }) => [message, leaves.length])).toEqual([
      ["known", 1],
      ["new", 2],
    ]);
  });

  test("HANDLER-3: a flush says what nobody has been told, once", async () => {
    const reporter = collector();
    const handler = errorHandler({
      reporters: [reporter],
      fingerprintRate: { perSecond: 1, burst: 1 },
      maxFingerprints: 2,
    });
    for (const message of ["a", "b", "b", "b", "c", "c", "d"]) handler.report(failure(message));
    await clock.run(() => handler.flush());
    await clock.run(() => handler.flush());
    expect(reporter.summaries).toEqual([
      { suppressed: 3, fingerprints: [{ fingerprint: "Error||c|load app.ts", suppressed: 1 }] },
    ]);
  });

  test("R23: that can't be are refused", () => {
    expect(() => errorHandler({ rate: { perSecond: 0, burst: 1 } })).toThrow(RangeError);
    expect(() => errorHandler({ fingerprintRate: { perSecond: 1, burst: 0 } })).toThrow(RangeError);
    expect(() => errorHandler({ maxFingerprints: 0 })).toThrow(RangeError);
  });
});
