/**
 * The shapes of a batch: what goes in, what each item becomes, and the account of all. In one file, since they name each other.
 */
import type { Attempt, CallOptions } from "../core/index.ts";
import type { AttemptContext, RetryOptions } from "../policy/index.ts";

/** What the function of a batch is given beside the item. */
export interface ItemContext extends AttemptContext {
  readonly index: number;
  readonly key: string;
}

/** How a batch runs, when it stops, and what it remembers. */
export interface BatchOptions<T, R = unknown> extends CallOptions {
  /** How many items at a time: an integer from 1 up, or Infinity; no default on purpose. */
  readonly concurrency: number;
  /** What identifies an item in the report. Default: its index. */
  readonly key?: ((item: T, index: number) => string) | undefined;
  /** How each item is tried again. Default: not at all. */
  readonly retry?: RetryOptions<R> | undefined;
  /** Milliseconds for each attempt. Default: none. */
  readonly timeout?: number | undefined;
  /** Milliseconds for the whole batch; then `stoppedBy` is "timeout". Default: none. */
  readonly totalTimeout?: number | undefined;
  /**
   * Milliseconds that work has to stop before it is abandoned and its place given to the next. Default: after an attempt's timeout 1,000, or 0 if it never looked at its
   * signal; when the batch is cancelled, as long as it takes.
   */
  readonly grace?: number | undefined;
  /** Stops when MORE than this many items have failed. "n%" is of the input where its length is known, else of those finished, from the 100th on. Default Infinity. */
  readonly maxFailures?: number | `${number}%` | undefined;
  /** What the report holds on to. Default "all"; "none" and "failures" keep memory flat. */
  readonly keep?: "all" | "failures" | "none" | undefined;
  /** Called as each item settles, cancelled ones too. What it throws goes to `onLateError`. */
  readonly onItem?: ((result: ItemResult<T, R>) => void) | undefined;
  /** Called when an item has settled, at most every 100 milliseconds, and once at the end. What it throws goes to `onLateError`. */
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
}

/** What is known of every item that was started. */
export interface ItemBase<T> {
  /** Its place in the input, from 0. */
  readonly index: number;
  readonly key: string;
  readonly item: T;
  /** Every attempt that failed, of an item that succeeded later too. */
  readonly attempts: readonly Attempt[];
  /** Milliseconds, waits between attempts included. */
  readonly duration: number;
}

/** What became of an item: narrows on `status`, and on `ok`. */
export type ItemResult<T, R> =
  | (ItemBase<T> & { readonly status: "succeeded"; readonly ok: true; readonly value: R })
  | (ItemBase<T> & { readonly status: "failed"; readonly ok: false; readonly error: unknown })
  | (ItemBase<T> & { readonly status: "cancelled"; readonly ok: false; readonly error: unknown });

/** An item that failed, or was cut short by what stopped the batch. */
export type ItemFailure<T, R> = Extract<ItemResult<T, R>, { ok: false }>;

/** Why a batch ended before its input did. */
export type StoppedBy = "signal" | "maxFailures" | "timeout" | "input";

/** How many items ended how. Those four are all there are. */
export interface BatchCounts {
  readonly succeeded: number;
  readonly failed: number;
  /** Started, and cut short by what stopped the batch. */
  readonly cancelled: number;
  /** undefined where the length of the input is not known. */
  readonly notStarted: number | undefined;
}

/** How far a batch has come. */
export interface BatchProgress {
  readonly counts: Omit<BatchCounts, "notStarted">;
  /** Items that run now. */
  readonly running: number;
  /** Items of the input; undefined where its length is not known. */
  readonly total: number | undefined;
  /** Milliseconds since the start. */
  readonly elapsed: number;
}

/** The account of a batch: what became of every item. */
export interface BatchReport<T, R> {
  /** What `keep` kept, in the order of the input. */
  readonly results: readonly ItemResult<T, R>[];
  /** Of those that succeeded, in the order of the input; empty unless `keep` is "all". */
  readonly values: readonly R[];
  /** Failed and cancelled items, in the order of the input; empty with `keep: "none"`. */
  readonly failures: readonly ItemFailure<T, R>[];
  readonly counts: BatchCounts;
  /** How many items failed with an error of that name; of what is no error, of that type. */
  readonly errorsByType: ReadonlyMap<string, number>;
  readonly stoppedBy: StoppedBy | undefined;
  /** What the input threw, with stoppedBy "input". */
  readonly inputError: unknown;
  /** @throws {ErrorGroup} of the errors of all failures (and of the input), unless every item succeeded */
  throwIfFailed(): void;
  /** Runs the failed and cancelled items again, with the same function and options, or those given. Indexes and keys stay. @throws {TypeError} when `keep` kept no items */
  retryFailed(options?: Partial<BatchOptions<T, R>>): Promise<BatchReport<T, R>>;
  /** For people: a line of counts, then a table of the errors by type, each with an example. */
  toString(): string;
  /** For logs: counts, errors by type, and of each failure key, index, error and number of attempts. */
  toJSON(): unknown;
}
