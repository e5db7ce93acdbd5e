/**
 * What the thread of a watchdog runs. As text, because a program that was bundled has no file for it.
 *
 * It looks as often as the main thread counts. Where the count stands still it asks the main thread for its stack and, in the same breath, for the count: if that has moved on,
 * the stack is of something else, and is not shown.
 */

/** How often the main thread counts within the threshold. */
export const BEATS = 4;
/** Where the main thread keeps its count. */
export const BEATS_KEY: symbol = Symbol.for("holdfast.beats/1");

const QUESTION = `(() => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const { stack } = new Error("only for its stack");
  Error.stackTraceLimit = limit;
  return JSON.stringify([globalThis[Symbol.for("${BEATS_KEY.description}")]?.[0], String(stack)]);
})()`;

export const watchdogSource: string = `"use strict";
const { Session } = require("node:inspector");
const { writeSync } = require("node:fs");
const { beats, threshold, home } = require("node:worker_threads").workerData;

const interval = Math.min(threshold / ${BEATS}, 2 ** 31 - 1);
/** A count that is older than this has stood still for the threshold at least. */
const longest = threshold + interval;
let seen = -1;
let since = performance.now();
let looked = since;
let isReported = false;

function look() {
  const time = performance.now();
  const beat = Atomics.load(beats, 0);
  if (beat !== seen) {
    seen = beat;
    since = time;
    isReported = false;
  } else if (time - looked > threshold) {
    // This thread was late itself: the whole process was asleep.
    since = time;
  } else if (!isReported && time - since >= longest) {
    isReported = true;
    ask(beat, since);
  }
  looked = time;
  setTimeout(look, interval);
}

function ask(beat, start) {
  const session = new Session();
  session.connectToMainThread();
  session.post("Runtime.evaluate", { expression: ${JSON.stringify(QUESTION)} }, (error, answer) => {
    session.disconnect();
    const value = answer?.result?.value;
    const [now, stack] = typeof value === "string" ? JSON.parse(value) : [];
    const blocked = Math.round(performance.now() - start) + " ms";
    writeSync(2, now === beat
      ? "holdfast: the event loop has been blocked for " + blocked + describe(stack)
      : "holdfast: the event loop was blocked for " + blocked + ", and went on before it could be asked by what: by native code, or it was just over\\n");
  });
}

function describe(stack) {
  const lines = stack.split("\\n").filter((line) => /^ +at /.test(line));
  const owner = lines.map((line) => /^ +at (?:async )?(task \\d+ ".*")\\.run /.exec(line)?.[1]).find((name) => name !== undefined);
  const frames = lines.filter((line) => !/^ +at (?:async )?task \\d+ "|<anonymous>(?::\\d|\\)$)|\\(?node:internal\\/|\\/node_modules\\/holdfast(?:-cli)?\\/(?:dist|src)\\//.test(line) && !(home !== null && line.includes(home)));
  return (owner === undefined ? "" : " by " + owner) + "\\n" + frames.join("\\n") + "\\n";
}

look();
`;
