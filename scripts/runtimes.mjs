/**
 * The hosts that the library's portable tests run on, and where their binaries come from. They are installed on
 * demand into `.cache/runtimes`, never as dependencies: together they are 400 MB.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Runtime
 * @property {string} name as in `npm run test:runtimes -- bun`
 * @property {{ name: string, version: string } | undefined} source npm package; undefined for the Node that runs this
 * @property {string} binary path inside the installed package
 * @property {string[]} flags before the program
 */

/** @type {readonly Runtime[]} */
export const runtimes = [
  {
    name: `node-${process.versions.node.split(".")[0]}`,
    source: undefined,
    binary: process.execPath,
    flags: ["--enable-source-maps"],
  },
  {
    name: "node-24",
    source: {
      name: `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`,
      version: "24.21.0",
    },
    binary: process.platform === "win32" ? "bin/node.exe" : "bin/node",
    flags: ["--enable-source-maps"],
  },
  { name: "bun", source: { name: "bun", version: "1.4.5" }, binary: "bin/bun.exe", flags: ["run"] },
  {
    name: "deno",
    source: { name: "deno", version: "2.9.6" },
    binary: "deno",
    flags: ["run", "--allow-all", "--no-prompt"],
  },
];

/**
 * The path of a runtime's binary; installs its package when it is not there in the pinned version.
 * @param {Runtime} runtime
 * @param {string} folder where to install
 */
export function installRuntime(runtime, folder) {
  const { source } = runtime;
  if (source === undefined) return runtime.binary;
  const home = join(folder, runtime.name);
  const installed = join(home, "node_modules", source.name);
  const manifest = join(installed, "package.json");
  const version = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).version : undefined;
  if (version !== source.version) {
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), '{ "private": true }\n');
    execFileSync(
      "npm",
      ["install", "--no-audit", "--no-fund", "--no-package-lock", `${source.name}@${source.version}`],
      {
        cwd: home,
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
  }
  return join(installed, runtime.binary);
}
