/** What tells one input from another: size and hash of its bytes; and how many items to expect, where lines are items. */
import { createHash } from "node:crypto";
import type { ByteSource } from "./byte-source.ts";
import type { InputFacts, InputFormat } from "./input.ts";
import { withoutBom } from "./utf8.ts";

export async function inputFacts(source: ByteSource, format: InputFormat): Promise<InputFacts> {
  const hash = createHash("sha256");
  const counter = format === "lines" || format === "ndjson" ? new LineCounter(format) : undefined;
  let size = 0;
  for await (const chunk of source.chunks()) {
    hash.update(chunk);
    counter?.push(size === 0 ? withoutBom(chunk) : chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest("hex"), items: counter?.end() };
}

/** Counts the lines that hold an item, by the rules of `line-records.ts`, across chunks. */
class LineCounter {
  readonly #isNdjson: boolean;
  #count = 0;
  /** Of the line that has not ended: its bytes so far, the last of them, and whether one is more than white space. */
  #length = 0;
  #last = 0;
  #hasContent = false;

  constructor(format: "lines" | "ndjson") {
    this.#isNdjson = format === "ndjson";
  }

  push(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      this.#extend(bytes, start, end);
      this.#endLine();
      start = end + 1;
    }
    this.#extend(bytes, start, bytes.length);
  }

  end(): number {
    this.#endLine();
    return this.#count;
  }

  #extend(bytes: Buffer, start: number, end: number): void {
    if (end === start) return;
    this.#length += end - start;
    this.#last = bytes[end - 1] ?? 0;
    for (let at = start; at < end && !this.#hasContent; at++) {
      const byte = bytes[at] ?? 0;
      this.#hasContent = byte !== 32 && byte !== 9 && byte !== 13;
    }
  }

  #endLine(): void {
    const hasItem = this.#isNdjson ? this.#hasContent : this.#length > (this.#last === 13 ? 1 : 0);
    if (hasItem) this.#count++;
    this.#length = 0;
    this.#last = 0;
    this.#hasContent = false;
  }
}
