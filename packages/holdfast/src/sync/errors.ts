/** The error classes of this folder. Each has a literal `name`, a `code` to test for, and data; nobody has to read a message. */

/** A call that has all permits of a semaphore would wait, inside, for one more of it: until it has ended, which it can't while it waits. */
export class AcquireDeadlockError extends Error {
  override get name(): "AcquireDeadlockError" {
    return "AcquireDeadlockError";
  }
  readonly code = "ERR_ACQUIRE_DEADLOCK" as const;
  readonly permits: number;

  constructor(wanted: string, holder: string, permits: number) {
    super(
      `${wanted} would wait for a permit of a semaphore of ${permits} that "${holder}", which it runs in, holds until it has ended; ` +
        `call the function itself there, or give it a semaphore of its own`,
    );
    this.permits = permits;
  }
}

/** A queue that has been closed, and that is empty for those who get. */
export class QueueClosedError extends Error {
  override get name(): "QueueClosedError" {
    return "QueueClosedError";
  }
  readonly code = "ERR_QUEUE_CLOSED" as const;
  readonly queue: string;

  constructor(queue: string) {
    super(`queue "${queue}" is closed; put before close(), and get until it is empty`);
    this.queue = queue;
  }
}

/** An end of a channel was used after it was closed itself, or closed while it was used. */
export class ChannelClosedError extends Error {
  override get name(): "ChannelClosedError" {
    return "ChannelClosedError";
  }
  readonly code = "ERR_CHANNEL_CLOSED" as const;
  readonly channel: string;

  constructor(channel: string, end: "sender" | "receiver") {
    super(
      `this ${end} of channel "${channel}" is closed; give each task a clone() of its own, and close that when it is done`,
    );
    this.channel = channel;
  }
}

/** Something was sent, and every receiver is closed. */
export class ChannelBrokenError extends Error {
  override get name(): "ChannelBrokenError" {
    return "ChannelBrokenError";
  }
  readonly code = "ERR_CHANNEL_BROKEN" as const;
  readonly channel: string;

  constructor(channel: string) {
    super(`channel "${channel}" has no receiver any more; stop sending, or keep a receiver open`);
    this.channel = channel;
  }
}

/** Every sender is closed, and all that was sent has been received. */
export class ChannelEndedError extends Error {
  override get name(): "ChannelEndedError" {
    return "ChannelEndedError";
  }
  readonly code = "ERR_CHANNEL_ENDED" as const;
  readonly channel: string;

  constructor(channel: string) {
    super(`channel "${channel}" has ended: every sender is closed; read it with for await, which ends then`);
    this.channel = channel;
  }
}
