/**
 * The frames of an await stack that are the user's: not those of this package, and not the host's insides.
 */
import { isTagged } from "./tag.ts";

/** Of Node itself, and of native functions that promises go through. */
const HOST = /\(?node:internal\/|\(<anonymous>\)$| \(index \d+\)$/u;
/** Other copies of this package, and its runner, as a package manager puts them. */
const INSTALLED = /\/node_modules\/holdfast(?:-cli)?\/dist\//u;

/** The folder of this copy, as it is written in frames; null where that can't be told: then the program was bundled, and its own frames have the same path. */
let home: string | null | undefined;

export function homeOf(): string | null {
  const frames = new Error("only for its stack").stack ?? "";
  const found = /(?:file:\/\/)?(?<home>\/[^()\n]*\/)inspect\/user-frames\.[cm]?[jt]s:\d/u.exec(frames);
  return found?.groups?.["home"] ?? null;
}

/** Whether the user has written it. */
export function isUserFrame(frame: string): boolean {
  home ??= homeOf();
  if (isTagged(frame) || HOST.test(frame) || INSTALLED.test(frame)) return false;
  return home === null || !(frame.includes(`(${home}`) || frame.includes(`file://${home}`) || frame.startsWith(home));
}
