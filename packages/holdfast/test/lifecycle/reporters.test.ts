import { ErrorGroup } from "holdfast";
import {
  errorHandler,
  type ErrorKind,
  type OtelApi,
  openTelemetryReporter,
  type OtelSpan,
  pinoReporter,
  type SentryHint,
  sentryReporter,
} from "holdfast/lifecycle";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { coded, failure, reportTo, stderrOf } from "./error-handler-kit.ts";

const clock = useFakeClock();

/** One of each kind. */
const ofEachKind: readonly (readonly [ErrorKind, Error])[] = [
  ["defect", failure("bug")],
  ["timeout", coded("slow", "ETIMEDOUT")],
  ["expected", coded("refused", "ECONNREFUSED")],
  ["cancelled", new DOMException("stop", "AbortError")],
];

describe("pinoReporter", () => {
  type Line = readonly [level: string, message: string, data: object];
  const loggerTo = (lines: Line[]) => ({
    error: (data: object, message: string) => void lines.push(["error", message, data]),
    warn: (data: object, message: string) => void lines.push(["warn", message, data]),
    info: (data: object, message: string) => void lines.push(["info", message, data]),
  });

  test("logs each kind at its level, with the error itself for the serializer", () => {
    const lines: Line[] = [];
    reportTo(
      pinoReporter(loggerTo(lines)),
      ofEachKind.map(([, error]) => error),
    );
    expect(lines.map(([level, message, data]) => [level, message, Reflect.get(data, "err")])).toEqual([
      ["error", "bug", ofEachKind[0]?.[1]],
      ["error", "slow", ofEachKind[1]?.[1]],
      ["warn", "refused", ofEachKind[2]?.[1]],
      ["info", "stop", ofEachKind[3]?.[1]],
    ]);
  });

  test("logs context and facts side by side, and what is no Error as something that looks like one", () => {
    const lines: Line[] = [];
    reportTo(pinoReporter(loggerTo(lines)), ["text"], { user: 5, kind: "mine", task: "load" });
    expect(lines).toEqual([
      [
        "error",
        "text",
        {
          user: 5,
          kind: "defect",
          type: "string",
          code: undefined,
          task: "load",
          fingerprint: "string||text|",
          count: 1,
          firstSeen: "2026-01-01T00:00:00.000Z",
          suppressed: 0,
          attempts: 1,
          tasks: [],
          err: { type: "string", message: "text", stack: expect.any(String) },
        },
      ],
    ]);
  });

  test("OUTBOX-2: a flush waits for the logger's own, and says when that failed", async () => {
    const done: ((error?: Error) => void)[] = [];
    const handler = errorHandler({
      reporters: [pinoReporter({ ...loggerTo([]), flush: (callback) => void done.push(callback) })],
    });
    const first = handler.flush();
    await clock.runCurrent();
    done[0]?.();
    const second = handler.flush();
    await clock.runCurrent();
    const text = await stderrOf(async () => {
      done[1]?.(new Error("closed"));
      await second;
    });
    expect([await first, await second]).toEqual([
      { complete: true, unfinished: [] },
      { complete: false, unfinished: ["pino"] },
    ]);
    expect(text).toBe('holdfast: error handler: reporter "pino" failed: closed\n');
  });
});

