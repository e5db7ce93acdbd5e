/**
 * The end of `.ci/run`: a line for each step, then `N passed, N failed`. A report that is missing is a failure of the
 * step that should have written it, never a number that is left out in silence.
 */
import { existsSync, readFileSync } from "node:fs";

const [stepsFile, testsFile, runtimesFile] = process.argv.slice(2);
if (stepsFile === undefined || testsFile === undefined || runtimesFile === undefined) {
  console.error("usage: sum-up.mjs STEPS TESTS RUNTIMES");
  process.exit(64);
}

let passed = 0;
let failed = 0;

console.log("");
for (const line of readFileSync(stepsFile, "utf8").trim().split("\n")) {
  const [verdict, seconds, ...name] = line.split(" ");
  console.log(`${verdict} ${name.join(" ")} (${seconds} s)`);
  if (verdict === "passed") passed += 1;
  else failed += 1;
}

const tests = read(testsFile, "tests");
if (tests !== undefined)
  count("tests", tests.numPassedTests, tests.numFailedTests + tests.numPendingTests + tests.numTodoTests);

const runtimes = read(runtimesFile, "runtimes");
for (const [name, tally] of Object.entries(runtimes ?? {})) {
  count(`tests on ${name}`, tally.passed, tally.failed + (tally.problem === undefined ? 0 : 1));
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * @param {string} name
 * @param {number} good
 * @param {number} bad a skipped test counts as one that failed: nothing here may be skipped
 */
function count(name, good, bad) {
  console.log(`${name}: ${good} passed, ${bad} failed`);
  passed += good;
  failed += bad;
}

/**
 * @param {string} path
 * @param {string} name
 */
function read(path, name) {
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8"));
  console.log(`${name}: no report was written`);
  failed += 1;
  return undefined;
}
