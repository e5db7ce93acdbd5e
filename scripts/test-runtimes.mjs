/**
 * `npm run test:runtimes [-- node-20 bun …]`: runs the library's portable tests on hosts without a test runner, a page
 * included.
 *
 * Portable is each test file of the library that is not slow and from which no import, direct or not, leads to
 * `node:`. Each file is bundled by itself with the plain adapter's harness; all hosts run the same bundles. A host that runs fewer tests than another fails: a test that was not run has not passed.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { installRuntime, runtimes } from "./runtimes.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const library = join(root, "packages/holdfast");
const output = join(root, ".cache/portable-tests");
/** Begins the lines that are for this program; a test may write to stdout too. */
const marker = "@holdfast ";
/** Of `packages/holdfast/test`: these are about tools of this repository, which run on the Node that develops it, and about what is made for Node. */
const nodeFolders = new Set(["adapters", "inspect", "lifecycle", "package", "programs", "types"]);
/** Milliseconds that all test files together may take on one host. */
const limit = 120_000;

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !runtimes.some((runtime) => runtime.name === name));
if (unknown.length > 0) {
  console.error(`unknown runtime ${unknown.join(", ")}; there are ${runtimes.map(({ name }) => name).join(", ")}`);
  process.exit(64);
}

const tests = await bundle();
if (tests.length === 0) {
  console.error("no portable test file found under packages/holdfast/test");
  process.exit(1);
}

/** @typedef {{ passed: number, failed: number, problem: string | undefined }} Tally */
/** @type {Map<string, Tally>} */
const tallies = new Map();
for (const runtime of runtimes) {
  if (chosen.length > 0 && !chosen.includes(runtime.name)) continue;
  if (runtime.onlyOn !== undefined && runtime.onlyOn !== `${process.platform}-${process.arch}`) {
    console.log(`${runtime.name}: not run, it is published for ${runtime.onlyOn} only`);
    continue;
  }
  const tally = await runOn(runtime);
  tallies.set(runtime.name, tally);
  const verdict = tally.problem === undefined ? "" : `, ${tally.problem}`;
  console.log(`${runtime.name}: ${tally.passed} passed, ${tally.failed} failed in ${tests.length} files${verdict}`);
}

const most = Math.max(...[...tallies.values()].map(({ passed, failed }) => passed + failed));
for (const [name, tally] of tallies) {
  const ran = tally.passed + tally.failed;
  if (ran < most) {
    tally.problem ??= `ran ${ran} of ${most} tests`;
    console.error(`${name}: ran ${ran} of ${most} tests`);
  }
}
const report = Object.fromEntries(tallies);
writeFileSync(join(root, ".cache/runtimes.json"), `${JSON.stringify(report, undefined, 2)}\n`);
const isGreen = [...tallies.values()].every(({ failed, problem }) => failed === 0 && problem === undefined);
process.exitCode = isGreen ? 0 : 1;

/**
 * The bundles of the portable test files, as paths under `output`.
 * Bundles the programs and each test file by itself: files must not share the state of a module.
 */
async function bundle() {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const programs = ["main", "page"].map((name) => join(library, `test/adapters/plain-${name}.ts`));
  const test = join(library, "test");
  const files = readdirSync(test, { recursive: true, encoding: "utf8" })
    .filter((name) => /(?<!\.slow)\.test\.ts$/u.test(name) && !nodeFolders.has(name.split(sep)[0] ?? ""))
    .map((name) => join(test, name));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...programs, ...files],
    outbase: join(library, "test"),
    outdir: output,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    // What the library is compiled to; `using` and other newer syntax of a test is lowered as tsc would.
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    sourcemap: true,
    metafile: true,
    logLevel: "warning",
    // The adapter for vitest is only loaded where none was installed.
    external: ["node:*", "./adapters/vitest.ts"],
    alias: {
      "holdfast/sync": join(library, "src/sync/index.ts"),
      "holdfast/policy": join(library, "src/policy/index.ts"),
      "holdfast/batch": join(library, "src/batch/index.ts"),
      "holdfast/lowlevel": join(library, "src/core/lowlevel.ts"),
      // For Node alone: so is a test that imports them, and these names say so.
      "holdfast/lifecycle": "node:process",
      "holdfast/inspect": "node:inspector",
      holdfast: join(library, "src/index.ts"),
    },
  });
  const isTest = (/** @type {string | undefined} */ entry) => entry?.endsWith(".test.ts") === true;
  return Object.entries(metafile.outputs)
    .filter(
      ([, { entryPoint, imports }]) => isTest(entryPoint) && !imports.some(({ path }) => path.startsWith("node:")),
    )
    .map(([path]) => relative(output, resolve(root, path)).replaceAll("\\", "/"))
    .toSorted();
}

/**
 * @param {import("./runtimes.mjs").Runtime} runtime
 * @returns {Promise<Tally>}
 */
async function runOn(runtime) {
  const binary = installRuntime(runtime, join(root, ".cache/runtimes"));
  /** @type {Tally} */
  const tally = { passed: 0, failed: 0, problem: undefined };
  let isDone = false;
  let rest = "";
  const run = runtime.start(binary, output, tests, (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith(marker)) {
        console.log(line);
        continue;
      }
      const entry = JSON.parse(line.slice(marker.length));
      if (entry.done === true) isDone = true;
      else if (entry.errors.length === 0) tally.passed += 1;
      else {
        tally.failed += 1;
        const stacks = entry.errors.join("\n").replaceAll(/^/gmu, "    ");
        console.error(`${runtime.name}: FAIL ${entry.file} > ${entry.title}\n${stacks}`);
      }
    }
  });
  const timer = setTimeout(() => {
    tally.problem = `still running after ${limit} ms`;
    run.kill();
  }, limit);
  const problem = await run.ended;
  clearTimeout(timer);
  tally.problem ??= problem ?? (isDone ? undefined : "ended before its last test");
  return tally;
}
