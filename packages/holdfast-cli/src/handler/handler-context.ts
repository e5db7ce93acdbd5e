/**
 * What a handler is given beside its item, and how handlers written in TypeScript name it.
 */

/** Prints a line above the progress display, formatted as `console.log` does. */
export type Log = (...values: readonly unknown[]) => void;

/** Members may be destructured; none needs `this`. */
export interface HandlerContext<Shared = unknown> {
  /** Aborts at the attempt's timeout, and when the run is cut short. Pass it on: work that never looks at it can't be stopped. */
  readonly signal: AbortSignal;
  /** Aborts with the first SIGINT or SIGTERM, `--drain` before `signal` does: finish soon. */
  readonly stopping: AbortSignal;
  /** 1 for the first call with this item in this run. */
  readonly attempt: number;
  readonly retriesLeft: number;
  /** What the attempt before threw; undefined for the first. */
  readonly previousError: unknown;
  /** The value of `--key`; without it the item's position as a string. The same in every run: an idempotency key. */
  readonly key: string;
  /** The item's position in the input, from 0. */
  readonly index: number;
  readonly log: Log;
  /** What `setup` returned; undefined without one. */
  readonly shared: Shared;
  readonly cancelled: boolean;
  /** A point on the clock of `performance.now()`; Infinity when there is none. */
  readonly deadline: number;
  /** Milliseconds until `deadline`, at least 0; Infinity when there is none. */
  readonly timeLeft: number;
  /** Resolves after `ms` milliseconds; rejects when the attempt is cancelled. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly throwIfCancelled: () => void;
}

/** The default export of a handler module: called for every item; what it returns must fit into JSON. */
export type Handler<Item = unknown, Result = unknown, Shared = unknown> = (
  item: Item,
  context: HandlerContext<Shared>,
) => Result | PromiseLike<Result>;

/** What `setup` and `teardown` are given. */
export interface SetupContext {
  readonly log: Log;
  /** Aborts when there is no more time: the run is cut short, or teardown's 5 s are over. */
  readonly signal: AbortSignal;
  /** Aborts with the first SIGINT or SIGTERM. */
  readonly stopping: AbortSignal;
}

/** An optional export of a handler module: called once before the first item; what it returns is `context.shared`. */
export type Setup<Shared = unknown> = (context: SetupContext) => Shared | PromiseLike<Shared>;

/** An optional export of a handler module: called once after the last item, also of a run that was stopped; it has 5 s. */
export type Teardown<Shared = unknown> = (shared: Shared, context: SetupContext) => void | PromiseLike<void>;
