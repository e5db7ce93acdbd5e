// @ts-check
/** Measures one subject of one case in this process; the sample is the last line of standard output, as JSON. */
import { cases } from "./cases/index.mjs";

const [caseName, subjectName, n, warmups, samples, sampleTime] = process.argv.slice(2);
const chosen = cases.find(({ name }) => name === caseName);
const subject = chosen?.subjects.find(({ name }) => name === subjectName);
if (chosen === undefined || subject === undefined) throw new Error(`no subject ${subjectName} in a case ${caseName}`);
const sample = await chosen.measure(subject, Number(n), {
  warmups: Number(warmups),
  samples: Number(samples),
  sampleTime: Number(sampleTime),
});
process.stdout.write(`\n${JSON.stringify(sample)}\n`);
// Timers that a subject left behind are not waited for.
process.exit(0);
