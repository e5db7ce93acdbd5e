// @ts-check
/** The command line of the benchmarks. */
import { parseArgs } from "node:util";
import { cases } from "./cases/index.mjs";

export const usage = `npm run bench -- [options]
  --case NAME     only this case (repeatable): ${cases.map(({ name }) => name).join(", ")}
  --subject TEXT  only subjects whose name contains TEXT, and each case's baseline; goals are not judged, nothing is written
  --rounds N      how often each subject is measured, each time in a process of its own (default 7; growth 3)
  --n N           operations, instead of each case's own number; nothing is written unless --output says where
  --node PATH     another Node to measure with; its results stand beside those of the others
  --output DIR    where RESULTS.md and results.json go (default: bench)
  --quick         one round of a few operations: shows that every subject runs; writes nothing unless --output says where
  --help`;

/** @param {readonly string[]} args @returns {import("./types.d.ts").Settings | undefined} undefined when help was asked for */
export function readArguments(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: "string", multiple: true },
      subject: { type: "string" },
      rounds: { type: "string" },
      n: { type: "string" },
      node: { type: "string" },
      output: { type: "string" },
      quick: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return undefined;
  const quick = values.quick === true;
  const n = count("n", values.n);
  const partial = quick || n !== undefined || values.subject !== undefined;
  if (values.subject !== undefined && values.output !== undefined)
    throw new Error("--subject measures a part of a case, which is not written; leave out --output");
  return {
    cases: values.case === undefined ? cases : values.case.map(caseNamed),
    subject: values.subject,
    rounds: count("rounds", values.rounds),
    n,
    node: values.node ?? process.execPath,
    output: values.output ?? (partial ? undefined : import.meta.dirname),
    quick,
  };
}

/** @param {string} name */
function caseNamed(name) {
  const found = cases.find((one) => one.name === name);
  if (found === undefined)
    throw new Error(`no case ${JSON.stringify(name)}; there are ${cases.map((one) => one.name).join(", ")}`);
  return found;
}

/** @param {string} name @param {string | undefined} text */
function count(name, text) {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text))
    throw new Error(`--${name} must be a whole number from 1 up, got ${JSON.stringify(text)}`);
  return Number(text);
}
