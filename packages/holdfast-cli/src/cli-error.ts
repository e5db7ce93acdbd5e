/**
 * The one error that ends the program: a message for people and the exit code for scripts.
 *
 * The exit codes are those of sysexits(3) where one fits; the table is in `exit-code.ts`.
 */

export interface CliErrorOptions {
  /** The way out, where it does not fit into the message's own sentence: printed on a line of its own. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** Ends the program with `exitCode` and one readable message; no stack is shown unless it has a `cause` with one. */
export class CliError extends Error {
  override readonly name = "CliError" as const;
  readonly code = "ERR_CLI" as const;
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(exitCode: number, message: string, options?: CliErrorOptions) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = exitCode;
    this.hint = options?.hint;
  }
}
