// @ts-check
/** The results as Markdown: a section for each case, a table for each Node it was measured with. */
import { cases } from "./cases/index.mjs";

/** @import { Case, Measurement, Results, Row, Table } from "./types.d.ts" */

/** @param {Results} results */
export function resultsPage(results) {
  const sections = cases.flatMap((one) => {
    const measured = results.measurements.filter((measurement) => measurement.case === one.name);
    if (measured.length === 0) return [];
    const tables = measured.map((measurement) =>
      caseTables(
        one,
        measurement,
        results.results.filter((row) => isOf(row, measurement)),
      ),
    );
    return [`## ${one.title}\n\n\`${one.name}\`. ${one.about}\n\n${tables.join("\n")}`];
  });
  return `# Results

Written by \`npm run bench\`; [README.md](README.md) says how to read it. Lower is better; the ratio is to the baseline (1.00 ×) of the same round.

${sections.join("\n")}`;
}

/** @param {Row | Measurement} one @param {Measurement} measurement */
export function isOf(one, measurement) {
  return one.case === measurement.case && major(one.node) === major(measurement.node);
}

/** @param {string} node "20.20.2" */
export function major(node) {
  return Number(node.split(".", 1)[0]);
}

/**
 * One case on one Node: what was measured, and which goals that meets.
 * @param {Case} one
 * @param {Measurement} measurement
 * @param {readonly Row[]} rows
 */
export function caseTables(one, measurement, rows) {
  const { node, date, cpu, cores, load, rounds, n } = measurement;
  const facts = `Node ${node} · ${cpu}, ${cores} cores · ${date.slice(0, 10)} · load ${load.join(" → ")} · ${count(n)} operations, ${rounds} ${rounds === 1 ? "round" : "rounds"}`;
  const columns = one.columns ?? [];
  const head = ["subject", "version", `${one.unit} per ${one.per}`, "min–max"];
  if (one.baseline !== undefined) head.push("ratio");
  const body = rows.map((row) => {
    const cells = [row.subject, row.version, figure(row.median), `${figure(row.min)}–${figure(row.max)}`];
    if (row.ratio !== null) cells.push(`${row.ratio.toFixed(2)} ×`);
    for (const { extra, format } of columns) {
      const value = row.extra[extra];
      cells.push(value === undefined ? "–" : format(value));
    }
    return cells;
  });
  const goals = goalsTable(one, measurement, rows);
  return `${facts}\n\n${table([...head, ...columns.map(({ title }) => title)], body)}${goals === "" ? "" : `\n${goals}`}`;
}

/** A goal asked for a row that is not among the results. */
class NotMeasured extends Error {
  /** @override */
  name = "NotMeasured";
  code = "ERR_NOT_MEASURED";

  /** @param {string} subject */
  constructor(subject) {
    super(`${subject} was not measured`);
  }
}

/** @param {Case} one @param {Measurement} measurement @param {readonly Row[]} rows */
function goalsTable(one, measurement, rows) {
  if (one.goals.length === 0) return "";
  /** @type {Table} */
  const view = {
    nodeMajor: major(measurement.node),
    rows,
    row: (subject) => {
      const found = rows.find((row) => row.subject === subject);
      if (found === undefined) throw new NotMeasured(subject);
      return found;
    },
  };
  const body = one.goals.map((goal) => {
    try {
      const { met, seen } = goal.judge(view);
      return [goal.text, seen, met ? "met" : "**not met**"];
    } catch (error) {
      // Kept results may be older than the goal.
      if (error instanceof NotMeasured) return [goal.text, error.message, "**not judged**"];
      throw error;
    }
  });
  return table(["goal", "seen", ""], body);
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} body */
function table(head, body) {
  // Names left, figures right.
  const rule = head.map((title, index) => (index < 2 && title !== "seen" ? "---" : "---:"));
  return [head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** @param {number} value */
function figure(value) {
  return value >= 100 ? count(Math.round(value)) : value.toFixed(1);
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString("en-US");
}
