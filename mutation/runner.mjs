// @ts-check
/**
 * The test runner for Stryker. A mutant is tried in a process of its own, with the tests that reach it, those first that are likely to notice; the first failure ends it.
 * So a surviving mutant costs seconds, most others a fifth of one, which makes the thousands of them an affair of an hour.
 */
import { fork } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { DryRunStatus, MutantRunStatus, TestStatus } from "@stryker-mutator/api/test-runner";
import { bundleTests } from "./bundle.mjs";

/** @import { Job, Report } from "./child.mjs" */
/** @import { DryRunResult, MutantRunOptions, MutantRunResult, TestRunner } from "@stryker-mutator/api/test-runner" */

/** A test that computes for longer than so many milliseconds, and that much more than usual, has noticed the mutant. */
const LEAST_LIMIT = 2000;
const SLOWER = 10;
/** Milliseconds of processor time for all tests, when none of them ends the run. */
const LIMIT = 15_000;

/** Its tests look at the same programs, which the first of them runs. */
const LAWS = "laws/laws.test.mjs";

const program = join(import.meta.dirname, "child.mjs");

/** @implements {TestRunner} */
class BundleRunner {
  /** The copy of the checkout that has the mutants. */
  #root = process.cwd();
  #folder = join(this.#root, ".cache", `bundles-${process.env["STRYKER_MUTATOR_WORKER"] ?? "0"}`);
  /** Of the dry run, which may be another process's: how long each test takes. */
  #durations = join(this.#root, ".cache", "durations.json");
  /** @type {readonly string[]} */
  #files = [];

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    mkdirSync(this.#folder, { recursive: true });
    this.#files = await bundleTests(this.#root, this.#folder);
  }

  /** @returns {Promise<DryRunResult>} */
  async dryRun() {
    const all = this.#files.map((file) => ({ file, limits: undefined }));
    const report = await this.#run({ files: all, bail: false, limit: undefined });
    if (typeof report === "string") return { status: DryRunStatus.Error, errorMessage: report };
    writeFileSync(
      this.#durations,
      JSON.stringify(report.tests.map(({ file, title, duration }) => [file, title, duration])),
    );
    const tests = report.tests.map(({ file, title, duration, failure }) => {
      const test = { id: `${file}#${title}`, name: `${file} ${title}`, timeSpentMs: duration };
      return failure === undefined
        ? { ...test, status: /** @type {const} */ (TestStatus.Success) }
        : { ...test, status: /** @type {const} */ (TestStatus.Failed), failureMessage: failure };
    });
    // Holds: the child passes on what Stryker's own code in the library has counted.
    const mutantCoverage = /** @type {import("@stryker-mutator/api/core").MutantCoverage} */ (report.coverage);
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  /** @param {MutantRunOptions} options @returns {Promise<MutantRunResult>} */
  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, sandboxFileName }) {
    const files = this.#order(testFilter, basename(sandboxFileName, ".ts"));
    const isStatic = mutantActivation === "static";
    const report = await this.#run({ files, mutant: activeMutant.id, isStatic, hitLimit, bail: true, limit: LIMIT });
    if (report === "timeout") return { status: MutantRunStatus.Timeout };
    // A process that ends before its tests do: nothing was left that it could have waited for.
    if (typeof report === "string")
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: report, nrOfTests: 0 };
    if (hitLimit !== undefined && report.hits > hitLimit) return { status: MutantRunStatus.Timeout };
    const nrOfTests = report.tests.length;
    const failed = report.tests.find(({ failure }) => failure !== undefined);
    if (failed?.failure === undefined) return { status: MutantRunStatus.Survived, nrOfTests };
    const killedBy = [`${failed.file}#${failed.title}`];
    return { status: MutantRunStatus.Killed, killedBy, failureMessage: failed.failure, nrOfTests };
  }

  /** The tests of the mutated file first, then the short ones. @param {readonly string[] | undefined} ids undefined: all @param {string} mutated */
  #order(ids, mutated) {
    const chosen = ids === undefined ? undefined : new Set(ids);
    const lawful = ids?.some((id) => id.startsWith(LAWS));
    /** @type {[file: string, title: string, duration: number][]} */
    const durations = JSON.parse(readFileSync(this.#durations, "utf8"));
    /** @type {Map<string, { file: string, cost: number, limits: Record<string, number> }>} */
    const files = new Map();
    for (const [file, title, duration] of durations) {
      if (chosen?.has(`${file}#${title}`) === false && !(lawful === true && file === LAWS)) continue;
      const each = files.get(file) ?? { file, cost: file.includes(`/${mutated}`) ? -1e9 : 0, limits: {} };
      files.set(file, each);
      each.cost += duration;
      each.limits[title] = LEAST_LIMIT + SLOWER * duration;
    }
    return [...files.values()].toSorted((a, b) => a.cost - b.cost).map(({ file, limits }) => ({ file, limits }));
  }

  /**
   * @param {Pick<Job, "files" | "bail" | "limit"> & Partial<Job>} job
   * @returns {Promise<Report | string>} or what went wrong; "timeout" when it took too long
   */
  #run(job) {
    return new Promise((resolve) => {
      const child = fork(program, [], {
        cwd: this.#root,
        stdio: ["ignore", "ignore", "pipe", "ipc"],
        env: { ...process.env, HOLDFAST_LAWS_SHRINK: "no" },
      });
      let errors = "";
      child.stderr?.on("data", (chunk) => (errors = `${errors}${String(chunk)}`.slice(-2000)));
      child.on("message", (/** @type {Report} */ report) => resolve(report));
      child.on("error", (error) => resolve(String(error)));
      child.on("close", (code, signal) => {
        if (signal === "SIGKILL") resolve("timeout");
        else resolve(`the process ended (${signal ?? `exit code ${String(code)}`}) before its tests did: ${errors}`);
      });
      child.send({ folder: this.#folder, mutant: undefined, isStatic: false, hitLimit: undefined, ...job });
    });
  }
}

/** @returns {TestRunner} */
function makeRunner() {
  return new BundleRunner();
}
makeRunner.inject = /** @type {const} */ ([]);

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "bundles", makeRunner)];
