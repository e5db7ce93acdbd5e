/** A JSON file whose top level is an array: its elements, one at a time, without holding the array. */
import { Tokenizer, TokenParser } from "@streamparser/json";
import { CliError } from "../cli-error.ts";
import type { ByteSource } from "./byte-source.ts";
import type { RecordBlock } from "./record-block.ts";
import { utf8Chunks } from "./utf8-chunks.ts";
import type { Utf8Chunk } from "./utf8-chunks.ts";

export async function* jsonRecords(source: ByteSource): AsyncGenerator<RecordBlock, void, void> {
  const { name } = source;
  const tokenizer = new Tokenizer();
  const elements = new TokenParser({ paths: ["$.*"], keepStack: false });
  let line = 1;
  let block = new Elements(name, 0);
  let handedOut = 0;
  let isArray = false;
  let hasEnded = false;
  tokenizer.onToken = (token) => elements.write(token);
  elements.onValue = ({ value }) => block.push(value, line);
  elements.onEnd = () => {
    hasEnded = true;
  };

  for await (const chunk of utf8Chunks(source)) {
    if (!isArray) {
      const first = chunk.bytes[contentStart(chunk.bytes)];
      isArray = first === OPEN_BRACKET;
      if (first !== undefined && !isArray) throw notAnArray(name, first);
    }
    block = new Elements(name, handedOut);
    let failure: CliError | undefined;
    try {
      // Line by line, so that whatever the parser says was said of this line.
      for (const [number, bytes] of linesOf(chunk)) {
        line = number;
        if (!hasEnded) tokenizer.write(bytes);
        else if (contentStart(bytes) < bytes.length) throw new Error("there is more behind the array");
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failure = new CliError(65, `${name}:${line} is not JSON: ${reason}`, { cause: error });
    }
    handedOut += block.length;
    if (block.length > 0) yield block;
    if (failure !== undefined) throw failure;
  }
  if (!isArray) throw new CliError(65, `${name} is empty; a JSON input must be an array`);
  if (!hasEnded) throw new CliError(65, `${name}:${line} is not JSON: the file ends inside the array`);
}

const OPEN_BRACKET = 0x5b;
const NEWLINE = 10;

class Elements implements RecordBlock {
  readonly #name: string;
  readonly #values: unknown[] = [];
  readonly #lines: number[] = [];
  /** The number in the array of its first one: a whole array often stands on one line. */
  readonly #first: number;
  #at = -1;

  constructor(name: string, first: number) {
    this.#name = name;
    this.#first = first;
  }

  get length(): number {
    return this.#values.length;
  }

  push(value: unknown, line: number): void {
    this.#values.push(value);
    this.#lines.push(line);
  }

  advance(): boolean {
    return ++this.#at < this.#values.length;
  }

  get value(): unknown {
    return this.#values[this.#at];
  }

  where(): string {
    return `${this.#name}:${this.#lines[this.#at] ?? 0} (element [${this.#first + this.#at}])`;
  }
}

/** Pieces of a chunk that each stand on one line, its newline included, with the line's number. */
function* linesOf({ bytes, line }: Utf8Chunk): Generator<readonly [number, Buffer], void, void> {
  let number = line;
  for (let start = 0; start < bytes.length; number++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    yield [number, bytes.subarray(start, end)];
    start = end;
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
