/**
 * To Sentry, and to clients that are called like it.
 */
import type { ErrorKind, Reporter } from "../error-handler-record.ts";
import { contextToJson, recordToJson } from "./json-lines.ts";

/** What Sentry is told besides the error. */
export interface SentryHint {
  readonly level: "error" | "warning" | "info";
  readonly fingerprint: string[];
  readonly tags: Record<string, string>;
  readonly extra: Record<string, unknown>;
}

/** `import * as Sentry from "@sentry/node"` fits, and so does a client of your own. */
export interface SentryClient {
  captureException(error: unknown, context: SentryHint): unknown;
  /** Resolves with false when there was not enough time. */
  flush?(timeout?: number): PromiseLike<boolean>;
}

const LEVELS: Readonly<Record<ErrorKind, SentryHint["level"]>> = {
  defect: "error",
  timeout: "error",
  expected: "warning",
  cancelled: "info",
};

/** Captures each report with its fingerprint, so that issues are grouped as the statistics are, with `kind`, `type`, `code` and `task` as tags and the context as extra data. */
export function sentryReporter(client: SentryClient): Reporter {
  return {
    name: "sentry",
    report: (record) => {
      const { kind, type, code, task, fingerprint, count, suppressed, attempts } = record;
      const { tasks } = recordToJson(record);
      client.captureException(record.error, {
        level: LEVELS[kind],
        fingerprint: [fingerprint],
        tags: { kind, type, ...(code !== undefined && { code }), ...(task !== undefined && { task }) },
        extra: { ...contextToJson(record.context), count, suppressed, attempts, tasks },
      });
    },
    ...(client.flush !== undefined && {
      flush: async (limit: number) => {
        // Sentry takes 0, and nothing, for "as long as it takes".
        const isComplete = await client.flush?.(limit === Infinity ? undefined : Math.max(1, limit));
        if (isComplete === false) throw new Error("not everything was sent in time");
      },
    }),
  };
}
