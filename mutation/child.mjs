// @ts-check
/**
 * Runs the bundled tests in a process of its own, so that whatever a mutant does ends with it: an endless loop, a rejection that nobody handles, a library left in
 * disorder. Its parent sends one {@link Job} and gets one {@link Report}.
 */
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * @typedef {object} FileJob
 * @property {string} file the name of a bundle
 * @property {Readonly<Record<string, number>> | undefined} limits the titles of the tests that run, and how many milliseconds of processor time each may take; undefined: all
 */
/**
 * @typedef {object} Job
 * @property {string} folder of the bundles
 * @property {readonly FileJob[]} files in the order in which they run
 * @property {string | undefined} mutant its number
 * @property {boolean} isStatic the mutant is there before the library is loaded
 * @property {number | undefined} hitLimit how often the mutant's place may be come to: one that loops for ever throws then
 * @property {boolean} bail whether the first failure ends it
 * @property {number | undefined} limit milliseconds of processor time for all of it
 */
/**
 * @typedef {object} TestReport
 * @property {string} file the name of its bundle
 * @property {string} title with those of the groups around it
 * @property {number} duration in milliseconds
 * @property {string | undefined} failure undefined when it passed
 */
/**
 * @typedef {object} Report
 * @property {readonly TestReport[]} tests those that ran
 * @property {unknown} coverage what the instrumented library has counted
 * @property {number} hits how often the mutant's place was come to
 */
/** @typedef {Record<"beforeAll" | "beforeEach" | "afterEach", (() => unknown)[]>} Hooks */
/** @typedef {{ title: string, parent: Suite | undefined, hooks: Hooks }} Suite */
/** @typedef {(context: { signal: AbortSignal, onTestFinished: (cleanup: () => unknown) => void }) => unknown} Body */
/** @typedef {{ suite: Suite, body: Body }} Test */

/** Milliseconds of processor time for a test. On the clock it may be ten times as many: other programs run, too. */
const LIMIT = 5000;

/** Ends a process that computes for ever, from a thread of its own. Its limit is processor time: on a busy machine nobody is killed for being slow. */
const WATCHDOG = `
  const { workerData } = require("node:worker_threads");
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    if ((user + system) / 1000 > workerData) process.kill(process.pid, "SIGKILL");
  }, 500);
`;

/** Tests that are left out: beside thousands of mutants, whose places are counted at every step, they take a minute each, and only hold that no stack overflows. */
const TOO_SLOW = /five thousand nested|a hundred thousand/u;

/** What Stryker's instrumented code looks at. @type {Record<string, unknown>} */
const stryker = {};
Reflect.set(globalThis, "__stryker__", stryker);

/** @type {unknown[]} */
const unhandled = [];
process.on("unhandledRejection", (reason) => void unhandled.push(reason));
process.on("uncaughtException", (error) => void unhandled.push(error));
/** Ends the test that runs. @type {(why: string) => void} */
let giveUp = () => {};
// Neither the limit of a test nor the parent holds the process: so one that waits for ever is found at once, and not by its limit.
process.on("beforeExit", () => giveUp("nothing is left that could end the test"));
process.on("disconnect", () => process.exit(1));
process.on("message", (/** @type {Job} */ job) => {
  process.channel?.unref();
  if (job.limit !== undefined) new Worker(WATCHDOG, { eval: true, workerData: job.limit }).unref();
  void answer(job);
});

/** @param {Job} job */
async function answer(job) {
  const report = await run(job);
  process.send?.(report, () => process.exit(0));
}

/** @param {Job} job @returns {Promise<Report>} */
async function run({ folder, files, mutant, isStatic, hitLimit, bail }) {
  const load = (/** @type {string} */ name) => import(pathToFileURL(join(folder, name)).href);
  const { plainExpect } = await load("adapters/plain-expect.mjs");
  const { expect } = plainExpect();
  if (hitLimit !== undefined) Object.assign(stryker, { hitLimit, hitCount: 0 });
  if (isStatic) stryker["activeMutant"] = mutant;
  /** @type {TestReport[]} */
  const reports = [];
  loop: for (const { file, limits } of files) {
    if (!isStatic) stryker["activeMutant"] = undefined;
    const tests = adapt(expect);
    await load(file);
    stryker["activeMutant"] = mutant;
    for (const [title, test] of tests) {
      if (limits !== undefined && !Object.hasOwn(limits, title)) continue;
      stryker["currentTestId"] = `${file}#${title}`;
      const before = performance.now();
      const failure = await runTest(test, limits?.[title]);
      stryker["currentTestId"] = undefined;
      reports.push({ file, title, duration: performance.now() - before, failure });
      if (bail && failure !== undefined) break loop;
    }
  }
  return { tests: reports, coverage: stryker["mutantCoverage"], hits: Number(stryker["hitCount"] ?? 0) };
}

