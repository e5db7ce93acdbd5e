/** What the journal keeps of an item: how it ended, and every attempt that failed. */

export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly errorName: string;
  readonly errorCode: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
}

export interface ItemOutcome {
  readonly index: number;
  readonly key: string | undefined;
  readonly state: "succeeded" | "dead";
  /** Calls of the handler, the last one included. */
  readonly attempts: number;
  /** Of the first attempt; milliseconds since the epoch. */
  readonly startedAt: number;
  /** From the first attempt's start to the last one's end, waits included; milliseconds. */
  readonly duration: number;
  /** A succeeded item's result as one line of JSON; undefined is written to `--output` as null. */
  readonly output: string | undefined;
  /** A dead item's last error. */
  readonly error: FailedAttempt | undefined;
  /** Every failed one, also of an item that succeeded later; a dead item's last one included. */
  readonly failedAttempts: readonly FailedAttempt[];
  /** A dead item as JSON, cut to what a report can show. */
  readonly sample: string | undefined;
}
