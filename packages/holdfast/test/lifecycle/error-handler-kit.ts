/** What tests of the error handler need: a reporter that keeps what it is told, and errors whose text is the same everywhere. */
import {
  type ErrorContext,
  errorHandler,
  type ErrorRecord,
  type Reporter,
  type SuppressionSummary,
} from "holdfast/lifecycle";
import { expect } from "../harness.ts";

export interface Collected extends Reporter {
  readonly records: ErrorRecord[];
  readonly summaries: SuppressionSummary[];
}

/** Keeps every record. */
export function collector(): Collected {
  const records: ErrorRecord[] = [];
  const summaries: SuppressionSummary[] = [];
  return {
    name: "collector",
    records,
    summaries,
    report: (record) => void records.push(record),
    summary: (summary) => void summaries.push(summary),
  };
}

/** An error from `load` in app.ts. */
export function failure(message: string, options?: ErrorOptions): Error {
  const error = new Error(message, options);
  error.stack = `Error: ${message}\n    at load (file:///srv/app.ts:3:5)`;
  return error;
}

/** Words that no two numbers share, without a digit: what a fingerprint keeps. */
export function word(index: number): string {
  return index.toString(26).replace(/\d/gu, (digit) => String.fromCharCode("q".charCodeAt(0) + Number(digit)));
}

/** What `process.stderr` is given while `body` runs. */
export async function stderrOf(body: () => unknown): Promise<string> {
  const written: string[] = [];
  const before = Object.getOwnPropertyDescriptor(process.stderr, "write");
  process.stderr.write = (text: unknown): boolean => {
    written.push(String(text));
    return true;
  };
  try {
    await body();
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.stderr, "write");
    else Object.defineProperty(process.stderr, "write", before);
  }
  return written.join("");
}

/** As {@link failure}, with a code. */
export function coded(message: string, code: string): Error {
  return Object.assign(failure(message), { code });
}

/** Reports errors through `reporter` alone. */
export function reportTo(reporter: Reporter, errors: readonly unknown[], context?: ErrorContext): void {
  const handler = errorHandler({ reporters: [reporter], silent: [] });
  for (const error of errors) handler.report(error, context);
  // A reporter that throws would be counted, and the test would not see it.
  expect(handler.stats().reporters.map(({ failed }) => failed)).toEqual([0]);
}