describe("openTelemetryReporter", () => {
  /** Writes down what it is asked to do; `active` names the span that is active. */
  function telemetry(log: unknown[], active?: string): OtelApi {
    const span = (name: string): OtelSpan => ({
      recordException: ({ name: type, message }) => void log.push([name, "exception", type, message]),
      setStatus: ({ code, message }) => void log.push([name, "status", code, message]),
      setAttributes: (attributes) => void log.push([name, "attributes", attributes]),
      end: () => void log.push([name, "end"]),
    });
    return {
      trace: {
        getActiveSpan: () => (active === undefined ? undefined : span(active)),
        getTracer: (scope) => ({ startSpan: (name) => span(`${scope}/${name}`) }),
      },
    };
  }
  const attributes = (kind: ErrorKind, fingerprint: string): object => ({
    "holdfast.kind": kind,
    "holdfast.fingerprint": fingerprint,
    "holdfast.count": 1,
    "holdfast.suppressed": 0,
    "holdfast.attempts": 1,
  });

  test("puts every error of a report on the active span, which stays open, and sets its status", () => {
    const log: unknown[] = [];
    reportTo(openTelemetryReporter(telemetry(log, "GET /")), [new ErrorGroup([failure("a"), failure("b")])]);
    expect(log).toEqual([
      ["GET /", "exception", "Error", "a"],
      ["GET /", "exception", "Error", "b"],
      ["GET /", "status", 2, "a"],
      ["GET /", "attributes", attributes("defect", "Error||a|load app.ts")],
    ]);
  });

  test("makes a span of its own where none is active, and ends it; an expected error is no error status", () => {
    const log: unknown[] = [];
    reportTo(openTelemetryReporter(telemetry(log)), [coded("refused", "ECONNREFUSED")]);
    expect(log).toEqual([
      ["holdfast/expected: Error", "exception", "Error", "refused"],
      ["holdfast/expected: Error", "attributes", attributes("expected", "Error|ECONNREFUSED|refused|load app.ts")],
      ["holdfast/expected: Error", "end"],
    ]);
  });
});

describe("sentryReporter", () => {
  test("captures each error with the fingerprint of the statistics, level, tags and context", () => {
    const captured: unknown[] = [];
    const client = { captureException: (error: unknown, hint: SentryHint) => void captured.push([error, hint]) };
    const errors = ofEachKind.map(([, error]) => error);
    reportTo(sentryReporter(client), errors, { user: 5, task: "load" });
    const hint = (level: string, kind: ErrorKind, type: string, fingerprint: unknown, code?: string): object => ({
      level,
      fingerprint: [fingerprint],
      tags: { kind, type, task: "load", ...(code !== undefined && { code }) },
      extra: { user: 5, task: "load", count: 1, suppressed: 0, attempts: 1, tasks: [] },
    });
    expect(captured).toEqual([
      [errors[0], hint("error", "defect", "Error", "Error||bug|load app.ts")],
      [errors[1], hint("error", "timeout", "Error", "Error|ETIMEDOUT|slow|load app.ts", "ETIMEDOUT")],
      [errors[2], hint("warning", "expected", "Error", "Error|ECONNREFUSED|refused|load app.ts", "ECONNREFUSED")],
      [errors[3], hint("info", "cancelled", "AbortError", expect.stringMatching(/^AbortError\|20\|stop\|/u), "20")],
    ]);
  });

  test("OUTBOX-2: a flush gives the client its limit, and is not complete when the client says so", async () => {
    const limits: unknown[] = [];
    const answers = [true, false, true];
    const client = {
      captureException: () => {},
      flush: async (limit?: number) => {
        limits.push(limit);
        return answers.shift() === true;
      },
    };
    const handler = errorHandler({ reporters: [sentryReporter(client)] });
    const results: unknown[] = [];
    const text = await stderrOf(async () => {
      for (const limit of [500, undefined, Infinity]) results.push(await clock.run(() => handler.flush(limit)));
    });
    expect(results).toEqual([
      { complete: true, unfinished: [] },
      { complete: false, unfinished: ["sentry"] },
      { complete: true, unfinished: [] },
    ]);
    // Sentry waits for ever when it is told nothing, which is what Infinity says.
    expect(limits).toEqual([500, 2000, undefined]);
    expect(text).toBe('holdfast: error handler: reporter "sentry" failed: not everything was sent in time\n');
  });

  test("OUTBOX-2: waits on the statistics alone for a client that can't flush", async () => {
    const handler = errorHandler({ reporters: [sentryReporter({ captureException: () => new Gate().promise })] });
    handler.report(failure("x"));
    // What captureException returns is an id, never a promise to wait for.
    expect(await clock.run(() => handler.flush())).toEqual({ complete: true, unfinished: [] });
  });
});
