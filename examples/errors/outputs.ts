/** What the four programs of this folder print, and what the guide says that they print: docs/guide/errors.md. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

interface Program {
  readonly file: string;
  /** On the page; the output is in the first fence below it. */
  readonly heading: string;
}
export type ProgramName = keyof typeof programs;

export const programs = {
  holdfast: { file: "holdfast.mjs", heading: "### Here" },
  native: { file: "native.mjs", heading: "### Node" },
  python: { file: "python.py", heading: "### Python 3.11" },
  effect: { file: "effect.mjs", heading: "### Effect 4.1" },
} as const satisfies Readonly<Record<string, Program>>;

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "examples/errors");
const peers = join(root, "bench/node_modules");

export const pagePath: string = join(root, "docs/guide/errors.md");

/** What a program needs that is not there; undefined when it can be run. Python's tracebacks differ from version to version. */
export function missingFor(name: ProgramName): string | undefined {
  if (name === "effect") {
    const manifest = join(peers, "effect/package.json");
    const version = existsSync(manifest) ? /"version": "4\.1\./u.test(readFileSync(manifest, "utf8")) : false;
    return version ? undefined : "Effect 4.1, by npm ci --prefix bench";
  }
  if (name !== "python") return undefined;
  const { stdout } = spawnSync("python3", ["--version"], { encoding: "utf8", timeout: 60_000 });
  return stdout?.startsWith("Python 3.11.") ? undefined : "python3 of version 3.11";
}

/** Its standard error, with short paths. @throws {Error} unless it ends as a program that failed, with code 1 */
export function outputOf(name: ProgramName): string {
  const { file } = programs[name];
  // The benchmarks' packages are not installed for the examples: there the program runs beside them.
  const place = name === "effect" ? besidePeers(file) : folder;
  try {
    const command = name === "python" ? "python3" : process.execPath;
    const { NODE_OPTIONS: _, FORCE_COLOR: __, ...env } = process.env;
    const { status, stderr } = spawnSync(command, [join(place, file)], { encoding: "utf8", timeout: 60_000, env });
    if (status !== 1) throw new Error(`${file} ended with ${status}, expected 1:\n${stderr}`);
    return shortened(stderr);
  } finally {
    if (place !== folder) rmSync(place, { recursive: true });
  }
}

function besidePeers(file: string): string {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const place = mkdtempSync(join(root, ".cache/errors-"));
  symlinkSync(peers, join(place, "node_modules"));
  copyFileSync(join(folder, file), join(place, file));
  return place;
}

/** Where this project, Python and packages are installed is no fact about what is printed. */
function shortened(text: string): string {
  return text
    .replaceAll(/(?:file:\/\/)?\/[^\s"()]*\/(?<end>(?:lib\/python3\.\d+|node_modules)\/)/gu, "…/$<end>")
    .replaceAll(/(?:file:\/\/)?\/[^\s"()]*\/(?=(?:(?:holdfast|native|effect)\.mjs|python\.py)\b)/gu, "")
    .replaceAll(/[^\S\n]+$/gmu, "")
    .replace(/^\n+/u, "")
    .trimEnd();
}

/** The page, and where in it the output of a program is. @throws {Error} when the page has no place for it */
function placeOnPage(name: ProgramName): { page: string; start: number; end: number } {
  const page = readFileSync(pagePath, "utf8");
  const section = page.indexOf(`\n${programs[name].heading}\n`);
  const opening = "\n```text\n";
  const start = section < 0 ? -1 : page.indexOf(opening, section);
  if (start < 0) throw new Error(`${pagePath} has no text fence below "${programs[name].heading}"`);
  return { page, start: start + opening.length, end: page.indexOf("\n```\n", start + opening.length - 1) };
}

export function outputOnPage(name: ProgramName): string {
  const { page, start, end } = placeOnPage(name);
  return page.slice(start, end);
}

/** The page with this output of the program. */
export function pageWith(name: ProgramName, output: string): string {
  const { page, start, end } = placeOnPage(name);
  return `${page.slice(0, start)}${output}${page.slice(end)}`;
}

/** Without what differs from one run, or one Node, to the next. */
export function lasting(output: string): string {
  return output.replaceAll(/\b\d+(?:\.\d+)? ms\b/gu, "N ms").replaceAll(/(?<=^Node\.js v)[\d.]+$/gmu, "N");
}
