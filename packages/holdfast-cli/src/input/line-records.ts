/** Formats where a line is an item: plain lines and NDJSON. */
import { CliError } from "../cli-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { lineBlocks } from "./line-blocks.ts";
import type { LineBlock } from "./line-blocks.ts";
import type { RecordBlock } from "./record-block.ts";

/** Each line is a string, without its line ending; lines of length 0 are skipped, blanks are kept. */
export async function* plainRecords(source: ByteSource): AsyncGenerator<RecordBlock, void, void> {
  for await (const block of lineBlocks(source)) yield new PlainLines(source.name, block);
}

/** Each line is a JSON value; lines of white space are skipped. */
export async function* ndjsonRecords(source: ByteSource): AsyncGenerator<RecordBlock, void, void> {
  for await (const block of lineBlocks(source)) yield new NdjsonLines(source.name, block);
}

abstract class Lines implements RecordBlock {
  value: unknown;
  readonly #name: string;
  readonly #text: string;
  #line: number;
  #at = 0;

  constructor(name: string, block: LineBlock) {
    this.#name = name;
    this.#text = block.text;
    this.#line = block.line - 1;
  }

  /** Puts the record into `value`; false for a line without one. */
  protected abstract read(line: string): boolean;

  advance(): boolean {
    const text = this.#text;
    while (this.#at < text.length) {
      let end = text.indexOf("\n", this.#at);
      if (end === -1) end = text.length;
      const line = text.slice(this.#at, end);
      this.#at = end + 1;
      this.#line++;
      if (this.read(line)) return true;
    }
    return false;
  }

  where(): string {
    return `${this.#name}:${this.#line}`;
  }
}

class PlainLines extends Lines {
  protected override read(line: string): boolean {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    this.value = text;
    return text !== "";
  }
}

class NdjsonLines extends Lines {
  protected override read(line: string): boolean {
    try {
      this.value = JSON.parse(line);
      return true;
    } catch (error) {
      // Only a line that is no JSON pays for the question whether it is one at all.
      if (/^[ \t\r]*$/.test(line)) return false;
      throw new CliError(65, `${this.where()} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
        hint: "every line must be one JSON value; --format json reads an array, --format lines takes lines as they are",
      });
    }
  }
}
