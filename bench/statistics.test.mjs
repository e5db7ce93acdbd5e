// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { fittedExponent, median } from "./statistics.mjs";

void test("the median of an odd number of values is the one in the middle, of an even number the mean of two", () => {
  assert.equal(median([30, 1, 2]), 2);
  assert.equal(median([4, 1, 100, 2]), 3);
  assert.ok(Number.isNaN(median([])));
});

void test("the fitted exponent of a power is that power, whatever the factor", () => {
  const sizes = [1_000, 10_000, 100_000, 1_000_000];
  for (const exponent of [0.5, 1, 1.05, 2]) {
    const fitted = fittedExponent(sizes.map((n) => [n, 7 * n ** exponent]));
    assert.ok(Math.abs(fitted - exponent) < 1e-9, `${fitted} for ${exponent}`);
  }
});