/** Has the tests of the file that is loaded next register here; the map is filled by then. @param {unknown} expect @returns {Map<string, Test>} */
function adapt(expect) {
  /** @type {Map<string, Test>} */
  const tests = new Map();
  let current = newSuite("", undefined);
  const hook = (/** @type {keyof Hooks} */ kind) => (/** @type {() => unknown} */ call) =>
    void current.hooks[kind].push(call);
  const never = () => {
    throw new Error("afterAll is not known here: which test of a file is the last, nobody knows");
  };
  Reflect.set(globalThis, Symbol.for("holdfast.test-adapter"), {
    test: (/** @type {string} */ title, /** @type {Body} */ body) => {
      if (TOO_SLOW.test(title)) return;
      const name = `${titleOf(current)}${title}`;
      let unique = name;
      for (let count = 2; tests.has(unique); count++) unique = `${name} (${count})`;
      tests.set(unique, { suite: current, body });
    },
    describe: (/** @type {string} */ title, /** @type {() => void} */ define) => {
      const outer = current;
      current = newSuite(title, outer);
      define();
      current = outer;
    },
    beforeAll: hook("beforeAll"),
    afterAll: never,
    beforeEach: hook("beforeEach"),
    afterEach: hook("afterEach"),
    expect,
  });
  return tests;
}

/** @param {string} title @param {Suite | undefined} parent @returns {Suite} */
function newSuite(title, parent) {
  return { title, parent, hooks: { beforeAll: [], beforeEach: [], afterEach: [] } };
}

/** @param {Suite} suite @returns {string} */
function titleOf(suite) {
  return suite.parent === undefined ? "" : `${titleOf(suite.parent)}${suite.title} > `;
}

/** From the outermost to `suite`. @param {Suite} suite @returns {Suite[]} */
function lineage(suite) {
  return suite.parent === undefined ? [suite] : [...lineage(suite.parent), suite];
}

/** @param {Test} test @param {number} limit */
async function runTest({ suite, body }, limit = LIMIT) {
  const suites = lineage(suite);
  /** @type {(() => unknown)[]} */
  const cleanups = [];
  const controller = new AbortController();
  const context = {
    signal: controller.signal,
    onTestFinished: (/** @type {() => unknown} */ cleanup) => void cleanups.push(cleanup),
  };
  /** @type {unknown[]} */
  const errors = [];
  const attempt = async (/** @type {() => unknown} */ call) => {
    try {
      await call();
    } catch (error) {
      errors.push(error);
    }
  };
  for (const each of suites) for (const hook of each.hooks.beforeAll.splice(0)) await attempt(hook);
  for (const each of suites) for (const hook of each.hooks.beforeEach) await attempt(hook);
  if (errors.length === 0)
    await attempt(async () => {
      /** @type {NodeJS.Timeout | undefined} */
      let timer;
      const expiry = new Promise((_, reject) => {
        giveUp = (why) => {
          const error = new Error(why);
          controller.abort(error);
          reject(error);
        };
        const before = process.cpuUsage();
        const until = performance.now() + 10 * limit;
        timer = setInterval(() => {
          const { user, system } = process.cpuUsage(before);
          if ((user + system) / 1000 > limit || performance.now() > until)
            giveUp(`the test took longer than ${limit} ms`);
        }, 250).unref();
      });
      try {
        await Promise.race([body(context), expiry]);
      } finally {
        clearInterval(timer);
      }
    });
  for (const each of suites.toReversed()) for (const hook of each.hooks.afterEach.toReversed()) await attempt(hook);
  for (const cleanup of cleanups.toReversed()) await attempt(cleanup);
  // Node tells of rejections when the microtasks have run.
  await new Promise((resolve) => void setImmediate(resolve));
  errors.push(...unhandled.splice(0));
  return errors.length === 0 ? undefined : String(errors[0]);
}
