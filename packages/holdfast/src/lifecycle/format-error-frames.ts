/**
 * The frames of a stack that are the user's: without those of this package and of Node's insides, which are the same in every stack and say nothing.
 *
 * Whose a frame is, its path says: this copy knows its own folder, and any other by the name that a package manager gives it. In a bundle all have one path; there the source
 * map says it, and without one all frames are the user's.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { callSite } from "../core/lowlevel.ts";
import { readBundleMap } from "./bundle-map.ts";
import { readProperty } from "./format-error-facts.ts";

/** Frames of Node that no user has called, and the lines that `taskStack` adds. */
const INTERNAL = /\(?node:internal\/|^at task "/u;
/** Copies of this package, and its runner, as a package manager puts them; in their source with source maps. */
const INSTALLED = /\/node_modules\/holdfast(?:-cli)?\/(?:dist|src)\//u;

/** What a frame says of its place: lines and columns from 1. */
interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** What this copy knows of itself. */
interface Home {
  readonly isOwn: (path: string) => boolean;
  /** The folder of the bundle that it is in. */
  readonly bundle: string | undefined;
}

let home: Home | undefined;
/** Of each file of the bundle whose frames were seen. */
const parts: Map<string, (line: number, column: number) => boolean> = new Map();

/** A bundle is in a few files; a program that makes files all the time has others. */
const MOST_FILES = 50;

function placeOfFrame(frame: string): Place | undefined {
  const found = /^at (?:async )?(?:.*? \()?(?<path>.*):(?<line>\d+):(?<column>\d+)\)?$/u.exec(frame)?.groups;
  if (found?.["path"] === undefined) return undefined;
  return { path: pathOf(found["path"]), line: Number(found["line"]), column: Number(found["column"]) };
}

/** Of a URL too, without what a loader has added; with slashes everywhere. */
function pathOf(text: string): string {
  if (!text.startsWith("file:")) return text.replaceAll("\\", "/");
  try {
    return fileURLToPath(text.replace(/[?#].*$/u, "")).replaceAll("\\", "/");
  } catch {
    return text;
  }
}

function here(): string | undefined {
  return callSite(here);
}

function findHome(): Home {
  const own = placeOfFrame(here() ?? "");
  const isInstalled = (path: string): boolean => INSTALLED.test(path);
  if (own === undefined) return { isOwn: isInstalled, bundle: undefined };
  const isBelow = ownFolder(own.path);
  if (isBelow !== undefined) return { isOwn: (path) => isInstalled(path) || isBelow(path), bundle: undefined };
  const source = readBundleMap(own.path)
    ?.sourceAt(own.line - 1, own.column - 1)
    ?.replaceAll("\\", "/");
  const isSource = ownFolder(source ?? "");
  return {
    isOwn: (path) => isInstalled(path) || isSource?.(path) === true,
    bundle: dirname(own.path),
  };
}

/** Whether a path is in the folder of the package that has this module at `path`: as it was written, or compiled in either way; or in the runner beside it. */
function ownFolder(path: string): ((path: string) => boolean) | undefined {
  const root = /^(?<root>.*?)(?:\/dist\/(?:esm|cjs)|\/src)?\/lifecycle\/format-error-frames\.[cm]?[jt]s$/u.exec(path)
    ?.groups?.["root"];
  if (root === undefined) return undefined;
  // Somebody may have it among their own sources: so only what is in a folder that it has.
  const inFolder = /^\/(?:dist\/(?:esm|cjs)\/|src\/)?(?:core|sync|policy|batch|lifecycle|inspect|testing)\//u;
  const runner = root.endsWith("/holdfast") ? `${root}-cli/` : undefined;
  return (other) =>
    (other.startsWith(`${root}/`) && inFolder.test(other.slice(root.length))) ||
    (runner !== undefined && other.startsWith(runner) && /^(?:dist|src)\//u.test(other.slice(runner.length)));
}

function isForeign(frame: string): boolean {
  if (INTERNAL.test(frame)) return true;
  const place = placeOfFrame(frame);
  if (place === undefined) return false;
  home ??= findHome();
  const { path, line, column } = place;
  return home.isOwn(path) || (home.bundle === dirname(path) && isOwnPart(path, home.isOwn)(line - 1, column - 1));
}

function isOwnPart(path: string, isOwn: (path: string) => boolean): (line: number, column: number) => boolean {
  let part = parts.get(path);
  if (part === undefined) {
    part = (parts.size < MOST_FILES ? readBundleMap(path)?.partition(isOwn) : undefined) ?? ((): boolean => false);
    parts.set(path, part);
  }
  return part;
}

/** A stack in its parts. */
export interface StackParts {
  /** What comes before the frames: name and message. */
  readonly head: string;
  /** The lines that are frames, as they are there ("at load (file:///app.ts:3:5)"), the innermost first. */
  readonly frames: readonly string[];
  /** Those of them that are the user's own. */
  readonly userFrames: readonly string[];
}

/** Of `error.stack`; nothing of one that can't be read. */
export function stackOf(error: unknown): StackParts {
  const stack = readProperty(error, "stack");
  if (typeof stack !== "string") return { head: "", frames: [], userFrames: [] };
  const message = readProperty(error, "message");
  // The message comes first, and may look like a frame itself.
  const start = typeof message === "string" ? stack.indexOf(message) : -1;
  const end = start < 0 ? 0 : start + String(message).length;
  const lines = stack.slice(end).split("\n");
  const first = lines.findIndex((line) => /^\s*at /u.test(line));
  const frames = lines.map((line) => line.trim()).filter((line) => line.startsWith("at "));
  const head = stack.slice(0, end) + (first < 0 ? lines : lines.slice(0, first)).join("\n");
  return { head, frames, userFrames: usersOf(frames) };
}

/** The user's own frames of `error.stack`, as they are there, the innermost first; of a stack that can't be read, none. */
export function userFramesOf(error: unknown): readonly string[] {
  return stackOf(error).userFrames;
}

function usersOf(frames: readonly string[]): readonly string[] {
  let wasForeign = false;
  return frames.filter((frame) => {
    // A promise that one of ours has made, or a native function that it went through.
    const hasNoPlace = frame.endsWith("(<anonymous>)") || / \(index \d+\)$/u.test(frame);
    wasForeign = hasNoPlace ? wasForeign : isForeign(frame);
    return !wasForeign;
  });
}
