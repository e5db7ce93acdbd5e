// @ts-check
/**
 * `npm run mutation [-- group.ts sleep.ts …]`: breaks the core, or these files of it, in every place that Stryker knows, and shows what no test has noticed and the
 * score of each file. Works on a copy; two processors take an hour or so for all of it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { survivorsOf, tableOf } from "./report.mjs";

const folder = import.meta.dirname;
const root = join(folder, "..");
const core = "packages/holdfast/src/core";

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !existsSync(join(root, core, name)));
if (unknown.length > 0) {
  process.stderr.write(`mutation: no ${unknown.join(", ")} in ${core}; name files of it, or none for all\n`);
  process.exit(64);
}

install();
const { status } = spawnSync(process.execPath, [join(folder, "run.mjs"), ...chosen], { cwd: root, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
const { files } = JSON.parse(readFileSync(join(root, ".cache/mutation-report.json"), "utf8"));
process.stdout.write(`\n${survivorsOf(files).join("\n")}\n\n${tableOf(files)}\n`);

/** With `npm ci`, unless what the lock file says is what was installed last. */
function install() {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const stamp = join(folder, "node_modules", ".installed-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("installing Stryker in mutation/\n");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) throw new Error(`npm ci in mutation/ ended with exit code ${String(npm.status)}`);
  writeFileSync(stamp, lock);
}
