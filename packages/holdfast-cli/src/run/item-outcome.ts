/**
 * From what the library says of an item to what the journal keeps of it.
 */
import type { Attempt, ItemResult } from "holdfast";
import { clip, describeError, stackOf } from "../handler/error-facts.ts";
import type { InputItem } from "../input/index.ts";
import type { FailedAttempt, ItemOutcome } from "../journal/index.ts";

const maxSample = 2_000;

/** What the journal keeps of an item that is over. */
export function itemOutcome(
  result: Exclude<ItemResult<InputItem, string>, { readonly status: "cancelled" }>,
): ItemOutcome {
  const { item: entry, attempts, duration } = result;
  const failedAttempts = attempts.length === 0 ? noFailures : attempts.map(failedAttempt);
  // The history of very many attempts has a gap; the last one knows its number.
  const failures = attempts.at(-1)?.attempt ?? 0;
  // Written out twice, not spread from a common part: that alone was a quarter of the time of a run of a million items.
  return result.ok
    ? {
        index: entry.index,
        key: entry.key,
        state: "succeeded",
        attempts: failures + 1,
        startedAt: startOf(result),
        duration,
        output: result.value,
        error: undefined,
        failedAttempts,
        sample: undefined,
      }
    : {
        index: entry.index,
        key: entry.key,
        state: "dead",
        attempts: failures,
        startedAt: startOf(result),
        duration,
        output: undefined,
        error: failedAttempts.at(-1),
        failedAttempts,
        sample: sampleOf(entry.item),
      };
}

function startOf({ attempts, duration }: { readonly attempts: readonly Attempt[]; readonly duration: number }): number {
  return attempts[0] === undefined ? Math.round(Date.now() - duration) : wallClock(attempts[0].startedAt);
}

const noFailures: readonly FailedAttempt[] = [];

function failedAttempt(attempt: Attempt): FailedAttempt {
  return {
    attempt: attempt.attempt,
    startedAt: wallClock(attempt.startedAt),
    duration: attempt.duration,
    ...describeError(attempt.error),
    stack: stackOf(attempt.error),
  };
}

/** The library's clock is monotonic; its origin on the wall clock is the host's. */
function wallClock(at: number): number {
  return Math.round(performance.timeOrigin + at);
}

function sampleOf(item: unknown): string {
  return clip(JSON.stringify(item) ?? String(item), maxSample);
}
