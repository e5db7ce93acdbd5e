/**
 * The items of the audit: the packages of a `package-lock.json`, from the lock file's own entries.
 *
 * Left out are the root itself and the links to workspaces: a link is the same package under a second path.
 */
import { readFile } from "node:fs/promises";

/** One package of the lock file. */
export interface Entry {
  /** From the lock file's folder, such as `node_modules/semver`. */
  readonly path: string;
  readonly version: string | undefined;
  /** npm may leave it out, on a platform that it is not for. */
  readonly optional: boolean;
  /** What its author says to those who still install it. */
  readonly deprecated: string | undefined;
}

/** @throws {TypeError} when the file is no lock file of npm 7 or later. */
export async function readEntries(lockFile: string): Promise<Entry[]> {
  const lock: unknown = JSON.parse(await readFile(lockFile, "utf8"));
  if (!isRecord(lock) || !isRecord(lock["packages"])) {
    throw new TypeError(`${lockFile} has no "packages": it must be a package-lock.json of npm 7 or later`);
  }
  const entries: Entry[] = [];
  for (const [path, entry] of Object.entries(lock["packages"])) {
    if (path === "" || !isRecord(entry) || entry["link"] === true) continue;
    const { version, optional, devOptional, deprecated } = entry;
    entries.push({
      path,
      version: typeof version === "string" ? version : undefined,
      optional: optional === true || devOptional === true,
      deprecated: typeof deprecated === "string" ? deprecated : undefined,
    });
  }
  return entries;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
