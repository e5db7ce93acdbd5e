/**
 * `npm run check:package`: what users install. Linted by publint, its types resolved by attw as ESM and as CommonJS,
 * its size within the budgets of `.size-limit.json`. The packed tarball is installed and loaded by
 * `packages/holdfast/test/package/tarball.test.ts`. Runs every check, whatever the others say.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (!existsSync(join(root, "packages/holdfast/dist/esm/index.js"))) {
  console.error("packages/holdfast/dist is missing; run npm run build first");
  process.exit(1);
}

mkdirSync(join(root, ".cache"), { recursive: true });
const folder = mkdtempSync(join(root, ".cache/package-"));
/** @type {string[]} */
const failed = [];
try {
  for (const name of ["holdfast", "holdfast-cli"]) {
    check(`publint ${name}`, "publint", ["run", join("packages", name), "--strict", "--pack", "npm"]);
  }
  const [tarball] = pack("holdfast");
  // node10 can't read `exports`, so it never finds a subpath; every Node that `engines` allows can.
  if (tarball !== undefined) check("attw holdfast", "attw", [tarball, "--profile", "node16", "--no-emoji"]);
  check("size", "size-limit", []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 */
function check(name, command, args) {
  console.log(`\n── ${name}`);
  const { status, error } = spawnSync(join(root, "node_modules/.bin", command), args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) console.error(error.message);
  if (status !== 0) failed.push(name);
}

/**
 * The path of the packed workspace; empty when npm could not pack it.
 * @param {string} workspace
 */
function pack(workspace) {
  const args = ["pack", "--json", "--ignore-scripts", "--workspace", workspace, "--pack-destination", folder];
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) {
    console.error(stderr);
    failed.push(`pack ${workspace}`);
    return [];
  }
  const [entry] = Object.values(JSON.parse(stdout));
  return [join(folder, entry.filename)];
}
