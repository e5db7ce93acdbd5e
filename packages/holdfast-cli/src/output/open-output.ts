/** Opens the results' file or stdout. */
import type { OutputFile } from "./output-file.ts";

export interface OpenOutputOptions {
  /** stdout's reader went away: called once. */
  readonly onClosed?: (() => void) | undefined;
}

/** @throws {CliError} 73 when the file can't be created. */
export function openOutput(path: string, options?: OpenOutputOptions): OutputFile {
  throw new Error(`not there yet: ${path}`, { cause: options });
}
