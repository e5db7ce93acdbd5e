/**
 * The account of a batch, for programs, for logs and for people.
 */
import { ErrorGroup } from "../core/index.ts";
import { fieldsOf, messageOf } from "../core/lowlevel.ts";
import type { BatchCounts, BatchOptions, BatchReport, ItemFailure, ItemResult, StoppedBy } from "./options.ts";

/** The name that failures are counted under. */
export function typeOfError(error: unknown): string {
  const { name } = fieldsOf(error);
  return typeof name === "string" && name !== "" ? name : error === null ? "null" : typeof error;
}

/** A code that a log can take: anything may stand there. */
function codeOf(error: unknown): string | number | undefined {
  const { code } = fieldsOf(error);
  return typeof code === "string" || typeof code === "number" ? code : undefined;
}

/** What a report is made of. */
export interface Account<T, R> {
  readonly name: string;
  readonly duration: number;
  readonly results: readonly ItemResult<T, R>[];
  readonly counts: BatchCounts;
  readonly errorsByType: ReadonlyMap<string, number>;
  readonly stoppedBy: StoppedBy | undefined;
  readonly inputError: unknown;
  readonly again: (
    failures: readonly ItemFailure<T, R>[],
    options: Partial<BatchOptions<T, R>>,
  ) => Promise<BatchReport<T, R>>;
}

/** How many types and samples `toString` shows. */
const SHOWN = 10;
/** Characters of a sample. */
const LONGEST = 120;

export class Report<T, R> implements BatchReport<T, R> {
  readonly results: readonly ItemResult<T, R>[];
  readonly values: readonly R[];
  readonly failures: readonly ItemFailure<T, R>[];
  readonly counts: BatchCounts;
  readonly errorsByType: ReadonlyMap<string, number>;
  readonly stoppedBy: StoppedBy | undefined;
  readonly inputError: unknown;
  readonly #account: Account<T, R>;

  constructor(account: Account<T, R>) {
    this.#account = account;
    this.results = account.results;
    this.values = account.results.flatMap((result) => (result.ok ? [result.value] : []));
    this.failures = account.results.filter((result) => !result.ok);
    this.counts = account.counts;
    this.errorsByType = account.errorsByType;
    this.stoppedBy = account.stoppedBy;
    this.inputError = account.inputError;
  }

  throwIfFailed(): void {
    const { failed, cancelled, notStarted } = this.counts;
    if (failed + cancelled + (notStarted ?? 0) === 0 && this.stoppedBy === undefined) return;
    const errors = this.failures.map((failure) => failure.error);
    if (this.stoppedBy === "input") errors.push(this.inputError);
    throw new ErrorGroup(errors, this.toString());
  }

  async retryFailed(options: Partial<BatchOptions<T, R>> = {}): Promise<BatchReport<T, R>> {
    const { failed, cancelled } = this.counts;
    if (this.failures.length < failed + cancelled)
      throw new TypeError('retryFailed needs the failed items, and keep: "none" kept none; use keep: "failures"');
    return await this.#account.again(this.failures, options);
  }

  toString(): string {
    const { succeeded, failed, cancelled, notStarted } = this.counts;
    const all = succeeded + failed + cancelled + (notStarted ?? 0);
    const parts = [`${succeeded} of ${notStarted === undefined ? "at least " : ""}${all} succeeded`];
    if (failed > 0) parts.push(`${failed} failed`);
    if (cancelled > 0) parts.push(`${cancelled} cancelled`);
    if (notStarted !== undefined && notStarted > 0) parts.push(`${notStarted} not started`);
    const lines = [`${this.#account.name}: ${parts.join(", ")} in ${Math.round(this.#account.duration)} ms`];
    if (this.stoppedBy !== undefined)
      lines.push(
        `  stopped by ${this.stoppedBy}${this.stoppedBy === "input" ? `: ${messageOf(this.inputError)}` : ""}`,
      );
    const types = [...this.errorsByType].toSorted(([, a], [, b]) => b - a);
    const rows = types.slice(0, SHOWN).map(([type, count]) => [String(count), type, this.#sampleOf(type)] as const);
    if (rows.length > 0) rows.unshift(["errors", "type", rows.some(([, , sample]) => sample !== "") ? "example" : ""]);
    const width = Math.max(...rows.map(([, type]) => type.length));
    for (const [count, type, sample] of rows)
      lines.push(`  ${count.padStart(6)}  ${type.padEnd(width)}  ${sample}`.trimEnd());
    if (types.length > SHOWN) lines.push(`  and ${types.length - SHOWN} more types of error`);
    return lines.join("\n");
  }

  /** One failure of that type, on one line; nothing where none was kept. */
  #sampleOf(type: string): string {
    const sample = this.failures.find((failure) => failure.status === "failed" && typeOfError(failure.error) === type);
    if (sample === undefined) return "";
    const [line = ""] = `item "${sample.key}": ${messageOf(sample.error)}`.split("\n");
    return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
  }

  toJSON(): unknown {
    return {
      name: this.#account.name,
      duration: this.#account.duration,
      counts: this.counts,
      stoppedBy: this.stoppedBy,
      inputError: this.stoppedBy === "input" ? messageOf(this.inputError) : undefined,
      errorsByType: Object.fromEntries(this.errorsByType),
      failures: this.failures.map(({ index, key, status, error, attempts, duration }) => ({
        index,
        key,
        status,
        error: { name: typeOfError(error), code: codeOf(error), message: messageOf(error) },
        attempts: attempts.at(-1)?.attempt ?? 0,
        duration,
      })),
    };
  }
}
