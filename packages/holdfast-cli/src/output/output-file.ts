/**
 * Where results go: a file that the journal keeps in step with its commits, or stdout.
 *
 * - OUTPUT-1: `write` returns when the bytes were handed to the operating system; all or an error.
 * - OUTPUT-2: a reader that went away (EPIPE) is no failure: `onClosed` is told once, `write` throws
 *   {@link OutputClosedError}, and what it should have written is not committed, so that a resume writes it.
 */
export interface OutputFile {
  /** "-" is stdout. */
  readonly path: string;
  /** Whole lines. Returns the offset behind them, in bytes. @throws {CliError} 74 @throws {OutputClosedError} */
  write(lines: string): number;
  /** Drops what is behind `offset`. stdout can't. @throws {CliError} 74 */
  truncate(offset: number): void;
  /** Bytes that are there now; undefined for stdout, where nothing can be taken back. */
  size(): number | undefined;
  /** Returns when the bytes are on the disk. */
  sync?(): void;
  close(): void;
}

/** The reader of stdout went away. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError" as const;
  readonly code = "ERR_OUTPUT_CLOSED" as const;
  constructor(options?: { readonly cause?: unknown }) {
    super("the reader of stdout went away; the results it did not take are not acknowledged", options);
  }
}
