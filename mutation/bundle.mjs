// @ts-check
/** The tests as programs, a file each, which load in a few milliseconds. Each has a library of its own, so that files share no state, as under the usual runner. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Tests that say what the core does, beneath `packages/holdfast/test`: its own, the laws, and those of what has its engine in the core. */
const WANTED = /^(?:batch|clock|conformance|core|laws)\/|^policy\/retry/u;
/** What can't run in a bundle: two read files beside them, one compares the names of functions on the stack, which a bundler changes. */
const LEFT_OUT = new Set(["core/version.test.ts", "conformance/conformance-table.test.ts", "core/stacks.test.ts"]);
/** Peers' tests of queues and channels say nothing of the core. */
const OTHERS = /^conformance\/.*(?:queue|channel|stream|parking-lot)/u;

/** Bundles the tests of the checkout in `root` into `output`, and gives the names of the bundles. @param {string} root @param {string} output @returns {Promise<readonly string[]>} */
export async function bundleTests(root, output) {
  const library = join(root, "packages/holdfast");
  const test = join(library, "test");
  const files = readdirSync(test, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /(?<!\.slow)\.test\.ts$/u.test(name) && WANTED.test(name))
    .filter((name) => !LEFT_OUT.has(name) && !OTHERS.test(name));
  await build({
    absWorkingDir: root,
    entryPoints: [...files, "adapters/plain-expect.ts"].map((name) => join(test, name)),
    outbase: test,
    outdir: output,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "node",
    mainFields: ["module", "main"],
    logLevel: "warning",
    // The adapter for vitest is only loaded where none was installed.
    external: ["./adapters/vitest.ts"],
    alias: sourcesOf(library),
  });
  return files.map((name) => name.replace(/\.ts$/u, ".mjs"));
}

/** What the package exports, as the files that it was compiled from. @param {string} library @returns {Record<string, string>} */
function sourcesOf(library) {
  /** @type {{ exports: Record<string, { import: { default: string } }> }} */
  const { exports } = JSON.parse(readFileSync(join(library, "package.json"), "utf8"));
  return Object.fromEntries(
    Object.entries(exports)
      .filter(([, conditions]) => typeof conditions === "object")
      .map(([name, conditions]) => [
        `holdfast${name.slice(1)}`,
        join(library, conditions.import.default.replace("dist/esm", "src").replace(/\.js$/u, ".ts")),
      ]),
  );
}
