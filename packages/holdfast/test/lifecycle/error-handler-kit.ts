/** What tests of the error handler need: a reporter that keeps what it is told, and errors whose text is the same everywhere. */
import type { ErrorRecord, Reporter, SuppressionSummary } from "holdfast/lifecycle";

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
  const { write } = process.stderr;
  process.stderr.write = (text: unknown): boolean => {
    written.push(String(text));
    return true;
  };
  try {
    await body();
  } finally {
    process.stderr.write = write;
  }
  return written.join("");
}
