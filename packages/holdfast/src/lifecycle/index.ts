/** Programs: how they start, report what fails, and stop. For Node, and what is like it. */
export { clientSignal, type ClosableResponse } from "./client-signal.ts";
export { formatError, type FormatErrorOptions } from "./format-error.ts";
export { hasColors, printError, type PrintErrorOptions, type TextOutput } from "./print-error.ts";
export type { ErrorOrigin, MainErrorHandler, MainOptions, MainShutdown, NodeSignal } from "./run-main-options.ts";
export type { MainProcess, MainStream } from "./run-main-process.ts";
export { type MainContext, runMain } from "./run-main.ts";
export type { ClassifyRule } from "./classify.ts";
export {
  type ErrorHandler,
  errorHandler,
  type ErrorStats,
  type FlushResult,
  type NamedTask,
  type RunContext,
} from "./error-handler.ts";
export type { InstallOptions } from "./error-handler-install.ts";
export type { ErrorHandlerOptions } from "./error-handler-options.ts";
export type { ReporterStats } from "./error-handler-outbox.ts";
export type { ReportRate } from "./error-handler-rate.ts";
export type {
  ErrorContext,
  ErrorFacts,
  ErrorKind,
  ErrorRecord,
  Reporter,
  SuppressionSummary,
} from "./error-handler-record.ts";
export { normalizeMessage } from "./fingerprint.ts";
export { consoleReporter, type ConsoleReporterOptions } from "./reporters/console.ts";
export { jsonLinesReporter, type JsonLinesReporterOptions } from "./reporters/json-lines.ts";
export { openTelemetryReporter, type OtelApi, type OtelSpan } from "./reporters/open-telemetry.ts";
export { pinoReporter, type PinoLogger } from "./reporters/pino.ts";
export { type SentryClient, type SentryHint, sentryReporter } from "./reporters/sentry.ts";
export type { TextStream } from "./reporters/text-output.ts";
export type { ErrorSample, ErrorTables, FingerprintStats } from "./statistics.ts";
export { type Health, health, type HealthOptions, type HealthRequest, type HealthResponse } from "./health.ts";
export { type ClosableServer, httpServer, type HttpServerOptions } from "./http-server.ts";
export { gracefulShutdown, type Shutdown, type ShutdownPart } from "./shutdown.ts";
export { ShutdownOverError, type ShutdownPhase, ShutdownTimeoutError } from "./shutdown-errors.ts";
export type { ShutdownOptions } from "./shutdown-options.ts";
export { type TaskTree, taskTree, type TaskTreeNode, type TaskTreeOptions } from "./task-tree.ts";
