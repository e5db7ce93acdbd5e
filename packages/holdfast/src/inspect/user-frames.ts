/**
 * The frames of an await stack that are the user's: not those of this package, whichever copies of it are in the process, and not the host's insides.
 */
import { Link, registry } from "../core/lowlevel.ts";
import { functionLocations } from "./function-locations.ts";
import { isTagged } from "./tag.ts";

/** Of Node itself, and of native functions that promises go through. */
const HOST = /\(?node:internal\/|\(<anonymous>\)$| \(index \d+\)$/u;
/** Other copies of this package, and its runner, as a package manager puts them. */
const INSTALLED = /\/node_modules\/holdfast(?:-cli)?\/(?:dist|src)\//u;

/** The folder of this copy, as it is written in frames; null where that can't be told: then the program was bundled, and its own frames have the same path. */
let home: string | null | undefined;

/** Folders of other copies, each for what was built and for its sources: a checkout, or a package manager's store. */
const copies: string[] = [];
const asked = new WeakSet<object>();

export function homeOf(): string | null {
  const frames = new Error("only for its stack").stack ?? "";
  const found = /(?:file:\/\/)?(?<home>\/[^()\n]*\/)inspect\/user-frames\.[cm]?[jt]s:\d/u.exec(frames);
  return found?.groups?.["home"] ?? null;
}

/** Finds where the other copies are that run something now; each once. One that is part of a bundle can't be told from the program. */
export function findCopies(): void {
  const roots = registry().runtimes.flatMap(({ root }) => (root instanceof Link || asked.has(root) ? [] : [root]));
  for (const root of roots) asked.add(root);
  for (const place of functionLocations(roots.map((root) => root.constructor))) {
    const pattern = /^(?:file:\/\/)?(?<package>\/.*\/)(?:dist\/(?:esm|cjs)|src)\/core\/cancel\.[cm]?[jt]s:\d+:\d+$/u;
    const folder = pattern.exec(place ?? "")?.groups?.["package"];
    if (folder !== undefined) copies.push(`${folder}dist/`, `${folder}src/`);
  }
}

/** Whether the user has written it. */
export function isUserFrame(frame: string): boolean {
  home ??= homeOf();
  if (isTagged(frame) || HOST.test(frame) || INSTALLED.test(frame)) return false;
  return !(home !== null && isBelow(frame, home)) && !copies.some((folder) => isBelow(frame, folder));
}

function isBelow(frame: string, folder: string): boolean {
  return frame.includes(`(${folder}`) || frame.includes(`file://${folder}`) || frame.startsWith(folder);
}
