/** Opens an input by its name and format. */
import type { Input, InputFormat } from "./input.ts";

export interface OpenInputOptions {
  /** "-" is stdin. */
  readonly path: string;
  /** undefined: by the file's ending. */
  readonly format: InputFormat | undefined;
  /** Field of an item that names it; dots go into objects. */
  readonly key: string | undefined;
  readonly stdin?: NodeJS.ReadableStream | undefined;
}

/**
 * @throws {CliError} 66 when the file is missing, unreadable or a directory; 64 when the format is unknown, or `key` is
 * given for lines, which have no fields.
 */
export function openInput(options: OpenInputOptions): Promise<Input> {
  return Promise.reject(new Error(`not there yet: ${options.path}`));
}
