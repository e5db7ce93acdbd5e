/**
 * What is said to a caller who passed a policy a number that can't be: these have no sense without an end, so Infinity is none of them.
 */

/** @throws {RangeError} for a number. @throws {TypeError} for anything else */
function refuse(title: string, range: string, value: unknown): never {
  const message = `${title} must be ${range}, got ${String(value)} (${typeof value})`;
  throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
}

/** An integer from 1 up. */
export function checkInteger(owner: string, name: string, value: unknown): asserts value is number {
  if (!(Number.isInteger(value) && Number(value) >= 1)) refuse(`${owner}: ${name}`, "an integer >= 1", value);
}

/** Milliseconds, at least 1. */
export function checkPeriod(owner: string, name: string, value: unknown): asserts value is number {
  if (!(typeof value === "number" && value >= 1 && value < Infinity))
    refuse(`${owner}: ${name}`, "a finite number of milliseconds >= 1", value);
}

/** A part of the whole. */
export function checkRatio(owner: string, name: string, value: unknown): void {
  if (!(typeof value === "number" && value > 0 && value <= 1))
    refuse(`${owner}: ${name}`, "a number above 0, at most 1", value);
}
