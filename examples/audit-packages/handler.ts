/**
 * Audits one package of the lock file: reads its manifest, its licence and its deprecated fields, and looks on the disk
 * for every file that the manifest promises.
 *
 *   holdfast run handler.ts packages.ndjson --key path --concurrency 16 --output audit.ndjson
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StopRetry } from "holdfast";
import type { HandlerContext } from "holdfast-cli";
import { isRecord } from "./entries.ts";
import type { Entry } from "./entries.ts";
import { exists, isThere } from "./files.ts";
import { deprecatedFields, licenceOf, promisedFiles } from "./manifest.ts";

/** What the audit found; one line of `audit.ndjson`. */
export type Audit =
  | { readonly path: string; readonly version: string | undefined; readonly installed: false }
  | {
      readonly path: string;
      readonly version: string | undefined;
      readonly installed: true;
      readonly licence: string;
      /** `main: ./lib/index.js` for each file that is promised and not there. */
      readonly missing: readonly string[];
      readonly deprecatedFields: readonly string[];
      readonly deprecated: string | undefined;
    };

const root = fileURLToPath(new URL("../../", import.meta.url));

export default async function auditPackage(
  { path, version, optional, deprecated }: Entry,
  { signal }: Pick<HandlerContext, "signal">,
): Promise<Audit> {
  const folder = join(root, path);
  if (!(await exists(join(folder, "package.json")))) {
    // npm leaves out what is not for this platform; anything else that is gone is an error, and no retry brings it back.
    if (optional) return { path, version, installed: false };
    throw new StopRetry(new NotInstalledError(path));
  }
  const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), { encoding: "utf8", signal }));
  if (!isRecord(manifest)) throw new StopRetry(new TypeError(`${path}/package.json holds no object`));

  const missing: string[] = [];
  for (const file of promisedFiles(manifest)) {
    signal.throwIfAborted();
    if (!(await isThere(folder, file))) missing.push(`${file.field}: ${file.target}`);
  }
  return {
    path,
    version,
    installed: true,
    licence: licenceOf(manifest),
    missing,
    deprecatedFields: deprecatedFields(manifest),
    deprecated,
  };
}

/** The lock file names a package that is not on the disk. */
export class NotInstalledError extends Error {
  override readonly name = "NotInstalledError";
  readonly code = "ERR_NOT_INSTALLED";
  readonly path: string;

  constructor(path: string) {
    super(`${path} is in the lock file and not on the disk; run npm ci`);
    this.path = path;
  }
}
