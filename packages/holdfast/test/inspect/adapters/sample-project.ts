/** Projects of a user with tests of their own, and the package as it would be published in their `node_modules`. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../../..", import.meta.url));
const library = join(root, "packages/holdfast");
const { resolve: locate } = createRequire(import.meta.url);

export interface SampleProject extends Disposable {
  readonly folder: string;
  /** Runs Node in it, with all that it writes as one text, and its exit code. */
  readonly run: (args: readonly string[], binary?: string) => Promise<{ readonly text: string; readonly code: number }>;
}

/** Milliseconds that a test with a runner in it may take on a busy machine; seconds otherwise. */
export const runnerLimit = 60_000;

/** Without what differs from run to run, and without columns, which formatting moves. */
export function steady(text: string, folder: string): string {
  return text
    .replaceAll(folder, "FOLDER")
    .replaceAll(/process \d+, node [\d.]+/gu, "process PID, node VERSION")
    .replaceAll(/ \(?\d+(?:\.\d+)? ?m?s\)?(?=$|[,\n])/gu, (time) => (time.startsWith(" (") ? "" : " TIME"))
    .replaceAll(/^ +(?:Start at|Duration) .*\n/gmu, "")
    .replaceAll(/:(?<line>\d+):\d+/gu, ":$<line>");
}

/** The paths of the programs of test runners. */
export const runners: { readonly jest: string; readonly vitest: string } = {
  jest: join(dirname(locate("jest/package.json")), "bin/jest.js"),
  vitest: join(dirname(locate("vitest/package.json")), "vitest.mjs"),
};

/** A copy of `fixtures/<name>`, inside the repository: there are the runners. */
export async function makeProject(name: string): Promise<SampleProject> {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/adapters-"));
  cpSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  await emitPackage(join(folder, "node_modules/holdfast"));
  return {
    folder,
    run: (args, binary = process.execPath) =>
      new Promise((resolve) => {
        const { PATH = "", HOME = "" } = process.env;
        // Neither colours nor what the runner of this very test has set.
        const env = { PATH, HOME, NO_COLOR: "1" };
        const child = execFile(binary, args, { cwd: folder, env, timeout: 60_000 }, (_error, stdout, stderr) =>
          resolve({ text: `${stdout}${stderr}`, code: child.exitCode ?? -1 }),
        );
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** From the sources as they are now, with the exports that are published. */
async function emitPackage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  cpSync(join(library, "package.json"), join(folder, "package.json"));
  const options = {
    "-p": join(library, "tsconfig.cjs.json"),
    // They would lead out of the package: its sources are not there.
    "--sourceMap": "false",
    "--declarationMap": "false",
  };
  const emit = (output: string, more: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    const places = { "--outDir": join(folder, "dist", output), "--tsBuildInfoFile": join(folder, `${output}.json`) };
    const args = Object.entries({ ...options, ...places, ...more }).flat();
    return promisify(execFile)(process.execPath, [
      join(dirname(locate("typescript/package.json")), "bin/tsc"),
      ...args,
    ]);
  };
  await Promise.all([emit("cjs"), emit("esm", { "--module": "NodeNext", "--moduleResolution": "NodeNext" })]);
  writeFileSync(join(folder, "dist/cjs/package.json"), '{ "type": "commonjs" }\n');
}
