/** Waiting on each other: locks, limits, signs, queues, channels. */
export {
  channel,
  type ChannelHandle,
  type ChannelOptions,
  type ChannelStatistics,
  type Receiver,
  type Sender,
} from "./channel.ts";
export {
  AcquireDeadlockError,
  ChannelBrokenError,
  ChannelClosedError,
  ChannelEndedError,
  QueueClosedError,
} from "./errors.ts";
export { Latch } from "./latch.ts";
export { Mutex } from "./mutex.ts";
export { Queue, type QueueOptions } from "./queue.ts";
export type { ProcessOptions } from "./queue-process.ts";
export { type Permit, Semaphore, type SemaphoreWrapOptions } from "./semaphore.ts";
export type { WaitOptions } from "./wait-queue.ts";
