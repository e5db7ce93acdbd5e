// @ts-check
/** What a run of Stryker has found, to read. */
import { basename } from "node:path";

/** @typedef {{ status: string, mutatorName: string, replacement: string, location: { start: Position, end: Position } }} Mutant */
/** @typedef {{ line: number, column: number }} Position */
/** @typedef {Record<string, { mutants: readonly Mutant[], source: string }>} Files */

/** A mutant that makes a program run for ever was noticed, too. */
const NOTICED = new Set(["Killed", "Timeout"]);
/** What the tests never come to is as good as survived. */
const UNNOTICED = new Set(["Survived", "NoCoverage"]);

/** @param {readonly Mutant[]} mutants @param {ReadonlySet<string>} statuses */
function count(mutants, statuses) {
  return mutants.filter(({ status }) => statuses.has(status)).length;
}

/** The score of each file, the worst first, and of all. @param {Files} files */
export function tableOf(files) {
  const row = (/** @type {string} */ name, /** @type {readonly Mutant[]} */ mutants) => {
    const noticed = count(mutants, NOTICED);
    const all = noticed + count(mutants, UNNOTICED);
    const score = all === 0 ? 100 : (100 * noticed) / all;
    return { score, line: `| ${name} | ${all} | ${noticed} | ${all - noticed} | ${score.toFixed(1)} |` };
  };
  const rows = Object.entries(files)
    .map(([path, { mutants }]) => row(basename(path), mutants))
    .toSorted((a, b) => a.score - b.score);
  const total = row(
    "**all**",
    Object.values(files).flatMap(({ mutants }) => mutants),
  );
  const head = "| file | mutants | noticed | survived | score, % |\n| --- | --: | --: | --: | --: |";
  return [head, ...rows.map(({ line }) => line), total.line].join("\n");
}

/** A line for each mutant that no test has noticed. @param {Files} files */
export function survivorsOf(files) {
  return Object.entries(files).flatMap(([path, { mutants, source }]) => {
    const lines = source.split("\n");
    return mutants
      .filter(({ status }) => UNNOTICED.has(status))
      .toSorted((a, b) => a.location.start.line - b.location.start.line)
      .map(({ mutatorName, replacement, location: { start, end } }) => {
        const line = lines[start.line - 1] ?? "";
        const code = start.line === end.line ? line.slice(start.column - 1, end.column - 1) : `${line.trim()} …`;
        const changed = replacement.replaceAll(/\s+/gu, " ").slice(0, 100);
        return `${basename(path)}:${start.line}:${start.column} ${mutatorName}: ${code}  →  ${changed}`;
      });
  });
}
