/**
 * The items that were taken and are not acknowledged yet: what a status, a crash report and "nothing can finish" name.
 */
import { formatDuration } from "../duration.ts";
import { oneLine } from "../progress/status-text.ts";

export interface FlyingItem {
  readonly key: string;
  /** On the run's clock. */
  readonly startedAt: number;
  attempt: number;
  /** The highest attempt whose failure was counted. */
  failuresSeen: number;
  /** Waiting for its next attempt. */
  waiting: boolean;
}

/** Up to `limit` items, the oldest first, as lines of a report. */
export function describeFlying(items: Iterable<FlyingItem>, now: number, limit: number): string[] {
  const oldestFirst = [...items].toSorted((a, b) => a.startedAt - b.startedAt);
  const lines = oldestFirst.slice(0, limit).map(({ key, startedAt, attempt, waiting }) => {
    const doing = waiting ? `waiting after attempt ${attempt}` : `attempt ${attempt}`;
    return `  item ${oneLine(key, 80)}: ${doing}, for ${formatDuration(now - startedAt)}`;
  });
  if (oldestFirst.length > limit) lines.push(`  and ${oldestFirst.length - limit} more`);
  return lines;
}
