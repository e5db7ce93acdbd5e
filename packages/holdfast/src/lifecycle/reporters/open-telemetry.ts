/**
 * To OpenTelemetry: on the span that is active where an error is reported, and as a counter of all errors.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/exceptions/
 */
import { taskStack } from "../../core/index.ts";
import type { ErrorRecord, Reporter } from "../error-handler-record.ts";

type Attributes = Record<string, string | number | boolean>;

/** What is needed of a span of `@opentelemetry/api`. */
export interface OtelSpan {
  recordException(exception: { name?: string; message: string; stack?: string; code?: string }): void;
  setStatus(status: { code: number; message?: string }): unknown;
  setAttributes(attributes: Attributes): unknown;
  end(): void;
}

/** `@opentelemetry/api` itself fits: `import * as api from "@opentelemetry/api"`. */
export interface OtelApi {
  readonly trace: {
    getActiveSpan(): OtelSpan | undefined;
    getTracer(name: string): { startSpan(name: string): OtelSpan };
  };
  /** Without it, nothing is counted. */
  readonly metrics?:
    | {
        getMeter(name: string): {
          createCounter(
            name: string,
            options: { description: string },
          ): { add(value: number, attributes: Attributes): void };
        };
      }
    | undefined;
}

const SCOPE = "holdfast";
/** SpanStatusCode.ERROR. */
const STATUS_ERROR = 2;

/**
 * Each report is an exception on the active span, whose status it sets, or on a short span of its own where there is none; expected errors and cancellations leave the status alone. The counter
 * `holdfast.errors` counts every error, whatever the limits: by `error.type`, `holdfast.kind` and `holdfast.task`.
 */
export function openTelemetryReporter(api: OtelApi): Reporter {
  const counter = api.metrics
    ?.getMeter(SCOPE)
    .createCounter("holdfast.errors", { description: "errors, of groups their leaves" });
  return {
    name: "opentelemetry",
    report: (record) => {
      const active = api.trace.getActiveSpan();
      const span = active ?? api.trace.getTracer(SCOPE).startSpan(`${record.kind}: ${record.type}`);
      try {
        record.leaves.forEach((leaf) => span.recordException(exceptionOf(leaf)));
        if (record.kind === "defect" || record.kind === "timeout")
          span.setStatus({ code: STATUS_ERROR, message: record.message });
        span.setAttributes(attributesOf(record));
      } finally {
        if (active === undefined) span.end();
      }
    },
    ...(counter !== undefined && {
      count: ({ kind, type, task }) =>
        counter.add(1, {
          "error.type": type,
          "holdfast.kind": kind,
          ...(task !== undefined && { "holdfast.task": task }),
        }),
    }),
  };
}

function exceptionOf({
  error,
  type,
  code,
  message,
}: ErrorRecord["leaves"][number]): Parameters<OtelSpan["recordException"]>[0] {
  let stack: string | undefined;
  try {
    stack = taskStack(error);
  } catch {
    // It refuses to be read.
  }
  return { name: type, message, ...(stack !== undefined && { stack }), ...(code !== undefined && { code }) };
}

function attributesOf({ kind, task, fingerprint, count, suppressed, attempts }: ErrorRecord): Attributes {
  return {
    "holdfast.kind": kind,
    "holdfast.fingerprint": fingerprint,
    "holdfast.count": count,
    "holdfast.suppressed": suppressed,
    "holdfast.attempts": attempts,
    ...(task !== undefined && { "holdfast.task": task }),
  };
}
