// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "./cases/index.mjs";
import { caseTables, resultsPage } from "./report.mjs";

/** @import { Measurement, Row } from "./types.d.ts" */

/** @type {Measurement} */
const measurement = {
  case: "retry",
  node: "20.20.2",
  date: "2026-01-02T03:04:05.000Z",
  cpu: "some CPU",
  cores: 2,
  memory: 1,
  load: [0.1, 0.2],
  rounds: 7,
  n: 100_000,
};

/** @param {string} subject @param {number} median @returns {Row} */
function row(subject, median) {
  return {
    case: "retry",
    subject,
    version: "v 1.0.0",
    node: "20.20.2",
    unit: "ns",
    n: 100_000,
    median,
    min: median,
    max: median,
    nsPerOp: median,
    ratio: median / 50,
    extra: {},
  };
}

const rows = [row("bare await", 50), row("holdfast", 150), row("p-retry", 200)];

void test("a goal is met, not met, or not judged where a subject of it was not measured", () => {
  const page = resultsPage({ measurements: [measurement], results: rows });
  assert.match(page, /\| holdfast \| v 1\.0\.0 \| 150 \| 150–150 \| 3\.00 × \|/);
  assert.match(page, /than p-retry \| 100 ns against 150 ns \| met \|/);
  assert.match(page, /than cockatiel \| cockatiel was not measured \| \*\*not judged\*\* \|/);
  const slower = resultsPage({ measurements: [measurement], results: [...rows, row("cockatiel", 60)] });
  assert.match(slower, /than cockatiel \| 100 ns against 10 ns \| \*\*not met\*\* \|/);
});

void test("growth that was not measured to the end does not meet its goal", () => {
  const growth = cases.find(({ name }) => name === "growth");
  assert.ok(growth !== undefined);
  const seen = (/** @type {number} */ largestN) =>
    caseTables(
      growth,
      { ...measurement, case: "growth" },
      growth.subjects.map(({ name }) => ({ ...row(name, 1), n: 1_000_000, extra: { exponent: 1, largestN } })),
    );
  assert.match(seen(1_000_000), /tasks: holdfast: exponent ≤ 1\.05 \| 1\.000 \| met \|/);
  assert.match(seen(100_000), /tasks: holdfast: exponent ≤ 1\.05 \| 1\.000, up to 100,000 only \| \*\*not met\*\* \|/);
});
