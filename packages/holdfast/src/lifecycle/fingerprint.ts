/**
 * What makes two errors the same fault: what they are, what they say apart from the particulars, and where they come from.
 */
import { checkCount } from "../core/lowlevel.ts";
import { userFramesOf } from "./format-error-frames.ts";

/** Of a message; what follows is data. */
const LONGEST = 200;

/**
 * A message without what differs from one occurrence to the next: quoted text becomes `"…"`, ids, addresses and numbers become `#`.
 *
 * @param most characters that are looked at
 */
export function normalizeMessage(message: string, most: number = LONGEST): string {
  checkCount("normalizeMessage: most", most, 1);
  return (
    message
      .slice(0, most)
      .replace(/"[^"\n]*"?|`[^`\n]*`?|(?<![\p{L}\p{N}])'[^'\n]*(?:'|$)/gu, '"…"')
      // Only from where a run begins: tried from each of its characters, a long one would take quadratic time.
      .replace(/(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+/gu, "#")
      .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/giu, "#")
      .replace(/\b(?=[a-z]*\d)[0-9a-f]{8,}\b/giu, "#")
      .replace(/(?:(?<![\p{L}_])[-+])?\d+(?:[.:,/-]\d+)*(?:e[-+]?\d+)?/gu, "#")
      .replace(/\s+/gu, " ")
  );
}

/** Type, code, normalised message and the top frame of the user's, without its line: the next version of a program has other lines. At most about 400 characters. */
export function fingerprintOf(error: unknown, type: string, code: string | undefined, message: string): string {
  const frame = userFramesOf(error)[0];
  return [type, code ?? "", normalizeMessage(message), frame === undefined ? "" : placeWithoutLine(frame)].join("|");
}

/** "load app.ts" of "at async load (file:///srv/app.ts:3:5)"; of a frame without a function its line remains: there is nothing else. */
function placeWithoutLine(frame: string): string {
  const named = /^at (?:async )?(?<name>.+) \((?<place>.*)\)$/u.exec(frame)?.groups;
  const place = (named?.["place"] ?? frame.replace(/^at (?:async )?/u, "")).replace(/^.*[\\/]/u, "");
  return named === undefined
    ? place.slice(-100)
    : `${String(named["name"]).slice(0, 80)} ${place.replace(/:\d+:\d+$/u, "").slice(-80)}`;
}
