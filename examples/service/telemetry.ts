/** Where errors go: one handler, with a log (pino) and OpenTelemetry. The exporter here only counts; a real one sends. */
import * as opentelemetry from "@opentelemetry/api";
import { BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter } from "@opentelemetry/sdk-trace-base";
import { errorHandler, openTelemetryReporter, pinoReporter } from "holdfast/lifecycle";
import type { ErrorHandler } from "holdfast/lifecycle";
import { pino } from "pino";
import type { Logger } from "pino";
import { RequestError } from "./requests.ts";

export interface Telemetry {
  readonly log: Logger;
  readonly handler: ErrorHandler;
  /** Spans that have ended with an exception on them, and were exported. */
  readonly exported: () => number;
  readonly flush: () => Promise<void>;
}

export function startTelemetry(level: string): Telemetry {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  opentelemetry.trace.setGlobalTracerProvider(provider);
  const log = pino({ level, base: null });
  const handler = errorHandler({
    reporters: [pinoReporter(log), openTelemetryReporter(opentelemetry)],
    // What a client did wrong is no fault of ours, and neither is an upstream that we know to be unreliable.
    classify: [
      [RequestError, "expected"],
      ["ERR_UPSTREAM", "expected"],
    ],
  });
  return {
    log,
    handler,
    exported: () => exporter.getFinishedSpans().length,
    flush: async () => {
      await handler.flush(1_000);
      await provider.forceFlush();
    },
  };
}
