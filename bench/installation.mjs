// @ts-check
/** What has to be there before anything is measured: the peers, and a built holdfast. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const root = join(folder, "..");

/** Installs the peers of the lock file with `npm ci`, unless they are what was installed last. */
export function ensurePeers() {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const stamp = join(folder, "node_modules", ".installed-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("installing the peers in bench/\n");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`npm ci in bench/ ended with exit code ${String(status)}`);
  writeFileSync(stamp, lock);
}

/** @throws {Error} when holdfast or its runner is not built */
export function checkBuilt() {
  for (const file of ["packages/holdfast/dist/esm/index.js", "packages/holdfast-cli/dist/main.js"])
    if (!existsSync(join(root, file))) throw new Error(`${file} does not exist; run npm ci in the repository first`);
}

/** @param {string | undefined} name a package; undefined: Node itself @param {string} nodeVersion */
export function versionOf(name, nodeVersion) {
  if (name === undefined) return `node ${nodeVersion}`;
  const manifest = name.startsWith("holdfast")
    ? join(root, "packages", name, "package.json")
    : join(folder, "node_modules", name, "package.json");
  return `${name} ${String(JSON.parse(readFileSync(manifest, "utf8")).version)}`;
}
