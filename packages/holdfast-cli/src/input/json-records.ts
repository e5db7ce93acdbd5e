/** A JSON file whose top level is an array: its elements, one at a time, without holding the array. */
import { Tokenizer, TokenParser } from "@streamparser/json";
import { CliError } from "../cli-error.ts";
import type { ByteSource } from "./byte-source.ts";
import type { RecordBlock } from "./record-block.ts";
import { utf8Chunks } from "./utf8-chunks.ts";
import type { Utf8Chunk } from "./utf8-chunks.ts";
import { newlinesIn } from "./utf8.ts";

export async function* jsonRecords(source: ByteSource): AsyncGenerator<RecordBlock, void, void> {
  const { name } = source;
  const tokenizer = new Tokenizer();
  const elements = new TokenParser({ paths: ["$.*"], keepStack: false });
  /** Bytes before the current chunk; the parser counts from the first. */
  let base = 0;
  let offset = 0;
  let isArray = false;
  let hasEnded = false;
  let line = 1;
  let block = new Elements(name, { bytes: Buffer.alloc(0), line }, base);
  tokenizer.onToken = (token) => {
    offset = token.offset;
    elements.write(token);
  };
  elements.onValue = ({ value }) => block.push(value, offset);
  elements.onEnd = () => {
    hasEnded = true;
  };

  for await (const chunk of utf8Chunks(source)) {
    block = new Elements(name, chunk, base);
    line = chunk.line + newlinesIn(chunk.bytes);
    let start = 0;
    if (!isArray) {
      start = contentStart(chunk.bytes);
      if (start === chunk.bytes.length) {
        base += start;
        continue;
      }
      isArray = true;
      if (chunk.bytes[start] !== OPEN_BRACKET) throw notAnArray(name, chunk.bytes[start]);
    }
    let failure: CliError | undefined;
    try {
      // The tokenizer's own count starts at the first byte it is given: white space before the array is counted here.
      if (start > 0) tokenizer.write(chunk.bytes.subarray(0, start));
      if (!hasEnded) tokenizer.write(chunk.bytes.subarray(start));
      else if (contentStart(chunk.bytes) < chunk.bytes.length) throw new Error("there is more behind the array");
    } catch (error) {
      failure = new CliError(
        65,
        `${block.whereIs(offset)} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    if (block.length > 0) yield block;
    if (failure !== undefined) throw failure;
    base += chunk.bytes.length;
  }
  if (!isArray) throw new CliError(65, `${name} is empty; a JSON input must be an array`);
  if (!hasEnded) throw new CliError(65, `${name}:${line} is not JSON: the file ends inside the array`);
}

const OPEN_BRACKET = 0x5b;

class Elements implements RecordBlock {
  readonly #name: string;
  readonly #chunk: Utf8Chunk;
  readonly #base: number;
  readonly #values: unknown[] = [];
  readonly #offsets: number[] = [];
  #at = -1;

  constructor(name: string, chunk: Utf8Chunk, base: number) {
    this.#name = name;
    this.#chunk = chunk;
    this.#base = base;
  }

  get length(): number {
    return this.#values.length;
  }

  push(value: unknown, offset: number): void {
    this.#values.push(value);
    this.#offsets.push(offset);
  }

  advance(): boolean {
    return ++this.#at < this.#values.length;
  }

  get value(): unknown {
    return this.#values[this.#at];
  }

  where(): string {
    return this.whereIs(this.#offsets[this.#at] ?? 0);
  }

  whereIs(offset: number): string {
    return `${this.#name}:${this.#chunk.line + newlinesIn(this.#chunk.bytes, Math.max(0, offset - this.#base))}`;
  }
}

function contentStart(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && isWhiteSpace(bytes[at])) at++;
  return at;
}

function isWhiteSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}

function notAnArray(name: string, first: number | undefined): CliError {
  const what = first === 0x7b ? "an object" : "no array";
  return new CliError(65, `${name} holds ${what} at its top level; a JSON input must be an array of items`, {
    hint: "one JSON value on each line is --format ndjson",
  });
}
