// @ts-check
/** Checks of what subjects bring back. */

/** @param {number} n the sum of 0 … n - 1 */
export function sumBelow(n) {
  return (n * (n - 1)) / 2;
}

/** @param {unknown} result @param {unknown} expected @throws {Error} unless they are the same */
export function expectSame(result, expected) {
  if (!Object.is(result, expected))
    throw new Error(`the work was not done: expected ${String(expected)}, got ${String(result)}`);
}

/**
 * Every one of `n` results, in order: the double of its index.
 * @param {unknown} results
 * @param {number} n
 */
export function expectDoubles(results, n) {
  if (!Array.isArray(results)) throw new Error(`the work was not done: expected ${n} results, got ${typeof results}`);
  expectSame(results.length, n);
  for (let index = 0; index < n; index += 1) expectSame(results[index], index * 2);
}

/** @param {unknown} results each its index, in order; or the sum of the indexes of those that ran @param {number} n */
export function expectIndexes(results, n) {
  if (!Array.isArray(results)) {
    expectSame(results, sumBelow(n));
    return;
  }
  expectSame(results.length, n);
  for (let index = 0; index < n; index += 1) expectSame(results[index], index);
}

/** @param {number} n */
export function indexes(n) {
  return Array.from({ length: n }, (_, index) => index);
}
