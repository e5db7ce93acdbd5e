// @ts-check
/** Runs Stryker in the repository's root, for the files of the core that the arguments name, or all. */
import { join } from "node:path";
import process from "node:process";
import { Stryker } from "@stryker-mutator/core";

const core = "packages/holdfast/src/core";
const chosen = process.argv.slice(2);

await new Stryker({
  mutate: chosen.length === 0 ? [`${core}/**/*.ts`] : chosen.map((name) => `${core}/${name}`),
  testRunner: "bundles",
  plugins: [join(import.meta.dirname, "runner.mjs")],
  coverageAnalysis: "perTest",
  concurrency: 2,
  // The runner has limits of its own, in processor time. This one, in milliseconds on the clock, is for the runner itself.
  timeoutMS: 600_000,
  ignorePatterns: ["**", "!packages/holdfast/src/**", "!packages/holdfast/test/**", "!packages/holdfast/package.json"],
  // Where neither lint nor git looks.
  tempDirName: ".cache/mutation",
  reporters: ["json", "progress-append-only"],
  jsonReporter: { fileName: ".cache/mutation-report.json" },
}).runMutationTest();
