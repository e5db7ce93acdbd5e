/**
 * The settings of a run in one line, as the start line and `--dry-run` say them.
 */
import { formatDuration } from "../duration.ts";
import type { Backoff } from "../options/backoff.ts";
import type { RunSettings } from "../options/run-settings.ts";
import { count, counted, rateText } from "../progress/status-text.ts";

export function settingsText(settings: RunSettings): string {
  const attempts = settings.retries + 1;
  const parts = [
    `${count(settings.concurrency)} at a time`,
    attempts === 1 ? "one attempt each" : `up to ${count(attempts)} attempts (${backoffText(settings.backoff)})`,
    settings.timeout === undefined ? "no timeout" : `timeout ${formatDuration(settings.timeout)} per attempt`,
  ];
  if (settings.interval !== undefined) parts.push(`at most ${rateText(1_000 / settings.interval)}`);
  if (settings.maxFailures !== undefined) parts.push(`stops after more than ${settings.maxFailures} failures`);
  if (settings.limit !== undefined) parts.push(`at most ${counted(settings.limit, "item")}`);
  return parts.join(", ");
}

function backoffText(backoff: Backoff): string {
  if (backoff.maxDelay === 0) return "no backoff";
  const range =
    backoff.baseDelay === backoff.maxDelay
      ? formatDuration(backoff.baseDelay)
      : `${formatDuration(backoff.baseDelay)} to ${formatDuration(backoff.maxDelay)}`;
  return `backoff ${range}`;
}
