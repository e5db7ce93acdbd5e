/**
 * Items of a queue through a function, so many at a time.
 *
 * Invariants
 * - QUEUE-PROCESS-1: at most `concurrency` items run, and they are taken in order.
 * - QUEUE-PROCESS-2: an item that was taken has succeeded, or has failed for good, or is back in the queue when the promise settles.
 */
import type { Awaitable, CallOptions } from "../core/index.ts";
import {
  type AttemptContext,
  attemptLimits,
  checkCount,
  checkDuration,
  checkFunction,
  checkItemRetry,
  echoOf,
  LaneGroup,
  type Limits,
  reasonOf,
  type RetryOptions,
  retryUnder,
  type Scope,
  suppress,
  type Withdrawable,
} from "../core/lowlevel.ts";
import { Getting } from "./exchange.ts";
import type { QueueState, Taken } from "./queue-state.ts";

/** How the items of a queue are processed. */
export interface ProcessOptions<T> extends CallOptions {
  /** How many at a time: an integer from 1 up, or Infinity; no default on purpose. */
  readonly concurrency: number;
  /** How an item that failed is tried again, before it has failed for good. Its place is taken meanwhile. Default: not at all. */
  readonly retry?: Omit<RetryOptions, "name" | "signal"> | undefined;
  /** Milliseconds for each attempt; then it fails with a TimeoutError, layer "attempt". Default: none. */
  readonly timeout?: number | undefined;
  /**
   * Gets each item that failed for good, with its error; the queue goes on when it has settled. What it throws ends the processing. Default: the first
   * such item does.
   */
  readonly onDeadLetter?: ((item: T, error: unknown) => Awaitable<void>) | undefined;
}

/** @throws {RangeError | TypeError} naming the option, the value and what it must be */
export function checkProcess(options: ProcessOptions<never>): void {
  checkCount("concurrency", options?.concurrency, 1, "process");
  const { retry, timeout, onDeadLetter } = options;
  if (retry !== undefined) checkItemRetry("process", retry);
  if (timeout !== undefined) checkDuration("timeout", timeout, 0, "process");
  if (onDeadLetter !== undefined) checkFunction("onDeadLetter", onDeadLetter, "process");
}

const ONCE: RetryOptions = { retries: 0 };
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A lane that waits for an item. */
class LaneGetter<T> extends Getting<T, IteratorResult<Taken<T>>> {
  readonly state: QueueState<T>;
  readonly hand: (taken: Taken<T>) => IteratorResult<Taken<T>>;

  constructor(scope: Scope, state: QueueState<T>, hand: (taken: Taken<T>) => IteratorResult<Taken<T>>) {
    super(scope, state);
    this.state = state;
    this.hand = hand;
  }

  give(item: T): void {
    this.serve(this.hand(this.state.start(item)));
  }

  end(): void {
    // What runs, for whomever, may come back.
    if (this.state.running === 0) this.serve(DONE);
  }
}

/** {@link Queue.process}, for one who has checked what it is given. */
export async function processQueue<T>(
  state: QueueState<T>,
  run: (item: T, context: AttemptContext) => Awaitable<unknown>,
  options: ProcessOptions<T>,
  parent: Scope,
  site: string | undefined,
): Promise<void> {
  const reason = reasonOf(parent);
  if (reason !== undefined) throw reason;
  const { concurrency, retry = ONCE, onDeadLetter } = options;
  const named = { name: options.name ?? (run.name || "process") };
  const timeout = options.timeout ?? retry.timeout;
  const limits: Limits = {
    ...attemptLimits({ timeout, grace: retry.grace ?? (timeout === undefined ? Infinity : undefined) }),
    // Nothing is dropped in the middle of its work because the processing stops, unless a grace says so.
    graceFromCancel: retry.grace !== undefined,
  };

  /** Taken for a lane that has not begun with it, and does not if it is cancelled just then. One lane at a time is in `next()`. */
  let handed: Taken<T> | undefined;
  const hand = (taken: Taken<T>): IteratorResult<Taken<T>> => {
    handed = taken;
    return { done: false, value: taken };
  };

  let isCut = false;
  const giveBack = (taken: Taken<T>): void => {
    isCut = true;
    state.giveBack(taken);
  };

  /** It is dead, or back in the queue; what ends the processing is thrown on. */
  const failed = async (taken: Taken<T>, error: unknown, lane: Scope): Promise<void> => {
    let thrown = error;
    if (onDeadLetter !== undefined && echoOf(error, lane) === undefined)
      try {
        await onDeadLetter(taken.item, error);
        state.finish();
        return;
      } catch (problem) {
        suppress(problem, [error], named.name);
        thrown = problem;
      }
    if (echoOf(thrown, lane) === undefined) state.finish();
    else giveBack(taken);
    throw thrown;
  };

  const group = new LaneGroup<Taken<T>>(
    { ...named, concurrency, stopOnError: true, parent, site },
    async (taken, _index, context) => {
      handed = undefined;
      // Holds: the context that a lane is given is its own task.
      const lane = context as unknown as Scope;
      try {
        await retryUnder((attempt) => run(taken.item, attempt), retry, limits, named, lane, undefined);
      } catch (error) {
        await failed(taken, error, lane);
        return;
      }
      state.finish();
    },
  );
  const next = (): IteratorResult<Taken<T>> | Promise<IteratorResult<Taken<T>>> => {
    if (state.isReady) return hand(state.takeToRun());
    if (state.isOver && state.running === 0) return DONE;
    return new LaneGetter(group, state, hand).wait();
  };
  const withdraw = (): void => {
    if (handed !== undefined) giveBack(handed);
    handed = undefined;
  };
  try {
    // Holds: lanes take a result that is there already, as they do of other iterators.
    const iterator = { next, "holdfast.withdraw/1": withdraw } as Withdrawable & AsyncIterator<Taken<T>>;
    await group.consume({ [Symbol.asyncIterator]: () => iterator });
  } catch (error) {
    // A cancellation that came when there was nothing left to do has cut nothing short.
    if (isCut || !state.isOver || state.running > 0 || error !== reasonOf(parent)) throw error;
  }
  if (state.aborted !== undefined) throw state.aborted.reason;
}
