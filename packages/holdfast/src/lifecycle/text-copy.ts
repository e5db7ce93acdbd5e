/**
 * Text that is kept.
 */
import { Buffer } from "node:buffer";

/** At most the first `most` characters, as a text of its own: what `slice` gives, and what a text was cut from, is kept alive as a whole. */
export function copyText(text: string, most: number): string {
  return Buffer.from(text.slice(0, most), "utf16le").toString("utf16le");
}
