/**
 * What every input format offers: facts for the fingerprint, then the items in order, streamed in constant memory.
 *
 * - INPUT-1: an item's index counts the items handed out or skipped as duplicates, from 0; empty lines have none. The
 *   same bytes give the same indexes.
 * - INPUT-2: at the first broken record `next()` rejects once, after every item before it was handed out; then it ends.
 * - INPUT-3: with a key, no two items handed out have the same one.
 */
export type InputFormat = "lines" | "ndjson" | "json" | "csv";

export interface InputItem {
  readonly index: number;
  /** The value of the key field as a string; undefined without `key`. */
  readonly key: string | undefined;
  readonly item: unknown;
}

export interface InputFacts {
  /** Bytes. */
  readonly size: number;
  /** Of the bytes, in hex. */
  readonly sha256: string;
  /** Counted while hashing where a line is an item (lines, ndjson): duplicates and a broken line included. */
  readonly items: number | undefined;
}

export interface Input {
  /** As given; "-" is stdin. */
  readonly name: string;
  readonly format: InputFormat;
  /** Items skipped so far because an earlier item had their key: the same item twice is one item. */
  readonly duplicates: number;
  /**
   * One streaming pass over the file; undefined for stdin, which can be read only once.
   *
   * @throws {CliError} 66 when the file can't be read.
   */
  facts(): Promise<InputFacts | undefined>;
  /**
   * The items, in order. `next()` may be called again before the last call settled: lanes share the iterator, each gets
   * items of its own. `return()` closes the file. Call once for stdin.
   *
   * @throws {CliError} 65 from `next()`, naming file and line: a broken record, an item without its key, or a file that
   * changed since `facts()` (only without `key`: indexes would name other items).
   */
  items(): AsyncIterableIterator<InputItem>;
}
