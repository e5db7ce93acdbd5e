/**
 * Builds both packages from nothing: what a removed source file left behind in `dist` would otherwise be published,
 * and tsc keeps stale errors in its build info. Emits ESM through the project references (which enforce who may
 * import whom), then CommonJS in one pass.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const library = join(root, "packages/holdfast");
const tool = join(root, "packages/holdfast-cli");
const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
const tsc = join(dirname(typescript), JSON.parse(readFileSync(typescript, "utf8")).bin.tsc);

for (const project of [library, tool]) {
  for (const output of ["dist", ".cache"]) rmSync(join(project, output), { recursive: true, force: true });
}

compile("-b", root);
compile("-p", join(library, "tsconfig.cjs.json"));
// Node, TypeScript and bundlers read the module kind and `sideEffects` from the nearest package.json.
const marker = { type: "commonjs", sideEffects: ["./inspect/register.js", "./inspect/adapters/*.js"] };
writeFileSync(join(library, "dist/cjs/package.json"), `${JSON.stringify(marker)}\n`);
chmodSync(join(tool, "bin/holdfast.js"), 0o755);

/** @param {string[]} args */
function compile(...args) {
  try {
    execFileSync(process.execPath, [tsc, ...args], { stdio: "inherit" });
  } catch (error) {
    // The compiler has printed its findings; a stack of this script would bury them.
    process.exit(error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : 1);
  }
}
