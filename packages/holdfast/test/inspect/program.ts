/** Programs that are looked at: bundled with the library's source, and run on a Node of the test's choice. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const source = (path: string): string => join(root, "packages/holdfast/src", path);

/** Milliseconds that a test with processes may take on a busy machine; seconds at most otherwise. */
export const processLimit = 30_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The Node to run it on. Default: this one. */
  readonly binary?: string | undefined;
  /** Of Node itself. */
  readonly flags?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Kills it as soon as its stderr matches. */
  readonly killWhen?: RegExp | undefined;
}

export interface Programs extends Disposable {
  /** The path of a bundled program. */
  readonly path: (name: string) => string;
  /** Runs `programs/<name>.ts` to its end. */
  readonly run: (name: string, options?: RunOptions) => Promise<Ended>;
}

/** Bundles these of `programs/`. */
export async function bundlePrograms(names: readonly string[]): Promise<Programs> {
  // Inside the repository, so that the paths of a stack are those of the sources.
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/inspect-"));
  await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url))),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "node",
    sourcemap: true,
    logLevel: "warning",
    alias: {
      "holdfast/sync": source("sync/index.ts"),
      "holdfast/inspect/register": source("inspect/register.ts"),
      "holdfast/inspect": source("inspect/index.ts"),
      holdfast: source("index.ts"),
    },
  });
  const path = (name: string): string => join(folder, `${name}.mjs`);
  return {
    path,
    run: (name, { binary = process.execPath, flags = [], args = [], env = {}, killWhen } = {}) =>
      new Promise((resolve) => {
        const command = ["--enable-source-maps", ...flags, path(name), ...args];
        const options = {
          cwd: fileURLToPath(new URL("programs", import.meta.url)),
          env: { ...process.env, ...env },
          timeout: 30_000,
        };
        const child = execFile(binary, command, options, (_error, stdout, stderr) =>
          resolve({ code: child.exitCode, stdout, stderr }),
        );
        let told = "";
        child.stderr?.on("data", (text: string) => {
          told += text;
          if (killWhen?.test(told) === true) child.kill("SIGKILL");
        });
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Without what differs from run to run, and without columns, which formatting moves. */
export function steady(text: string): string {
  return text
    .replace(/^process \d+, node [\d.]+/u, "process PID, node VERSION")
    .replaceAll(/\d+(?:\.\d)? (?:ms|s)\b/gu, "TIME")
    .replaceAll(/:\d+\)/gu, ")");
}

interface Installable {
  readonly name: string;
}

/** The path of the Node of each other version that the library is tried on; installed if it is not there. */
export async function otherNodes(): Promise<readonly { readonly name: string; readonly binary: string }[]> {
  // Holds: these are its exports; it is plain JavaScript, and has no declarations.
  const { installRuntime, runtimes } = (await import(pathToFileURL(join(root, "scripts/runtimes.mjs")).href)) as {
    readonly runtimes: readonly (Installable & { readonly source: object | undefined })[];
    readonly installRuntime: (runtime: Installable, folder: string) => string;
  };
  return runtimes
    .filter(({ name, source: published }) => name.startsWith("node-") && published !== undefined)
    .map((runtime) => ({ name: runtime.name, binary: installRuntime(runtime, join(root, ".cache/runtimes")) }));
}
