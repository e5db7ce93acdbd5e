/** What a report wants to know, asked of the journal: all runs together. */

/** Failures with one name and code, and the first item that met them. */
export interface ErrorTally {
  readonly errorName: string;
  readonly errorCode: string | undefined;
  readonly count: number;
  readonly index: number;
  readonly key: string | undefined;
  /** Of that first item. */
  readonly message: string;
  /** That item as JSON; undefined where it succeeded later. */
  readonly sample: string | undefined;
}

export interface AttemptsTally {
  readonly attempts: number;
  readonly succeeded: number;
  readonly dead: number;
}

export interface JournalReport {
  readonly succeeded: number;
  readonly dead: number;
  /** Dead items by name and code of their last error, most frequent first, at most 100 of `deadKinds`. */
  readonly deadByError: readonly ErrorTally[];
  readonly deadKinds: number;
  /** Every failed attempt, also of items that succeeded later; most frequent first, at most 100 of `failedKinds`. */
  readonly failedByError: readonly ErrorTally[];
  readonly failedKinds: number;
  readonly failedAttempts: number;
  /** Items by how many attempts they took, fewest first. */
  readonly attempts: readonly AttemptsTally[];
}
