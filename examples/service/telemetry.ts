/** Where errors go: one handler, with a log (pino) and OpenTelemetry. The exporters here keep what they are given; real ones send it. */
import * as opentelemetry from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter } from "@opentelemetry/sdk-trace-base";
import { errorHandler, openTelemetryReporter, pinoReporter } from "holdfast/lifecycle";
import type { ErrorHandler } from "holdfast/lifecycle";
import { pino } from "pino";
import type { Logger } from "pino";
import { RequestError } from "./requests.ts";

export interface Telemetry {
  readonly log: Logger;
  readonly handler: ErrorHandler;
  /** What OpenTelemetry has counted, as last exported. */
  readonly counted: () => number;
  /** Hands on what is buffered. */
  readonly flush: () => Promise<void>;
}

export function startTelemetry(level: string): Telemetry {
  const traces = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(new InMemorySpanExporter())] });
  opentelemetry.trace.setGlobalTracerProvider(traces);
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const metrics = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  opentelemetry.metrics.setGlobalMeterProvider(metrics);

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
    counted: () => {
      const exported = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
      let sum = 0;
      for (const { metrics: all } of exported)
        for (const { dataPoints } of all)
          for (const { value } of dataPoints) if (typeof value === "number") sum += value;
      return sum;
    },
    flush: async () => {
      await handler.flush(1_000);
      await Promise.all([traces.forceFlush(), metrics.forceFlush()]);
    },
  };
}
