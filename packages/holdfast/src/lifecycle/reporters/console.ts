/**
 * For people: the error as `formatError` prints it, below one line about it.
 */
import process from "node:process";
import type { ErrorRecord, Reporter, SuppressionSummary } from "../error-handler-record.ts";
import { formatError } from "../format-error.ts";
import { printable } from "../format-error-facts.ts";
import { hasColors } from "../print-error.ts";
import { isoTime } from "./iso-time.ts";
import { type TextStream, writeText } from "./text-output.ts";

export interface ConsoleReporterOptions {
  /** Default `process.stderr`. */
  readonly output?: TextStream | undefined;
  /** Default: whether `output` is a terminal and the environment does not say otherwise. */
  readonly color?: boolean | undefined;
  /** Stack frames of each error. Default 10. */
  readonly frames?: number | undefined;
}

/** Writes to stderr. */
export function consoleReporter(options?: ConsoleReporterOptions): Reporter {
  const output = options?.output ?? process.stderr;
  const color = options?.color ?? hasColors(output);
  return {
    name: "console",
    report: (record) =>
      writeText(output, `${headOf(record)}\n${formatError(record.error, { color, frames: options?.frames })}\n`),
    summary: (summary) => writeText(output, summaryOf(summary)),
  };
}

/** "2026-01-01T00:00:00.000Z defect, seen 4 times, 2 of them not printed, user=5" */
function headOf({ time, kind, count, suppressed, context }: ErrorRecord): string {
  const parts = [`${isoTime(time)} ${kind}`];
  if (count > 1) parts.push(`seen ${count} times`);
  if (suppressed > 0) parts.push(`${suppressed} of them not printed`);
  for (const [name, value] of Object.entries(context)) {
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (isPlain) parts.push(`${name}=${String(value).slice(0, 200)}`);
  }
  return printable(parts.join(", ")).replaceAll("\n", " ");
}

function summaryOf({ suppressed, fingerprints }: SuppressionSummary): string {
  const lines = fingerprints.map((one) => `  ${one.suppressed} × ${printable(one.fingerprint).replaceAll("\n", " ")}`);
  return [`holdfast: ${suppressed} more errors were not printed, most of them:`, ...lines, ""].join("\n");
}
