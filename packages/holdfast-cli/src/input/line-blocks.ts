/**
 * Cuts bytes into text of whole lines, some thousands at a time: one decode and one UTF-8 check for each chunk. A cut at
 * a newline never splits a character, so none can be torn by the end of a chunk.
 */
import { CliError } from "../cli-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { newlinesIn, notUtf8, validLines, withoutBom } from "./utf8.ts";

const NEWLINE = 10;
/** One line, in bytes. V8's longest string is 512 MB. */
export const LONGEST_LINE: number = 256 * 1024 * 1024;

export interface LineBlock {
  /** Whole lines; a newline after the last one may be missing. */
  readonly text: string;
  /** The number of the first one, from 1. */
  readonly line: number;
}

export async function* lineBlocks(
  source: ByteSource,
  longest: number = LONGEST_LINE,
): AsyncGenerator<LineBlock, void, void> {
  let line = 1;
  let isFirst = true;
  // Pieces of a line that has not ended yet, joined once: a long line costs its length, not its square.
  let pieces: Buffer[] = [];
  let pieceBytes = 0;

  const take = (bytes: Buffer): Buffer => {
    const all = pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes]);
    pieces = [];
    pieceBytes = 0;
    if (!isFirst) return all;
    isFirst = false;
    return withoutBom(all);
  };
  function* checked(bytes: Buffer): Generator<LineBlock, void, void> {
    const valid = validLines(bytes, bytes.length);
    if (valid > 0) yield { text: bytes.toString("utf8", 0, valid), line };
    line += newlinesIn(bytes, valid);
    if (valid < bytes.length) throw notUtf8(source.name, line, bytes);
  }

  for await (const chunk of source.chunks()) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) yield* checked(take(chunk.subarray(0, end)));
    if (end < chunk.length) {
      pieces.push(chunk.subarray(end));
      pieceBytes += chunk.length - end;
    }
    if (pieceBytes > longest) {
      throw new CliError(
        65,
        `${source.name}:${line} is longer than ${longest} bytes; is it ${source.name.endsWith(".json") ? "a JSON array? name --format json" : "text with an item on each line?"}`,
      );
    }
  }
  if (pieceBytes > 0) yield* checked(take(Buffer.alloc(0)));
}
