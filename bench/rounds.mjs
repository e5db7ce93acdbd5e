// @ts-check
/**
 * Runs one case: every subject once a round, one after the other, each in its own process, so that the subjects of a
 * round see the same machine; each round begins with another subject.
 */
import { spawnSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { versionOf } from "./installation.mjs";
import { median } from "./statistics.mjs";

/** @import { Case, Effort, Measurement, Row, Sample, Subject } from "./types.d.ts" */

/** @type {Effort} */
const fullEffort = { warmups: 3, samples: 5, sampleTime: 50 };
/** @type {Effort} */
const quickEffort = { warmups: 1, samples: 1, sampleTime: 0 };

/**
 * @param {Case} chosen
 * @param {readonly Subject[]} subjects
 * @param {{ n: number, rounds: number, node: string, nodeVersion: string, quick: boolean, tell: (text: string) => void }} options
 * @returns {{ measurement: Measurement, rows: Row[] }}
 */
export function runCase(chosen, subjects, { n, rounds, node, nodeVersion, quick, tell }) {
  const date = new Date().toISOString();
  const before = load();
  /** @type {Map<Subject, Sample[]>} */
  const samples = new Map(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < subjects.length; turn += 1) {
      const subject = subjects[(round + turn) % subjects.length];
      if (subject === undefined) continue;
      const sample = runSubject(node, chosen, subject, n, quick ? quickEffort : fullEffort);
      samples.get(subject)?.push(sample);
      tell(`${chosen.name} ${round + 1}/${rounds}: ${subject.name}: ${sample.value.toFixed(0)} ${chosen.unit}`);
    }
  }
  const baseline = subjects.find(({ name }) => name === chosen.baseline);
  const baselineSamples = baseline === undefined ? undefined : samples.get(baseline);
  const rows = subjects.map((subject) =>
    rowOf(chosen, subject, n, nodeVersion, samples.get(subject) ?? [], baselineSamples),
  );
  const [{ model } = { model: "unknown" }] = cpus();
  /** @type {Measurement} */
  const measurement = {
    case: chosen.name,
    node: nodeVersion,
    date,
    cpu: model.trim(),
    cores: cpus().length,
    memory: totalmem(),
    load: [before, load()],
    rounds,
    n,
  };
  return { measurement, rows };
}

function load() {
  return Math.round((loadavg()[0] ?? NaN) * 100) / 100;
}

/**
 * @param {string} node
 * @param {Case} chosen
 * @param {Subject} subject
 * @param {number} n
 * @param {Effort} effort
 * @returns {Sample}
 */
function runSubject(node, chosen, subject, n, { warmups, samples, sampleTime }) {
  const { status, signal, stdout, error } = spawnSync(
    node,
    [
      "--expose-gc",
      ...(chosen.nodeOptions ?? []),
      join(import.meta.dirname, "child.mjs"),
      chosen.name,
      subject.name,
      ...[n, warmups, samples, sampleTime].map(String),
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  if (error !== undefined) throw error;
  if (status !== 0)
    throw new Error(
      `${chosen.name}: ${subject.name}: the process ended with ${signal ?? `exit code ${String(status)}`}`,
    );
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return JSON.parse(line);
}

/**
 * @param {Case} chosen
 * @param {Subject} subject
 * @param {number} n
 * @param {string} nodeVersion
 * @param {readonly Sample[]} samples one a round
 * @param {readonly Sample[] | undefined} baseline
 * @returns {Row}
 */
function rowOf(chosen, subject, n, nodeVersion, samples, baseline) {
  const values = samples.map(({ value }) => value);
  const middle = median(values);
  const ratios = values.map((value, round) => value / (baseline?.[round]?.value ?? NaN));
  // A figure that some rounds don't have (a size that took too long) is left out of the row.
  const names = Object.keys(samples[0]?.extra ?? {}).filter((name) =>
    samples.every(({ extra }) => extra?.[name] !== undefined),
  );
  return {
    case: chosen.name,
    subject: subject.name,
    version: versionOf(subject.package, nodeVersion),
    node: nodeVersion,
    unit: chosen.unit,
    n,
    median: middle,
    min: Math.min(...values),
    max: Math.max(...values),
    nsPerOp: chosen.unit === "ns" ? middle : null,
    ratio: baseline === undefined ? null : median(ratios),
    extra: Object.fromEntries(names.map((name) => [name, median(samples.map(({ extra }) => extra?.[name] ?? NaN))])),
  };
}
