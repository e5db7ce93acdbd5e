// @ts-check
/** All cases, in the order in which they are run and shown. */
import { batch } from "./batch.mjs";
import { growthCase } from "./growth.mjs";
import { inspect, inspected } from "./inspect.mjs";
import { map } from "./map.mjs";
import { idleMemory } from "./memory.mjs";
import { bulkhead, circuitBreaker, pipeline, rateLimit } from "./policies.mjs";
import { queue } from "./queue.mjs";
import { retry, retryAfterFailure, retryWithOptions } from "./retry.mjs";
import { runner } from "./runner.mjs";
import { spawnAndJoin } from "./spawn-and-join.mjs";
import { timeout } from "./timeout.mjs";

/** @type {readonly import("../types.d.ts").Case[]} */
export const cases = [
  spawnAndJoin,
  map,
  batch,
  retry,
  retryWithOptions,
  retryAfterFailure,
  timeout,
  queue,
  circuitBreaker,
  bulkhead,
  rateLimit,
  pipeline,
  growthCase,
  idleMemory,
  runner,
  inspect,
  inspected,
];
