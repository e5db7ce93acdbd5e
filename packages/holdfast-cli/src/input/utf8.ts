/** Refuses what is not UTF-8: decoding it anyway would turn bytes into U+FFFD and hand out items nobody wrote. */
import { isUtf8 } from "node:buffer";
import { CliError } from "../cli-error.ts";

const NEWLINE = 10;

/** How many bytes at the front of `bytes`, up to `end`, are whole lines of UTF-8; `end` when all are. */
export function validLines(bytes: Buffer, end: number): number {
  if (isUtf8(bytes.subarray(0, end))) return end;
  let start = 0;
  for (;;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const next = newline === -1 || newline >= end ? end : newline + 1;
    if (!isUtf8(bytes.subarray(start, next))) return start;
    start = next;
  }
}

export function notUtf8(name: string, line: number, bytes: Buffer): CliError {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return new CliError(65, `${name}:${line} is not UTF-8${isUtf16 ? " but UTF-16" : ""}`, {
    hint: isUtf16
      ? "convert it first: iconv -f UTF-16 -t UTF-8"
      : "convert it first, for example: iconv -f ISO-8859-1 -t UTF-8",
  });
}

/** Where the last character that `bytes` holds whole ends: chunks end anywhere. */
export function characterEnd(bytes: Buffer): number {
  const length = bytes.length;
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back] ?? 0;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) {
      const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return wanted > back ? length - back : length;
    }
  }
  return length;
}

export function newlinesIn(bytes: Buffer, end: number = bytes.length): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1 && at < end; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

export function withoutBom(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
