// @ts-check
/** The forms that goals have. */

/** @import { Goal } from "../types.d.ts" */

/**
 * @param {string} subject
 * @param {string} baseline
 * @param {number | ((nodeMajor: number) => number)} limit
 * @returns {Goal}
 */
export function atMost(subject, baseline, limit) {
  const text = typeof limit === "number" ? `${limit} ×` : `${limit(20)} × on Node 20, ${limit(22)} × on later ones`;
  return {
    text: `${subject} ≤ ${text} ${baseline}`,
    judge: ({ row, nodeMajor }) => {
      const ratio = row(subject).median / row(baseline).median;
      return {
        met: ratio <= (typeof limit === "number" ? limit : limit(nodeMajor)),
        seen: `${ratio.toFixed(2)} ×`,
      };
    },
  };
}

/** @param {string} subject @param {string} other @returns {Goal} */
export function fasterThan(subject, other) {
  return { ...timesAsFast(subject, other, 1), text: `${subject} is faster than ${other}` };
}

/** @param {string} subject @param {string} other @param {number} times @returns {Goal} */
export function timesAsFast(subject, other, times) {
  return {
    text: `${subject} is ≥ ${times} × as fast as ${other}`,
    judge: ({ row }) => {
      const ratio = row(other).median / row(subject).median;
      return { met: ratio >= times, seen: `${ratio.toFixed(2)} × as fast` };
    },
  };
}

/**
 * What a wrapper adds to the bare call.
 * @param {string} subject
 * @param {string} other
 * @param {string} bare
 * @returns {Goal}
 */
export function lessOverheadThan(subject, other, bare) {
  return {
    text: `${subject} adds less to ${bare} than ${other}`,
    judge: ({ row }) => {
      const own = row(subject).median - row(bare).median;
      const theirs = row(other).median - row(bare).median;
      return { met: own < theirs, seen: `${own.toFixed(0)} ns against ${theirs.toFixed(0)} ns` };
    },
  };
}
