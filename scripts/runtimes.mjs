/**
 * The hosts that the library's portable tests run on, and where their binaries come from. They are installed on
 * demand into `.cache/runtimes`, never as dependencies: together they are 500 MB.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startOnPage, unpackChromium } from "./runtime-page.mjs";
import { startProcess } from "./runtime-process.mjs";

/**
 * @typedef {object} Run
 * @property {Promise<string | undefined>} ended what went wrong with the host itself, if anything did
 * @property {() => void} kill ends the host at once
 */
/**
 * @typedef {(binary: string, folder: string, files: readonly string[], onText: (text: string) => void) => Run} Start
 * Runs the bundles `files` of `folder` on the host, and passes on what it writes.
 */
/**
 * @typedef {object} Runtime
 * @property {string} name as in `npm run test:runtimes -- bun`
 * @property {{ name: string, version: string } | undefined} source npm package; undefined for the Node that runs this
 * @property {(installed: string) => string} binary its path, from the folder of the installed package
 * @property {Start} start how tests run on it
 * @property {string | undefined} onlyOn the platform and architecture it is published for; undefined: all
 */

const windows = process.platform === "win32";
const mapped = "--enable-source-maps";

/** @param {string} version @returns {Runtime} */
function node(version) {
  return {
    name: `node-${version.split(".")[0]}`,
    source: { name: `node-${windows ? "win" : process.platform}-${process.arch}`, version },
    binary: (installed) => join(installed, windows ? "bin/node.exe" : "bin/node"),
    start: startProcess(mapped),
    onlyOn: undefined,
  };
}

/** @type {readonly Runtime[]} */
export const runtimes = [
  {
    name: `node-${process.versions.node.split(".")[0]}`,
    source: undefined,
    binary: () => process.execPath,
    start: startProcess(mapped),
    onlyOn: undefined,
  },
  node("22.23.3"),
  node("24.21.0"),
  node("26.10.0"),
  {
    name: "bun",
    source: { name: "bun", version: "1.4.5" },
    binary: (installed) => join(installed, "bin/bun.exe"),
    start: startProcess("run"),
    onlyOn: undefined,
  },
  {
    name: "deno",
    source: { name: "deno", version: "2.9.6" },
    binary: (installed) => join(installed, windows ? "deno.exe" : "deno"),
    start: startProcess("run", "--allow-all", "--no-prompt"),
    onlyOn: undefined,
  },
  {
    name: "chromium",
    source: { name: "@sparticuz/chromium", version: "153.0.0" },
    binary: unpackChromium,
    start: startOnPage,
    onlyOn: "linux-x64",
  },
];

/**
 * The path of a runtime's binary; installs its package when it is not there in the pinned version.
 * @param {Runtime} runtime
 * @param {string} folder where to install
 */
export function installRuntime({ name, source, binary }, folder) {
  if (source === undefined) return binary("");
  const home = join(folder, name);
  const installed = join(home, "node_modules", source.name);
  const manifest = join(installed, "package.json");
  const version = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).version : undefined;
  if (version !== source.version) {
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), '{ "private": true }\n');
    const args = ["install", "--no-audit", "--no-fund", "--no-package-lock", `${source.name}@${source.version}`];
    execFileSync("npm", args, { cwd: home, stdio: ["ignore", "ignore", "inherit"] });
  }
  return binary(installed);
}
