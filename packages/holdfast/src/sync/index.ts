/** Waiting on each other: locks, limits, signs, queues, channels. */
export { AcquireDeadlockError } from "./errors.ts";
export { Latch } from "./latch.ts";
export { Mutex } from "./mutex.ts";
export { type Permit, Semaphore, type SemaphoreWrapOptions } from "./semaphore.ts";
export type { WaitOptions } from "./wait-queue.ts";
