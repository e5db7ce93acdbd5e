// @ts-check
/**
 * `node bench/peers/main.mjs [--case name]`: puts each peer into the situations that this repository makes claims about, and writes down what it did, in RECORD.md and record.json.
 * With `--case` nothing is written. Exits with 1 when one of them did not do what is claimed of it, the library of this repository included.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { checkBuilt, ensurePeers, versionOf } from "../installation.mjs";
import { cases, findCase } from "./cases/index.mjs";
import { differences, toMarkdown } from "./record.mjs";

/** @import { Observation, PeerCase, PeerRecord } from "./types.d.ts" */

const folder = import.meta.dirname;
/** Milliseconds that one subject may take in one situation. */
const limit = 10_000;

const { values } = parseArgs({ options: { case: { type: "string" } } });
ensurePeers();
checkBuilt();
const chosen = values.case === undefined ? cases : [findCase(values.case)];
const probes = chosen.flatMap((one) => one.subjects.map((_, index) => ({ one, index })));
/** @type {Observation[]} */
const observations = Array.from({ length: probes.length });
let next = 0;
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    while (next < probes.length) {
      const at = next++;
      const probe = probes[at];
      if (probe !== undefined) observations[at] = await observe(probe.one, probe.index);
    }
  }),
);

for (const { case: name, package: peer, way, seen, claim } of observations)
  if (values.case !== undefined || seen !== claim)
    process.stdout.write(
      `${name}: ${peer}${way === undefined ? "" : `, ${way}`}: ${seen}${seen === claim ? "" : ` (claimed: ${claim})`}\n`,
    );
if (values.case === undefined) {
  /** @type {PeerRecord} */
  const record = { node: process.version.slice(1), date: new Date().toISOString().slice(0, 10), observations };
  writeFileSync(join(folder, "record.json"), `${JSON.stringify(record, undefined, 2)}\n`);
  writeFileSync(join(folder, "RECORD.md"), toMarkdown(cases, record));
}
const different = differences(observations).length;
process.stdout.write(`${observations.length} observations, ${different} not as claimed\n`);
process.exitCode = different === 0 ? 0 : 1;

/** @param {PeerCase} one @param {number} index @returns {Promise<Observation>} */
async function observe(one, index) {
  const subject = one.subjects[index];
  if (subject === undefined) throw new Error(`case ${one.name} has no subject ${index}`);
  const { package: name, way, claim } = subject;
  const version =
    versionOf(name === "node" ? undefined : name, process.version.slice(1))
      .split(" ")
      .at(-1) ?? "";
  return { case: one.name, package: name, way, version, claim, seen: await runChild(one.name, index) };
}

/** @param {string} name @param {number} index @returns {Promise<string>} */
function runChild(name, index) {
  const program = join(folder, "child.mjs");
  return new Promise((resolve) => {
    execFile(process.execPath, [program, name, String(index)], { timeout: limit }, (error, stdout, stderr) => {
      const line = stdout.trimEnd().split("\n").at(-1) ?? "";
      if (error === null && line.startsWith("{")) resolve(String(JSON.parse(line).seen));
      else if (error?.killed === true) resolve(`did not come to an end within ${limit / 1000} seconds`);
      else
        resolve(
          `the process ended: ${
            stderr
              .trim()
              .split("\n")
              .find((text) => text.includes("Error")) ?? String(error)
          }`,
        );
    });
  });
}
