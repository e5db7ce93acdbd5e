// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectDoubles, expectIndexes, expectSame } from "./cases/expect.mjs";
import { cases } from "./cases/index.mjs";
import { growth, memory, timed } from "./measure.mjs";

const effort = { warmups: 1, samples: 2, sampleTime: 0 };

/** @param {unknown} outcome */
function subjectOf(outcome) {
  return { name: "subject", prepare: async () => async () => outcome };
}

void test("a subject that did not do the work is not measured", async () => {
  const expected = { name: "Error", message: "the work was not done: expected 10, got 9" };
  await assert.rejects(timed(expectSame)(subjectOf(9), 10, effort), expected);
  await assert.rejects(growth(() => expectSame(9, 10))(subjectOf({ time: 1, result: 9 }), 10_000, effort), expected);
  await assert.rejects(memory(expectSame)(subjectOf({ release: () => 9 }), 10, effort), expected);
});

void test("a result that is missing, wrong or out of place is noticed", () => {
  for (const results of [[0, 2], [0, 2, 5], [2, 0, 4], undefined])
    assert.throws(() => expectDoubles(results, 3), /the work was not done/);
  for (const results of [[0, 1], [0, 2, 1], 4, undefined])
    assert.throws(() => expectIndexes(results, 3), /the work was not done/);
  expectDoubles([0, 2, 4], 3);
  expectIndexes([0, 1, 2], 3);
  expectIndexes(3, 3);
});

void test("work of linear and of quadratic time has the exponents 1 and 2", async () => {
  for (const power of [1, 2]) {
    /** @type {import("./types.d.ts").Subject} */
    const subject = { name: "power", prepare: async (n) => () => ({ time: n ** power, result: n }) };
    const { extra } = await growth(expectSame)(subject, 10_000, effort);
    assert.equal(extra?.["exponent"]?.toFixed(6), power.toFixed(6));
    assert.equal(extra?.["largestN"], 10_000);
  }
});

void test("a size that would take longer than the budget is left out", async () => {
  // One second for 100, 10 s for 1,000: 100 s for 10,000 are too long.
  /** @type {import("./types.d.ts").Subject} */
  const subject = { name: "slow", prepare: async (n) => () => ({ time: n * 1e7, result: n }) };
  const { extra } = await growth(expectSame)(subject, 10_000, effort);
  assert.equal(extra?.["largestN"], 1_000);
  assert.equal(extra?.["nsAt10000"], undefined);
});

void test("the memory of what is parked is read the same each time, whatever was parked before", async () => {
  const n = 10_000;
  /** 1,000 bytes: 123 slots of 8 and the two words before them. */
  /** @type {import("./types.d.ts").Subject} */
  const subject = {
    name: "arrays",
    prepare: async () => () => {
      const held = Array.from({ length: n }, () => Array.from({ length: 123 }, (_, index) => index));
      return { release: () => held.length };
    },
  };
  for (const samples of [1, 2, 3]) {
    const { value } = await memory(expectSame)(subject, n, { ...effort, samples });
    assert.ok(Math.abs(value - 1_050) < 100, `${value} bytes after ${samples} samples`);
  }
});

void test("subjects have names of their own, and baselines and goals name subjects of their case", () => {
  for (const { name, baseline, subjects, goals } of cases) {
    const names = subjects.map((subject) => subject.name);
    assert.equal(new Set(names).size, names.length, name);
    assert.ok(baseline === undefined || names.includes(baseline), name);
    for (const goal of goals) {
      const row = (/** @type {string} */ subject) => {
        assert.ok(names.includes(subject), `${name}: ${goal.text}: ${subject}`);
        return {
          case: name,
          subject,
          version: "",
          node: "20.0.0",
          unit: /** @type {const} */ ("ns"),
          n: 1,
          median: 1,
          min: 1,
          max: 1,
          nsPerOp: 1,
          ratio: 1,
          extra: {},
        };
      };
      goal.judge({ nodeMajor: 20, row, rows: [] });
    }
  }
});
