/** Waiting on each other: locks, limits, signs, queues, channels. */
export { Latch } from "./latch.ts";
