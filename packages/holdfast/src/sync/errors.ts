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
