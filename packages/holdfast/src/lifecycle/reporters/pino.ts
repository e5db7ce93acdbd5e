/**
 * To pino, and to loggers that are called like it.
 */
import type { ErrorKind, Reporter } from "../error-handler-record.ts";
import { contextToJson, recordToJson } from "./json-lines.ts";

type Log = (data: object, message: string) => void;

/** What is needed of a pino logger. */
export interface PinoLogger {
  readonly error: Log;
  readonly warn: Log;
  readonly info: Log;
  /** Of pino >= 8: calls back when all is written. */
  readonly flush?: ((done: (error?: Error) => void) => void) | undefined;
}

const LEVELS: Readonly<Record<ErrorKind, "error" | "warn" | "info">> = {
  defect: "error",
  timeout: "error",
  expected: "warn",
  cancelled: "info",
};

/** Logs each report: defects and timeouts as `error`, expected errors as `warn`, cancellations as `info`; the error itself as `err`, for pino's serializer. */
export function pinoReporter(logger: PinoLogger): Reporter {
  return {
    name: "pino",
    report: (record) => {
      const { time: _time, message, stack, context: _context, ...facts } = recordToJson(record);
      const err = record.error instanceof Error ? record.error : { type: record.type, message, stack };
      logger[LEVELS[record.kind]]({ ...contextToJson(record.context), ...facts, err }, record.message);
    },
    summary: (summary) =>
      logger.warn(summary, `${summary.suppressed} more errors were not logged, because there were too many`),
    ...(logger.flush !== undefined && {
      flush: () =>
        new Promise<void>((resolve, reject) => {
          logger.flush?.((error) => (error ? reject(error) : resolve()));
        }),
    }),
  };
}
