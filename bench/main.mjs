// @ts-check
/** `npm run bench`: runs the cases, shows each table as it is ready, writes RESULTS.md and results.json. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkBuilt, ensurePeers } from "./installation.mjs";

/** @import { Measurement, Results, Row } from "./types.d.ts" */

ensurePeers();
checkBuilt();
// Only now: the cases know their peers' types, and a missing peer would be told as a missing module.
const { readArguments, usage } = await import("./arguments.mjs");
const { caseTables, isOf, major, resultsPage } = await import("./report.mjs");
const { runCase } = await import("./rounds.mjs");

const settings = readSettings();

const nodeVersion = versionOfNode(settings.node);
for (const chosen of settings.cases) {
  const { subject: wanted } = settings;
  const subjects = chosen.subjects.filter(
    ({ name }) => wanted === undefined || name.includes(wanted) || name === chosen.baseline,
  );
  const rounds = settings.rounds ?? (settings.quick ? 1 : (chosen.rounds ?? 7));
  const { measurement, rows } = runCase(chosen, subjects, {
    n: settings.n ?? (settings.quick ? chosen.quickN : chosen.n),
    rounds,
    node: settings.node,
    nodeVersion,
    quick: settings.quick,
    tell: (text) => process.stderr.write(`${text}\n`),
  });
  // A few operations say nothing about a goal, and neither does a part of the subjects.
  const shown = settings.quick || wanted !== undefined ? { ...chosen, goals: [] } : chosen;
  process.stdout.write(`\n## ${chosen.title}\n\n${caseTables(shown, measurement, rows)}\n`);
  if (settings.output !== undefined) save(settings.output, measurement, rows);
}

/** What the words ask for; help and mistakes end here. */
function readSettings() {
  try {
    const read = readArguments(process.argv.slice(2));
    if (read !== undefined) return read;
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(64);
  }
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

/** @param {string} node */
function versionOfNode(node) {
  const { stdout, error } = spawnSync(node, ["--version"], { encoding: "utf8" });
  if (error !== undefined) throw error;
  const version = /^v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined)
    throw new Error(`--node must be a Node, got ${node}, whose --version prints ${JSON.stringify(stdout)}`);
  return version;
}

/**
 * After each case: a run that is stopped has lost nothing. What was measured before of other cases, and with other
 * versions of Node, stays.
 * @param {string} folder
 * @param {Measurement} measurement
 * @param {readonly Row[]} rows
 */
function save(folder, measurement, rows) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "results.json");
  /** @type {Results} */
  const before = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { measurements: [], results: [] };
  const measurements = [...before.measurements.filter((one) => !isOf(one, measurement)), measurement];
  measurements.sort((a, b) => major(a.node) - major(b.node));
  /** @type {Results} */
  const results = { measurements, results: [...before.results.filter((row) => !isOf(row, measurement)), ...rows] };
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, "RESULTS.md"), resultsPage(results));
}
