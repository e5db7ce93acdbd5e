/**
 * Bytes in chunks that end between characters and are known to be UTF-8, without the byte order mark: what the csv and
 * json parsers are fed.
 */
import type { ByteSource } from "./byte-source.ts";
import { characterEnd, newlinesIn, notUtf8, validLines, withoutBom } from "./utf8.ts";

export interface Utf8Chunk {
  readonly bytes: Buffer;
  /** The line that its first byte is on, from 1. */
  readonly line: number;
}

export async function* utf8Chunks(source: ByteSource): AsyncGenerator<Utf8Chunk, void, void> {
  let line = 1;
  let carry: Buffer | undefined;
  let isFirst = true;
  for await (const chunk of source.chunks()) {
    let bytes: Buffer = carry === undefined ? chunk : Buffer.concat([carry, chunk]);
    carry = undefined;
    if (isFirst) {
      if (bytes.length < 3) {
        carry = bytes;
        continue;
      }
      bytes = withoutBom(bytes);
      isFirst = false;
    }
    const end = characterEnd(bytes);
    yield* checked(source.name, bytes, end, line);
    line += newlinesIn(bytes, end);
    if (end < bytes.length) carry = bytes.subarray(end);
  }
  if (carry !== undefined) yield* checked(source.name, carry, carry.length, line);
}

/** Hands out what is good before it throws: the records before the broken place are not lost. */
function* checked(name: string, bytes: Buffer, end: number, line: number): Generator<Utf8Chunk, void, void> {
  const valid = validLines(bytes, end);
  if (valid > 0) yield { bytes: bytes.subarray(0, valid), line };
  if (valid < end) throw notUtf8(name, line + newlinesIn(bytes, valid), bytes);
}
