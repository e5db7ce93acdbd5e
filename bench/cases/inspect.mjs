// @ts-check
/** What it costs to look into a process: for the one who waits, and for the process. */
import { fork, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "../statistics.mjs";

/** @import { Case, Sample, Subject } from "../types.d.ts" */

const bin = fileURLToPath(new URL("../../packages/holdfast-cli/bin/holdfast.js", import.meta.url));
const target = fileURLToPath(new URL("../inspect-target.mjs", import.meta.url));

/**
 * Calls `use` with a process that is ready, and ends it.
 * @template T
 * @param {readonly string[]} args
 * @param {(child: import("node:child_process").ChildProcess) => Promise<T>} use
 */
async function withTarget(args, use) {
  // Node tells on standard error that its inspector was opened.
  const child = fork(target, args, {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: ["--max-old-space-size=4096"],
  });
  try {
    await new Promise((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", (code) => reject(new Error(`the target ended with exit code ${String(code)}`)));
    });
    return await use(child);
  } finally {
    child.kill("SIGKILL");
  }
}

/** The tool as a whole process. @param {readonly string[]} args @returns {Promise<{ wall: number, stdout: string }>} nanoseconds */
async function runTool(args) {
  const began = process.hrtime.bigint();
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (stdout += chunk));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`holdfast ${args.join(" ")} ended with exit code ${String(code)}`);
  return { wall: Number(process.hrtime.bigint() - began), stdout };
}

/** @param {string} name @param {readonly string[]} targetArgs @param {number} tasks @param {readonly string[]} options @returns {Subject} */
function look(name, targetArgs, tasks, ...options) {
  return {
    name,
    package: "holdfast-cli",
    prepare: async () => () =>
      withTarget(targetArgs, async ({ pid }) => {
        const { wall, stdout } = await runTool(["dump", String(pid), "--json", ...options]);
        const { dump, pause, window, heap, isTooLarge } = JSON.parse(stdout);
        const seen =
          dump.scopes.filter((/** @type {{ kind: string }} */ { kind }) => kind === "task").length + dump.omitted;
        if (seen < Math.min(tasks, 5_000) || isTooLarge) throw new Error(`${name}: ${seen} tasks seen of ${tasks}`);
        return { value: wall, extra: { pause, window, heap } };
      }),
  };
}

/** @param {number} value */
const milliseconds = (value) => `${value.toFixed(1)} ms`;

/** @type {Case} */
export const inspect = {
  name: "inspect",
  title: "Looking into a process: holdfast dump",
  about:
    "From the start of the tool to its end, Node's own start included. The target was started with no flag. “Stands still”: how long the target does nothing else. “Port open”: how long another user of the machine could have connected to its inspector; as the tool " +
    "sees it, from the first connection that succeeded to the answer that it is closed. Of 10,000 tasks 5,000 are shown.",
  unit: "ns",
  per: "look",
  n: 1,
  quickN: 1,
  baseline: undefined,
  subjects: [
    look("5 tasks", ["tasks", "5"], 5),
    look("10,000 tasks", ["tasks", "10000"], 10_000),
    look("--deep, heap of 50 MB", ["heap", "50"], 5, "--deep"),
    look("--deep --force, heap of 500 MB", ["heap", "500"], 5, "--deep", "--force"),
  ],
  columns: [
    { extra: "pause", title: "stands still", format: milliseconds },
    { extra: "window", title: "port open", format: milliseconds },
    { extra: "heap", title: "heap", format: (value) => `${(value / 2 ** 20).toFixed(0)} MB` },
  ],
  goals: [],
  measure: async (chosen, n) => {
    const work = await chosen.prepare(n);
    return /** @type {Sample} holds: the works of this case measure themselves */ (await work());
  },
};

/** So many quarters of a second count. */
const FIGURES = 6;

/** @param {import("node:child_process").ChildProcess} child @param {number} count @returns {Promise<number>} the median of `count` figures */
function figures(child, count) {
  return new Promise((resolve) => {
    /** @type {number[]} */
    const values = [];
    const take = (/** @type {unknown} */ value) => {
      values.push(Number(value));
      if (values.length < count) return;
      child.off("message", take);
      resolve(median(values));
    };
    child.on("message", take);
  });
}

/** @param {string} name @param {(child: import("node:child_process").ChildProcess) => Promise<number>} measureIt @returns {Subject} */
function throughput(name, measureIt) {
  return { name, package: "holdfast-cli", prepare: async () => () => withTarget(["busy"], measureIt) };
}

/** @param {import("node:child_process").ChildProcess} child */
async function dumpOnce({ pid }) {
  await runTool(["dump", String(pid)]);
}

/** @type {Case} */
export const inspected = {
  name: "inspected",
  title: "The speed of a process that is looked into",
  about: `One that does nothing but await. Each figure is the median of ${FIGURES} quarters of a second; the two cores are shared by the process and the tool.`,
  unit: "ns",
  per: "await",
  n: 1,
  quickN: 1,
  baseline: "before",
  subjects: [
    throughput("before", async (child) => {
      await figures(child, 2);
      return figures(child, FIGURES);
    }),
    throughput("while it is dumped again and again", async (child) => {
      await figures(child, 2);
      const state = { isOver: false };
      const dumping = (async () => {
        while (!state.isOver) await dumpOnce(child);
      })();
      const value = await figures(child, FIGURES);
      state.isOver = true;
      await dumping;
      return value;
    }),
    throughput("after it was dumped", async (child) => {
      await figures(child, 2);
      await dumpOnce(child);
      await figures(child, 2);
      return figures(child, FIGURES);
    }),
  ],
  goals: [],
  measure: async (chosen, n) => {
    const work = await chosen.prepare(n);
    return { value: Number(await work()) };
  },
};
