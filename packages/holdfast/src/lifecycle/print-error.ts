/**
 * An error on the terminal.
 */
import process from "node:process";
import { formatError, type FormatErrorOptions } from "./format-error.ts";

/** What is printed to: `process.stderr`, and whatever is like it. */
export interface TextOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** As for {@link formatError}, and where to. */
export interface PrintErrorOptions extends FormatErrorOptions {
  /** Default: whether `output` is a terminal and the environment does not say otherwise, see {@link hasColors}. */
  readonly color?: boolean | undefined;
  /** Default `process.stderr`. */
  readonly output?: TextOutput | undefined;
}

/** Writes {@link formatError} of `error` and a newline to stderr. An output that is closed is no second failure. @throws {TypeError | RangeError} for options that can't be */
export function printError(error: unknown, options?: PrintErrorOptions): void {
  const output = options?.output ?? process.stderr;
  const text = formatError(error, { ...options, color: options?.color ?? hasColors(output) });
  try {
    output.write(`${text}\n`);
  } catch {
    // Nobody is left to be told.
  }
}

/**
 * Whether colours are wanted there: FORCE_COLOR says yes (or no, as "0" or "false"), then NO_COLOR says no, then a terminal says yes, unless TERM is "dumb".
 *
 * @see https://no-color.org and https://force-color.org
 */
export function hasColors(output: { readonly isTTY?: boolean | undefined }): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = process.env;
  if (force !== undefined) return force !== "0" && force !== "false";
  if (no !== undefined && no !== "") return false;
  return output.isTTY === true && term !== "dumb";
}
