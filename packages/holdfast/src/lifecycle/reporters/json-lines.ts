/**
 * For machines: one line of JSON for each report.
 */
import process from "node:process";
import { taskStack } from "../../core/index.ts";
import type { ErrorContext, ErrorRecord, Reporter } from "../error-handler-record.ts";
import { isoTime } from "./iso-time.ts";
import { type TextStream, writeText } from "./text-output.ts";

export interface JsonLinesReporterOptions {
  /** Default `process.stdout`. */
  readonly output?: TextStream | undefined;
}

const MOST_STACK = 8000;

/** Writes a line of JSON to stdout for each report: `time`, `kind`, `type`, `code`, `message`, `task`, `fingerprint`, `count`, `suppressed`, `attempts`, `stack`, `tasks`, `leaves`, `context`. */
export function jsonLinesReporter(options?: JsonLinesReporterOptions): Reporter {
  const output = options?.output ?? process.stdout;
  return {
    name: "json lines",
    report: (record) => writeText(output, `${JSON.stringify(recordToJson(record))}\n`),
    summary: ({ suppressed, fingerprints }) =>
      writeText(output, `${JSON.stringify({ kind: "summary", suppressed, fingerprints })}\n`),
  };
}

/** The record as data: nothing in it can make JSON.stringify throw. */
export function recordToJson(record: ErrorRecord): Record<string, unknown> {
  const { kind, type, code, message, task, fingerprint, count, suppressed, attempts, tasks, leaves } = record;
  return {
    time: isoTime(record.time),
    kind,
    type,
    code,
    message,
    task,
    fingerprint,
    count,
    firstSeen: isoTime(record.firstSeen),
    suppressed,
    attempts,
    stack: stackOf(record.error),
    tasks: tasks.map(({ task: name, group, spawnedAt, age, item }) => ({ task: name, group, spawnedAt, age, item })),
    ...(leaves.length > 1 && {
      leaves: leaves.map((leaf) => ({
        kind: leaf.kind,
        type: leaf.type,
        code: leaf.code,
        message: leaf.message,
        task: leaf.task,
        fingerprint: leaf.fingerprint,
      })),
    }),
    context: contextToJson(record.context),
  };
}

function stackOf(error: unknown): string | undefined {
  try {
    return taskStack(error).slice(0, MOST_STACK);
  } catch {
    return undefined;
  }
}

/** Whatever somebody has put into a context: what JSON can't say is said as text. */
export function contextToJson(context: ErrorContext): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [name, toJson(value)]));
}

function toJson(value: unknown): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean" || value === undefined) return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  try {
    if (typeof value === "object") {
      const text = JSON.stringify(value);
      // Parsed again: `toJSON` of what is in it has been called, and is not called once more.
      return text.length <= MOST_STACK ? (JSON.parse(text) as unknown) : `${text.slice(0, MOST_STACK)}…`;
    }
    return String(value);
  } catch {
    return "something that can't be written as JSON";
  }
}
