/**
 * What a `package.json` says: which files it promises, under which licence it is, which fields it should have given up.
 * Pure functions of the parsed manifest.
 */
import { isRecord } from "./entries.ts";

export type Manifest = Readonly<Record<string, unknown>>;

/** A file that a manifest promises, and where it says so: `exports["."].import`. */
export interface PromisedFile {
  readonly field: string;
  /** Relative to the package; `*` stands for any characters in a target of `exports`. */
  readonly target: string;
}

/** The files named by `main`, `module`, `types`, `typings`, `bin` and `exports`, in that order. */
export function promisedFiles(manifest: Manifest): PromisedFile[] {
  const files: PromisedFile[] = [];
  for (const field of ["main", "module", "types", "typings"]) {
    const target = manifest[field];
    if (typeof target === "string" && target !== "") files.push({ field, target });
  }
  const { bin, exports } = manifest;
  if (typeof bin === "string") files.push({ field: "bin", target: bin });
  else if (isRecord(bin)) {
    for (const [name, target] of Object.entries(bin)) {
      if (typeof target === "string") files.push({ field: `bin.${name}`, target });
    }
  }
  collectExports(exports, "exports", files);
  return files;
}

/** A target is a path, null (not exported), a list of fallbacks, or conditions that lead to one of these. */
function collectExports(value: unknown, field: string, files: PromisedFile[]): void {
  if (typeof value === "string") {
    if (value.startsWith("./")) files.push({ field, target: value });
  } else if (Array.isArray(value)) {
    for (const [index, fallback] of value.entries()) collectExports(fallback, `${field}[${index}]`, files);
  } else if (isRecord(value)) {
    for (const [name, target] of Object.entries(value)) {
      collectExports(target, /^\w+$/.test(name) ? `${field}.${name}` : `${field}[${JSON.stringify(name)}]`, files);
    }
  }
}

/** The licence as an SPDX expression where there is one; "none given" else. Reads the forms that npm gave up, too. */
export function licenceOf(manifest: Manifest): string {
  const { license, licenses } = manifest;
  if (typeof license === "string" && license !== "") return license;
  const old = (Array.isArray(licenses) ? licenses : [license ?? licenses]).map((entry: unknown) =>
    isRecord(entry) ? entry["type"] : entry,
  );
  const names = old.filter((name) => typeof name === "string" && name !== "");
  return names.length === 0 ? "none given" : names.join(" OR ");
}

/** Fields and forms that npm's documentation calls deprecated or no longer reads, with what to write instead. */
export function deprecatedFields(manifest: Manifest): string[] {
  const found: string[] = [];
  if (isRecord(manifest["license"])) found.push("license as an object: write an SPDX expression");
  if ("licenses" in manifest) found.push("licenses: write license");
  if (Array.isArray(manifest["engines"])) found.push("engines as a list: write an object");
  if ("engineStrict" in manifest) found.push("engineStrict: npm 3 and later ignore it");
  if ("preferGlobal" in manifest) found.push("preferGlobal: npm no longer reads it");
  if ("jsnext:main" in manifest) found.push("jsnext:main: write exports, or module");
  return found;
}
