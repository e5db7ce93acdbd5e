/**
 * Every item through the handler, every outcome into the journal: the library's `batch` between source and journal.
 *
 * LOOP-1: an item is recorded once it has its result or its last failure; a cancelled one is not recorded: it runs again.
 * LOOP-2: a journal that fails ends the run: what can't be recorded is not begun.
 * LOOP-3: a failed attempt is counted once, as soon as anybody sees it, not only when its item is over.
 * LOOP-4: what fails after the run was aborted may have failed because of that, however its error is wrapped: it is not
 *   recorded, and runs again.
 */
import { TimeoutError, batch, retryAfter } from "holdfast";
import type { ItemContext, ItemResult } from "holdfast";
import type { Clock } from "../clock.ts";
import { callHandler } from "../handler/call-handler.ts";
import type { RunShared } from "../handler/attempt-handler-context.ts";
import { describeError } from "../handler/error-facts.ts";
import type { Handler } from "../handler/handler-context.ts";
import type { InputItem } from "../input/index.ts";
import type { ItemOutcome } from "../journal/index.ts";
import type { RunSettings } from "../options/run-settings.ts";
import type { RunStatus } from "../progress/run-status.ts";
import { itemOutcome } from "./item-outcome.ts";
import { TooManyFailures } from "./failure-limit.ts";
import type { FailureLimit } from "./failure-limit.ts";
import type { FlyingItem } from "./in-flight.ts";
import type { ItemSource } from "./item-source.ts";
import type { StopControl } from "./stop-control.ts";

export interface RunLoopOptions {
  /** The handler's name, as messages say it. */
  readonly name: string;
  readonly handler: Handler;
  readonly settings: RunSettings;
  readonly failureLimit: FailureLimit;
  readonly source: ItemSource;
  readonly record: (outcome: ItemOutcome) => void;
  readonly status: RunStatus;
  readonly flying: Map<number, FlyingItem>;
  readonly stop: StopControl;
  readonly shared: RunShared;
  readonly clock: Clock;
}

export interface AbandonedAttempt {
  readonly key: string;
  readonly attempt: number;
  /** false: the handler never looked at its signal. */
  readonly sawSignal: boolean;
}

export interface LoopResult {
  /** Taken and cut short: they run again. */
  readonly cancelled: number;
  /** Attempts that ran on after their timeout. At most 100 are told, `abandonedCount` is all. */
  readonly abandoned: readonly AbandonedAttempt[];
  readonly abandonedCount: number;
}

const maxAbandonedTold = 100;

/** Resolves when no item is left, or the run was stopped and what was in flight has ended or had its grace. */
export async function runItems(options: RunLoopOptions): Promise<LoopResult> {
  const { settings, source, status, flying, stop, clock } = options;
  const abandoned: AbandonedAttempt[] = [];
  let abandonedCount = 0;
  let cancelled = 0;

  /** Called by whoever sees a failed attempt first: the call itself, the next attempt, or the item's end. */
  const noteFailure = (flyer: FlyingItem, attempt: number, error: unknown): void => {
    if (attempt <= flyer.failuresSeen) return;
    flyer.failuresSeen = attempt;
    status.failed(describeError(error), attempt, flyer.key);
    // The handler's own timeouts are its own business.
    for (const { sawSignal } of error instanceof TimeoutError && error.layer === "attempt" ? error.unresponsive : []) {
      abandonedCount += 1;
      if (abandoned.length < maxAbandonedTold) abandoned.push({ key: flyer.key, attempt, sawSignal });
    }
  };
  const setWaiting = (flyer: FlyingItem, waiting: boolean): void => {
    if (flyer.waiting !== waiting) status.retrying += waiting ? 1 : -1;
    flyer.waiting = waiting;
  };

  const run = (entry: InputItem, context: ItemContext): string | Promise<string> => {
    const { attempt } = context;
    let flyer = flying.get(entry.index);
    if (flyer === undefined) {
      flyer = { key: context.key, startedAt: clock.now(), attempt, failuresSeen: 0, waiting: false };
      flying.set(entry.index, flyer);
    } else {
      flyer.attempt = attempt;
      setWaiting(flyer, false);
      noteFailure(flyer, attempt - 1, context.previousError);
    }
    return callHandler(options.handler, entry, context, options.shared, onThrow);
  };
  const onThrow = (entry: InputItem, context: ItemContext, error: Error): void => {
    const flyer = flying.get(entry.index);
    // An abort's echo is not the failure: the timeout is, and the library says so. A late one belongs to no attempt.
    if (flyer === undefined || context.cancelled || flyer.attempt !== context.attempt) return;
    noteFailure(flyer, context.attempt, error);
    if (context.retriesLeft > 0) setWaiting(flyer, true);
  };

  const onItem = (result: ItemResult<InputItem, string>): void => {
    try {
      account(result);
    } catch (error) {
      // An item that is not accounted for is the one thing that must not go on unseen.
      stop.abort(error);
    }
  };
  const account = (result: ItemResult<InputItem, string>): void => {
    const entry = result.item;
    const flyer = flying.get(entry.index);
    if (flyer !== undefined) {
      flying.delete(entry.index);
      setWaiting(flyer, false);
      for (const failed of result.attempts) noteFailure(flyer, failed.attempt, failed.error);
    }
    // LOOP-4
    if (result.status === "cancelled" || (!result.ok && stop.phase === "aborting")) {
      cancelled += 1;
      return;
    }
    options.record(itemOutcome(result));
    if (options.failureLimit.passedBy(result)) stop.abort(new TooManyFailures(settings.maxFailures));
  };

  const work = batch<InputItem, string>(source, run, {
    concurrency: settings.concurrency,
    // Not the library's own count of what it was given: after a resume that is no place in the input.
    key: ({ key, index }) => key ?? String(index),
    timeout: settings.timeout,
    retry: { retries: settings.retries, ...settings.backoff, delay: ({ error }) => retryAfter(error) },
    keep: "none",
    onItem,
    signal: stop.signal,
    name: options.name,
  });
  const report = await Promise.race([work, stop.gaveUp]);
  // What is still in flight after its grace ignores its signal: it ends with the process, and runs again.
  if (report === undefined) cancelled += flying.size;
  return { cancelled, abandoned, abandonedCount };
}
