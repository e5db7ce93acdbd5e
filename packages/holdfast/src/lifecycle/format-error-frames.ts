/**
 * The frames of a stack that are the user's: without those of this package and of Node's insides, which are the same in every stack and say nothing.
 */
import { readProperty } from "./format-error-facts.ts";

/** Frames of Node that no user has called. */
const INTERNAL = /\(?node:internal\//u;
/** Other copies of this package, and its runner, as a package manager puts them. */
const INSTALLED = /\/node_modules\/holdfast(?:-cli)?\/dist\//u;

/** What the paths of this copy begin with; null where that can't be told: then the program was bundled, and its own frames have the same path. */
let home: string | null | undefined;

function homeOf(): string | null {
  const frames = new Error("only for its stack").stack ?? "";
  return (
    /(?<home>(?:file:\/\/)?\/[^()\n]*\/)lifecycle\/format-error-frames\.[cm]?[jt]s:\d/u.exec(frames)?.groups?.[
      "home"
    ] ?? null
  );
}

function isForeign(frame: string): boolean {
  home ??= homeOf();
  return INTERNAL.test(frame) || INSTALLED.test(frame) || (home !== null && isUnder(frame, home));
}

/** CommonJS and ES modules of one copy, and its source under a test runner, write the same folder in two ways. */
function isUnder(frame: string, folder: string): boolean {
  const path = folder.replace(/^file:\/\//u, "");
  return (
    frame.includes(`(${path}`) ||
    frame.includes(`file://${path}`) ||
    frame.includes(`at ${path}`) ||
    frame.includes(`async ${path}`)
  );
}

/** The lines of `error.stack` that are frames, as they are there ("at load (file:///app.ts:3:5)"), the innermost first; of a stack that can't be read, none. */
export function framesOf(error: unknown): readonly string[] {
  const stack = readProperty(error, "stack");
  if (typeof stack !== "string") return [];
  const message = readProperty(error, "message");
  // The message comes first, and may look like a frame itself.
  const start = typeof message === "string" ? stack.indexOf(message) : -1;
  return stack
    .slice(start < 0 ? 0 : start + String(message).length)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "));
}

/** Those of {@link framesOf} that are the user's own. */
export function userFramesOf(error: unknown): readonly string[] {
  let wasForeign = false;
  return framesOf(error).filter((frame) => {
    // A promise that one of ours has made, or a native function that it went through.
    const hasNoPlace = frame.endsWith("(<anonymous>)") || / \(index \d+\)$/u.test(frame);
    wasForeign = hasNoPlace ? wasForeign : isForeign(frame);
    return !wasForeign;
  });
}
