// @ts-check
import * as cancellation from "./cancellation.mjs";
import * as context from "./context.mjs";
import * as errors from "./errors.mjs";
import * as listeners from "./listeners.mjs";
import * as policies from "./policies.mjs";
import * as queues from "./queues.mjs";
import * as retries from "./retry.mjs";
import * as retryRules from "./retry-rules.mjs";
import * as tasks from "./tasks.mjs";
import * as timeLimits from "./time-limits.mjs";

/** @import { PeerCase } from "../types.d.ts" */

/** In the order of the record. @type {readonly PeerCase[]} */
export const cases = [
  tasks,
  errors,
  cancellation,
  timeLimits,
  listeners,
  retries,
  retryRules,
  policies,
  queues,
  context,
].flatMap((module) => Object.values(module));

/** @param {string} name @throws {Error} naming the cases that there are */
export function findCase(name) {
  const found = cases.find((one) => one.name === name);
  if (found === undefined)
    throw new Error(`there is no case "${name}"; there are ${cases.map((one) => one.name).join(", ")}`);
  return found;
}
