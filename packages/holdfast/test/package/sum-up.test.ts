/** The last line of `.ci/run` counts everything once, and nothing that was not run as passed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "../harness.ts";

const program = fileURLToPath(new URL("../../../../scripts/sum-up.mjs", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-sum-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Reports {
  readonly steps: string;
  readonly tests?: object;
  readonly runtimes?: object;
}

function sumUp({ steps, tests, runtimes }: Reports): { lines: string[]; status: number | null } {
  writeFileSync(join(folder, "steps"), steps);
  if (tests !== undefined) writeFileSync(join(folder, "tests"), JSON.stringify(tests));
  if (runtimes !== undefined) writeFileSync(join(folder, "runtimes"), JSON.stringify(runtimes));
  const paths = ["steps", "tests", "runtimes"].map((name) => join(folder, name));
  const { stdout, status } = spawnSync(process.execPath, [program, ...paths], { encoding: "utf8" });
  return { lines: stdout.trim().split("\n"), status };
}

const green = { numPassedTests: 10, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };

test("the sum is steps plus tests plus portable tests of each runtime", () => {
  expect(
    sumUp({
      steps: "passed 3 lint\npassed 12 npm test\n",
      tests: green,
      runtimes: { "node-24": { passed: 4, failed: 0 }, bun: { passed: 4, failed: 0 } },
    }),
  ).toEqual({
    lines: [
      "passed lint (3 s)",
      "passed npm test (12 s)",
      "tests: 10 passed, 0 failed",
      "tests on node-24: 4 passed, 0 failed",
      "tests on bun: 4 passed, 0 failed",
      "20 passed, 0 failed",
    ],
    status: 0,
  });
});

test("a failed step, a failed test, a skipped one and a runtime that broke off count as failed", () => {
  const { lines, status } = sumUp({
    steps: "failed 3 lint\n",
    tests: { numPassedTests: 7, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1 },
    runtimes: { bun: { passed: 2, failed: 1, problem: "ran 3 of 4 tests" } },
  });
  expect({ last: lines.at(-1), status }).toEqual({ last: "9 passed, 6 failed", status: 1 });
});

test("a report that was not written is a failure", () => {
  const { lines, status } = sumUp({ steps: "passed 1 lint\n" });
  expect({ lines, status }).toEqual({
    lines: [
      "passed lint (1 s)",
      "tests: no report was written",
      "runtimes: no report was written",
      "1 passed, 2 failed",
    ],
    status: 1,
  });
});
