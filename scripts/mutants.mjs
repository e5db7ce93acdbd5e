/**
 * `npm run test:mutants [-- R13 …]`: breaks the library in one place at a time, in a copy, and shows which test notices. The edits are in
 * `packages/holdfast/test/mutants/mutants.json`, one or more for each rule of `docs/design.md`. First run the tests whose titles name the rule, then, if none of
 * them has failed, all tests of the core. A mutant that names a law must be caught by that law, too, within its two thousand programs.
 * Nobody notices: the mutant has survived, and this program fails.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {{ rule: string, why: string, file: string, search: string, replace: string, law?: number }} Mutant */
/** @typedef {{ assertionResults: { fullName: string, status: string }[], name: string }} FileResult */

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const library = "packages/holdfast";
/** Milliseconds that one run of tests may take: a mutant may well run for ever. */
const LIMIT = 120_000;

/** @type {Mutant[]} */
const all = JSON.parse(readFileSync(join(root, library, "test/mutants/mutants.json"), "utf8"));
const chosen = process.argv.slice(2);
const mutants = chosen.length === 0 ? all : all.filter(({ rule }) => chosen.includes(rule));
if (mutants.length === 0) {
  console.error(`no mutant of ${chosen.join(", ")}; there are ${[...new Set(all.map(({ rule }) => rule))].join(", ")}`);
  process.exit(64);
}

const copy = mkdtempSync(join(tmpdir(), "holdfast-mutants-"));
let survivors = 0;
try {
  for (const path of [
    "vitest.config.ts",
    "package.json",
    "tsconfig.base.json",
    "docs",
    `${library}/package.json`,
    `${library}/src`,
    `${library}/test`,
  ])
    cpSync(join(root, path), join(copy, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "dir");
  const files = readdirSync(join(copy, library, "test"), { recursive: true, encoding: "utf8" })
    .filter(
      (name) =>
        name.endsWith(".test.ts") && !name.endsWith(".slow.test.ts") && !/^(?:laws|mutants|package)\b/u.test(name),
    )
    .map((name) => join(library, "test", name));
  for (const mutant of mutants) check(mutant, files);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${mutants.length - survivors} of ${mutants.length} mutants caught`);
process.exitCode = survivors === 0 ? 0 : 1;

/**
 * @param {Mutant} mutant
 * @param {readonly string[]} files
 */
function check({ rule, why, file, search, replace, law }, files) {
  const path = join(copy, library, file);
  const source = readFileSync(path, "utf8");
  if (source.split(search).length !== 2)
    throw new Error(`${rule}: ${file} has to have exactly one ${JSON.stringify(search)}`);
  writeFileSync(
    path,
    source.replace(search, () => replace),
  );
  try {
    const named = new RegExp(`\\b${rule}\\b`, "u");
    const naming = files.filter((each) => named.test(readFileSync(join(copy, each), "utf8")));
    const own = failing(naming, `\\b${rule}\\b`);
    const other =
      own === undefined
        ? failing(
            files.filter((each) => each.includes("/core/")),
            undefined,
          )
        : undefined;
    const test = own ?? (other === undefined ? undefined : `${other}, which does not name the rule`);
    report(test !== undefined, `${rule}: ${why}`, test);
    if (law === undefined) return;
    const seen = failing([`${library}/test/laws/laws.test.ts`], `law ${law}:`);
    report(seen !== undefined, `${rule}, law ${law}`, seen);
  } finally {
    writeFileSync(path, source);
  }
}

/**
 * @param {boolean} isCaught
 * @param {string} what
 * @param {string | undefined} test
 */
function report(isCaught, what, test) {
  if (!isCaught) survivors++;
  console.log(`${what}\n    ${isCaught ? `caught by ${test}` : "SURVIVED"}`);
}

/**
 * The first test that fails, or whatever else goes wrong; undefined when all is well.
 *
 * @param {readonly string[]} files
 * @param {string | undefined} pattern of the titles
 * @returns {string | undefined}
 */
function failing(files, pattern) {
  if (files.length === 0) return undefined;
  const output = join(copy, "result.json");
  rmSync(output, { force: true });
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const options = [
    "run",
    "--project",
    "library",
    "--typecheck.enabled=false",
    "--reporter=json",
    `--outputFile=${output}`,
  ];
  if (pattern !== undefined) options.push("-t", pattern);
  const { status, signal } = spawnSync(process.execPath, [vitest, ...options, ...files], {
    cwd: copy,
    timeout: LIMIT,
    killSignal: "SIGKILL",
    stdio: "ignore",
  });
  if (signal !== null) return "a run that never ended";
  if (!existsSync(output)) return status === 0 ? undefined : "a run that broke off";
  /** @type {{ testResults: FileResult[] }} */
  const { testResults } = JSON.parse(readFileSync(output, "utf8"));
  for (const { assertionResults } of testResults)
    for (const { fullName, status: verdict } of assertionResults)
      if (verdict === "failed") return JSON.stringify(fullName.trim());
  return status === 0 ? undefined : "an error outside of all tests";
}
