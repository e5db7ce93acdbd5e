/**
 * What a run has to say at its end, as data: the text report and `--summary json` are made from it.
 *
 * SUMMARY-1: succeeded + dead + left = total, wherever the total is known; nothing is unaccounted for.
 */
import type { AttemptsTally, ErrorTally } from "../journal/index.ts";

export interface FailureGroup {
  readonly error: string;
  readonly code: string | undefined;
  readonly count: number;
  readonly message: string;
  /** The first item that met it. */
  readonly key: string;
  readonly index: number;
  /** That item as JSON, cut; undefined where it succeeded later. */
  readonly item: string | undefined;
}

export interface NextStep {
  readonly why: string;
  readonly command: string;
}

export interface Summary {
  readonly state: "finished" | "stopped" | "failed";
  /** Why it did not go on to the end; undefined in a finished run. */
  readonly stoppedBy: string | undefined;
  readonly exitCode: number;
  readonly handler: string;
  readonly input: string;
  readonly journal: string;
  readonly output: string | undefined;
  /** Items of the input; undefined while unknown, as for a pipe that was not read to its end. */
  readonly total: number | undefined;
  /** All runs of this journal. */
  readonly succeeded: number;
  readonly dead: number;
  /** Not done yet; undefined while the total is. */
  readonly left: number | undefined;
  readonly thisRun: {
    readonly succeeded: number;
    readonly dead: number;
    /** Taken and cut short: they run again. */
    readonly cancelled: number;
    /** Done in an earlier run. */
    readonly skipped: number;
    /** Started by an earlier run that was cut short, and again now; undefined with --key, where it can't be told. */
    readonly rerun: number | undefined;
    /** Items with the key of an earlier one: the same item. */
    readonly duplicates: number;
    /** Milliseconds. */
    readonly duration: number;
    readonly itemsPerSecond: number;
  };
  /** Dead items by error, most frequent first. */
  readonly deadLetters: readonly FailureGroup[];
  /** Every failed attempt by error, also of items that succeeded later. */
  readonly failedAttempts: { readonly count: number; readonly groups: readonly FailureGroup[] };
  readonly attempts: readonly AttemptsTally[];
  /** Attempts that ran on after their timeout. */
  readonly abandoned: {
    readonly count: number;
    readonly items: readonly { readonly key: string; readonly attempt: number; readonly sawSignal: boolean }[];
  };
  /** Errors of abandoned attempts that came after nobody waited for them any more. */
  readonly lateErrors: number;
  /** What to type next, where there is something to do. */
  readonly next: NextStep | undefined;
}

export function failureGroup(tally: ErrorTally): FailureGroup {
  return {
    error: tally.errorName,
    code: tally.errorCode,
    count: tally.count,
    message: tally.message,
    key: tally.key ?? String(tally.index),
    index: tally.index,
    item: tally.sample,
  };
}
