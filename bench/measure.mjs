// @ts-check
/**
 * The three ways to measure a subject: time for an operation, time against the number of operations, bytes held by each.
 * Every result is checked, those of the warm-up too: work that was not done is not fast.
 */
import { fittedExponent, median } from "./statistics.mjs";

/** @import { Case, Subject, Work } from "./types.d.ts" */

/** Asked from the host, as `--expose-gc` gives it. */
export function collectGarbage() {
  if (globalThis.gc === undefined) throw new Error("garbage can't be collected on demand; start node with --expose-gc");
  globalThis.gc();
}

/** @param {Work} work @param {(result: unknown) => void} check @returns {Promise<number>} nanoseconds */
async function timeOnce(work, check) {
  const begin = process.hrtime.bigint();
  const result = await work();
  const time = Number(process.hrtime.bigint() - begin);
  check(result);
  return time;
}

/**
 * Nanoseconds for one operation: the median of the samples, each after a garbage collection of its own, and long enough
 * that the clock does not matter.
 * @param {(result: unknown, n: number) => void} check
 * @returns {Case["measure"]}
 */
export function timed(check) {
  return async (subject, n, { warmups, samples, sampleTime }) => {
    const work = await subject.prepare(n);
    /** @param {unknown} result */
    const checkThis = (result) => check(result, n);
    let last = 0;
    for (let count = 0, spent = 0; count < warmups || spent < warmups * sampleTime; count += 1) {
      last = (await timeOnce(work, checkThis)) / 1e6;
      spent += last;
    }
    const repeats = Math.max(1, Math.ceil(sampleTime / last));
    /** @type {number[]} */
    const times = [];
    for (let sample = 0; sample < samples; sample += 1) {
      collectGarbage();
      let time = 0;
      for (let repeat = 0; repeat < repeats; repeat += 1) time += await timeOnce(work, checkThis);
      times.push(time / repeats / n);
    }
    return { value: median(times) };
  };
}

/** Nanoseconds that one call at the next size may be expected to take; beyond, the larger sizes are left out and the table says so. */
const callBudget = 60e9;
/** Nanoseconds for all calls at one size: when they are spent, no further call is made. */
const sizeBudget = 5e9;

/**
 * The exponent of the time over n/1000, n/100, n/10 and n operations; 1 is linear. Work of a growth case times itself:
 * it returns `{ time, result }`, nanoseconds of what counts, since waiting for a timer to be due does not.
 * @param {(result: unknown, n: number) => void} check
 * @returns {Case["measure"]}
 */
export function growth(check) {
  return async (subject, n, { warmups, samples }) => {
    /** @param {number} size @param {number} repeats */
    const timesOf = async (size, repeats) => {
      const work = await subject.prepare(size);
      /** @type {number[]} */
      const times = [];
      for (let repeat = 0, spent = 0; repeat < repeats && spent < sizeBudget; repeat += 1) {
        collectGarbage();
        const { time, result } = selfTimed(await work());
        check(result, size);
        times.push(time);
        spent += time;
      }
      return times;
    };
    const sizes = [n / 1000, n / 100, n / 10, n].filter((size) => size <= (subject.largestN ?? n));
    for (const size of sizes.slice(0, 2)) await timesOf(size, warmups * 10);
    /** @type {[number, number][]} */
    const points = [];
    for (const size of sizes) {
      const [beforeLast, last] = points.slice(-2);
      // Grows as it grew in the last step, or linearly before there is one.
      const step = last !== undefined && beforeLast !== undefined ? last[1] / beforeLast[1] : 10;
      if (last !== undefined && last[1] * step > callBudget) break;
      const repeats = Math.max(samples, Math.min(40, Math.round(n / size / 10)));
      points.push([size, median(await timesOf(size, repeats))]);
    }
    const largest = points.at(-1);
    if (largest === undefined) throw new Error(`${subject.name} was measured at no size`);
    const extra = Object.fromEntries(points.map(([size, time]) => [`nsAt${size}`, time / size]));
    return {
      value: largest[1] / largest[0],
      extra: { ...extra, exponent: fittedExponent(points), largestN: largest[0] },
    };
  };
}

/** @param {unknown} outcome @returns {{ time: number, result: unknown }} */
function selfTimed(outcome) {
  if (typeof outcome === "object" && outcome !== null && "time" in outcome && "result" in outcome) {
    if (typeof outcome.time === "number") return { time: outcome.time, result: outcome.result };
  }
  throw new Error("the work of a growth case returns { time, result }");
}

/**
 * Bytes of heap that one parked task holds. The work parks `n` of them and returns `{ release }`; after the reading
 * `release()` lets them go and resolves with what they came to.
 * @param {(result: unknown, n: number) => void} check
 * @returns {Case["measure"]}
 */
export function memory(check) {
  return async (subject, n, { samples }) => {
    /** @type {number[]} */
    const readings = [];
    // The first time also pays for code and feedback; it is checked, and not counted.
    for (let sample = 0; sample < samples + 1; sample += 1) {
      const reading = await heldBytes(subject, n, check);
      if (sample > 0) readings.push(reading / n);
    }
    return { value: median(readings) };
  };
}

/**
 * A function of its own: what its frame held is garbage when the next reading begins.
 * @param {Subject} subject @param {number} n
 * @param {(result: unknown, n: number) => void} check
 */
async function heldBytes(subject, n, check) {
  const work = await subject.prepare(n);
  const before = await settledHeap();
  const { release } = parked(await work());
  const after = await settledHeap();
  check(await release(), n);
  return after - before;
}

async function settledHeap() {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

/** @param {unknown} outcome @returns {{ release: () => Promise<unknown> }} */
function parked(outcome) {
  if (typeof outcome === "object" && outcome !== null && "release" in outcome) {
    const { release } = outcome;
    if (typeof release === "function") return { release: async () => await release() };
  }
  throw new Error("the work of a memory case returns { release }");
}
