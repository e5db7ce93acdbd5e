/** The reporters of holdfast/lifecycle with what they are made for: pino, and the SDK of OpenTelemetry. */
import { AsyncLocalStorage } from "node:async_hooks";
import { Writable } from "node:stream";
import * as opentelemetry from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { ErrorGroup } from "holdfast";
import { errorHandler, openTelemetryReporter, pinoReporter } from "holdfast/lifecycle";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "../../packages/holdfast/test/harness.ts";

class QueryError extends Error {
  override readonly name = "QueryError";
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

describe("pino", () => {
  /** The lines that a handler's reports have become, parsed. */
  async function linesOf(
    report: (handler: ReturnType<typeof errorHandler>) => void,
  ): Promise<Record<string, unknown>[]> {
    let text = "";
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    });
    const log = pino({ base: null, timestamp: false }, stream);
    const handler = errorHandler({ reporters: [pinoReporter(log)], fingerprintRate: { perSecond: 1, burst: 1 } });
    report(handler);
    expect(await handler.flush()).toEqual({ complete: true, unfinished: [] });
    // Holds: pino writes an object a line.
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  test("logs an error with its serializer, causes included, and the context beside it", async () => {
    const error = new QueryError("no table users", "E_TABLE", { cause: new Error("disk full") });
    const [line, ...more] = await linesOf((handler) => handler.report(error, { request: "r1", task: "load" }));
    expect(more).toEqual([]);
    expect(line).toEqual({
      level: 50,
      msg: "no table users",
      request: "r1",
      task: "load",
      kind: "defect",
      type: "QueryError",
      code: "E_TABLE",
      fingerprint: expect.stringMatching(/^QueryError\|E_TABLE\|no table users\|.*reporters\.test\.ts/u),
      firstSeen: expect.stringMatching(/^\d{4}-/u),
      count: 1,
      suppressed: 0,
      attempts: 1,
      tasks: [],
      err: {
        type: "QueryError",
        message: "no table users: disk full",
        stack: expect.stringContaining("caused by: Error: disk full"),
        name: "QueryError",
        code: "E_TABLE",
      },
    });
  });

  test("logs every error of a group, and with a flush what was not logged", async () => {
    const lines = await linesOf((handler) => {
      handler.report(
        new ErrorGroup([new QueryError("timed out", "ETIMEDOUT"), new QueryError("refused", "ECONNREFUSED")]),
      );
      for (let index = 0; index < 3; index++) handler.report(new QueryError("refused", "ECONNREFUSED"));
    });
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [50, "timed out"],
      [40, "refused"],
      [40, "2 more errors were not logged, because there were too many"],
    ]);
    const [group] = lines;
    expect(group?.["err"]).toMatchObject({
      type: "ErrorGroup",
      aggregateErrors: [{ message: "timed out" }, { message: "refused" }],
    });
    expect(group?.["leaves"]).toMatchObject([
      { kind: "timeout", code: "ETIMEDOUT" },
      { kind: "expected", code: "ECONNREFUSED" },
    ]);
  });
});

describe("OpenTelemetry", () => {
  /** What `@opentelemetry/context-async-hooks` does. */
  class AsyncContext implements opentelemetry.ContextManager {
    readonly #storage: AsyncLocalStorage<opentelemetry.Context> = new AsyncLocalStorage();

    active(): opentelemetry.Context {
      return this.#storage.getStore() ?? opentelemetry.ROOT_CONTEXT;
    }

    with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
      context: opentelemetry.Context,
      fn: F,
      thisArg?: ThisParameterType<F>,
      ...args: A
    ): ReturnType<F> {
      return this.#storage.run(context, () => fn.apply(thisArg, args));
    }

    bind<T>(_context: opentelemetry.Context, target: T): T {
      return target;
    }

    enable(): this {
      return this;
    }

    disable(): this {
      return this;
    }
  }

  const spans = new InMemorySpanExporter();
  const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  // Read when it is flushed, and never by the clock.
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
  const metering = new MeterProvider({ readers: [reader] });

  beforeAll(() => {
    opentelemetry.context.setGlobalContextManager(new AsyncContext());
    opentelemetry.trace.setGlobalTracerProvider(tracing);
    opentelemetry.metrics.setGlobalMeterProvider(metering);
  });
  afterAll(async () => {
    await metering.shutdown();
    await tracing.shutdown();
    opentelemetry.context.disable();
    opentelemetry.trace.disable();
    opentelemetry.metrics.disable();
  });

  test("has each error on the span where it was reported, or on one of its own, and all of them in the counter", async () => {
    const handler = errorHandler({
      reporters: [openTelemetryReporter(opentelemetry)],
      fingerprintRate: { perSecond: 1, burst: 1 },
    });
    await opentelemetry.trace.getTracer("app").startActiveSpan("GET /users", async (span) => {
      await handler.run(() => Promise.reject(new QueryError("no table users", "E_TABLE")), { task: "load" });
      span.end();
    });
    handler.report(new QueryError("refused", "ECONNREFUSED"));
    for (let index = 0; index < 5; index++) handler.report(new QueryError(`row ${index} is gone`, "E_ROW"));

    const finished = spans.getFinishedSpans().map(({ name, status, events, attributes }) => ({
      name,
      status,
      exceptions: events.map(({ name: event, attributes: given }) => [
        event,
        given?.["exception.type"],
        given?.["exception.message"],
        typeof given?.["exception.stacktrace"],
      ]),
      kind: attributes["holdfast.kind"],
      task: attributes["holdfast.task"],
    }));
    const error = opentelemetry.SpanStatusCode.ERROR;
    expect(finished).toEqual([
      {
        name: "GET /users",
        status: { code: error, message: "no table users" },
        // What the SDK prefers as a type is the code.
        exceptions: [["exception", "E_TABLE", "no table users", "string"]],
        kind: "defect",
        task: "load",
      },
      {
        name: "expected: QueryError",
        status: { code: opentelemetry.SpanStatusCode.UNSET },
        exceptions: [["exception", "ECONNREFUSED", "refused", "string"]],
        kind: "expected",
        task: undefined,
      },
      {
        name: "defect: QueryError",
        status: { code: error, message: "row 0 is gone" },
        exceptions: [["exception", "E_ROW", "row 0 is gone", "string"]],
        kind: "defect",
        task: undefined,
      },
    ]);

    await metering.forceFlush();
    const [counter] = metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    expect(counter?.descriptor.name).toBe("holdfast.errors");
    expect(counter?.dataPoints.map(({ attributes, value }) => [attributes, value])).toEqual([
      [{ "error.type": "QueryError", "holdfast.kind": "defect", "holdfast.task": "load" }, 1],
      [{ "error.type": "QueryError", "holdfast.kind": "expected" }, 1],
      [{ "error.type": "QueryError", "holdfast.kind": "defect" }, 5],
    ]);
  });
});
