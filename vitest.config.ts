/**
 * One project per kind of test. `npm test` leaves out `slow` (kills, garbage collection, a million items, other
 * runtimes), `npm run test:all` runs everything. The library's own tests run against its source; the tool, the
 * examples and the package tests use what was built, as users do.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(`packages/holdfast/src/${path}`, import.meta.url));

/** Longest first: an alias matches the beginning of an import. */
const alias = [
  { find: /^holdfast\/sync$/u, replacement: source("sync/index.ts") },
  { find: /^holdfast\/policy$/u, replacement: source("policy/index.ts") },
  { find: /^holdfast\/batch$/u, replacement: source("batch/index.ts") },
  { find: /^holdfast\/lifecycle$/u, replacement: source("lifecycle/index.ts") },
  { find: /^holdfast\/inspect$/u, replacement: source("inspect/index.ts") },
  { find: /^holdfast\/lowlevel$/u, replacement: source("core/lowlevel.ts") },
  { find: /^holdfast$/u, replacement: source("index.ts") },
];

const slow = "**/*.slow.test.ts";
const never = ["**/node_modules/**", "**/dist/**", "**/.cache/**"];

const report = process.env["TEST_REPORT"];

export default defineConfig({
  test: {
    // The default leaves one processor idle: half of a small machine. Most tests of the tool wait for processes.
    maxWorkers: "100%",
    // `.ci/run` names a file to count the tests from.
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    coverage: {
      provider: "v8",
      include: ["packages/holdfast/src/**/*.ts"],
      exclude: ["**/*.d.ts"],
      reporter: ["text", "html"],
      thresholds: { statements: 95, branches: 90, functions: 95, lines: 95 },
    },
    projects: [
      {
        resolve: { alias },
        test: {
          name: "library",
          include: ["packages/holdfast/test/**/*.test.ts"],
          exclude: [...never, slow, "packages/holdfast/test/package/**"],
          typecheck: {
            enabled: true,
            // Errors of other files are the business of `npm run check`.
            ignoreSourceErrors: true,
            checker: "tsc",
            tsconfig: "packages/holdfast/test/tsconfig.json",
            include: ["packages/holdfast/test/types/*.test-d.ts"],
          },
        },
      },
      {
        test: {
          name: "package",
          include: ["packages/holdfast/test/package/**/*.test.ts"],
          exclude: [...never, slow],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "tool",
          include: ["packages/holdfast-cli/test/**/*.test.ts"],
          exclude: [...never, slow],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "examples",
          include: ["examples/**/*.test.ts"],
          exclude: [...never, slow],
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "slow",
          include: ["packages/holdfast/test/**/*.slow.test.ts"],
          exclude: [...never, "packages/holdfast/test/package/**"],
          pool: "forks",
          execArgv: ["--expose-gc"],
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "slow-built",
          include: [
            "packages/holdfast/test/package/**/*.slow.test.ts",
            "packages/holdfast-cli/test/**/*.slow.test.ts",
            "examples/**/*.slow.test.ts",
          ],
          exclude: never,
          pool: "forks",
          execArgv: ["--expose-gc"],
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
