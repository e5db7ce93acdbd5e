// @ts-check
/**
 * The runner over no-op items, as a process of its own with 96 MB of heap: through its bin, and the same loop without a
 * journal (`runner-without-journal.mjs`).
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expectSame } from "./expect.mjs";

/** @import { Case, Sample, Subject } from "../types.d.ts" */

/** Megabytes. */
const heapLimit = 96;
const bin = fileURLToPath(new URL("../../packages/holdfast-cli/bin/holdfast.js", import.meta.url));
const withoutJournal = fileURLToPath(new URL("../runner-without-journal.mjs", import.meta.url));
const memoryRecorder = pathToFileURL(fileURLToPath(new URL("../record-memory.mjs", import.meta.url))).href;

/** @param {string} path @param {number} n */
function writeItems(path, n) {
  const file = openSync(path, "w");
  for (let first = 0; first < n; first += 1_000) {
    const length = Math.min(1_000, n - first);
    writeSync(
      file,
      Array.from({ length }, (_, index) => `{"id":${first + index},"url":"https://example.test/page"}\n`).join(""),
    );
  }
  closeSync(file);
}

/**
 * @param {string} folder
 * @param {readonly string[]} args
 * @returns {Promise<{ wall: number, stdout: string }>} nanoseconds from start to exit
 */
async function runNode(folder, args) {
  const begin = process.hrtime.bigint();
  const child = spawn(process.execPath, [`--max-old-space-size=${heapLimit}`, "--import", memoryRecorder, ...args], {
    cwd: folder,
    env: { ...process.env, BENCH_MEMORY_FILE: join(folder, "memory.json") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (stdout += chunk));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  const wall = Number(process.hrtime.bigint() - begin);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with exit code ${String(code)}`);
  return { wall, stdout };
}

/** What both print: how many succeeded, and the milliseconds of their loop. @param {string} stdout */
function summaryOf(stdout) {
  const summary = JSON.parse(stdout);
  return {
    succeeded: Number(summary.thisRun.succeeded),
    duration: Number(summary.thisRun.duration),
  };
}

/** @param {{ items: number, command: readonly string[], output?: string }} run @returns {Promise<Sample>} */
async function measureRun({ items, command, output }) {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  try {
    writeItems(join(folder, "items.ndjson"), items);
    writeFileSync(join(folder, "noop.mjs"), "export default (item) => item.id;\n");
    const { wall, stdout } = await runNode(folder, command);
    const { succeeded, duration } = summaryOf(stdout);
    expectSame(succeeded, items);
    if (output !== undefined) checkOutput(join(folder, output), items);
    const { peakRss, peakHeap } = JSON.parse(readFileSync(join(folder, "memory.json"), "utf8"));
    return {
      value: (duration * 1e6) / items,
      extra: {
        itemsPerSecond: items / (duration / 1e3),
        wholeItemsPerSecond: items / (wall / 1e9),
        peakRss,
        peakHeap,
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each result once. @param {string} path @param {number} items */
function checkOutput(path, items) {
  const ids = readFileSync(path, "utf8").trimEnd().split("\n").map(Number);
  expectSame(ids.length, items);
  ids.sort((a, b) => a - b);
  for (let index = 0; index < items; index += 1) expectSame(ids[index], index);
}

const runArguments = [bin, "run", "noop.mjs", "items.ndjson", "--progress", "none", "--summary", "json"];

/**
 * @param {string} name
 * @param {(n: number) => Parameters<typeof measureRun>[0]} runOf
 * @returns {Subject}
 */
function subject(name, runOf) {
  return { name, package: "holdfast-cli", prepare: async (n) => () => measureRun(runOf(n)) };
}

const subjects = [
  subject("the same loop, no journal", (n) => ({
    items: n,
    command: [withoutJournal, "run", "noop.mjs", "items.ndjson"],
  })),
  subject("holdfast run", (n) => ({ items: n, command: runArguments })),
  subject("holdfast run, with --output", (n) => ({
    items: n,
    command: [...runArguments, "--output", "out"],
    output: "out",
  })),
  subject("holdfast run, half of the items", (n) => ({ items: n / 2, command: runArguments })),
];

/** @param {number} value */
function perSecond(value) {
  return Math.round(value).toLocaleString("en-US");
}

/** @param {number} value */
function megabytes(value) {
  return `${(value / 2 ** 20).toFixed(1)} MB`;
}

/** @type {Case} */
export const runner = {
  name: "runner",
  title: `The runner: 1,000,000 no-op items in a heap of ${heapLimit} MB`,
  about:
    `NDJSON items and a handler that returns at once, under --max-old-space-size=${heapLimit}, everything else by default. The time is that of the loop, its last commit included; ` +
    "“whole process” also counts starting, opening and the report. Without a journal: the same modules for input, handler, loop and status, nothing recorded.",
  unit: "ns",
  per: "item",
  n: 1_000_000,
  quickN: 10_000,
  baseline: "the same loop, no journal",
  subjects,
  columns: [
    { extra: "itemsPerSecond", title: "items/s", format: perSecond },
    { extra: "wholeItemsPerSecond", title: "items/s, whole process", format: perSecond },
    { extra: "peakRss", title: "peak RSS", format: megabytes },
    { extra: "peakHeap", title: "peak heap", format: megabytes },
  ],
  // One run is one sample: its length is what it is about.
  measure: async (chosen, n) => {
    const work = await chosen.prepare(n);
    return /** @type {Sample} holds: the works of this case measure themselves */ (await work());
  },
  goals: [
    {
      text: "holdfast run ≥ 200,000 items/s, the whole process counted",
      judge: ({ row }) => {
        const { wholeItemsPerSecond = NaN } = row("holdfast run").extra;
        return { met: wholeItemsPerSecond >= 200_000, seen: `${perSecond(wholeItemsPerSecond)} items/s` };
      },
    },
    {
      text: "holdfast run ≥ 0.3 × the speed of the same loop without a journal",
      judge: ({ row }) => {
        const speed = row("the same loop, no journal").median / row("holdfast run").median;
        return { met: speed >= 0.3, seen: `${speed.toFixed(2)} ×` };
      },
    },
    {
      text: "memory does not grow with the items: the peak RSS of twice as many is ≤ 1.1 ×",
      judge: ({ row }) => {
        const { peakRss = NaN } = row("holdfast run").extra;
        const ratio = peakRss / (row("holdfast run, half of the items").extra["peakRss"] ?? NaN);
        return { met: ratio <= 1.1, seen: `${ratio.toFixed(2)} ×` };
      },
    },
  ],
};
