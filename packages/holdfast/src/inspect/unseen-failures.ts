/**
 * Failures that nobody can have looked at: a group without a body tells them by `close()`, and that was not called.
 */
import { IGNORED_AFTER } from "./ignored-cancellations.ts";
import type { ProcessDump } from "./process-dump.ts";
import { durationText } from "./text.ts";
import { titleOf, type Warning, warning } from "./warning.ts";

export function unseenFailures(dump: ProcessDump): readonly Warning[] {
  return dump.scopes.flatMap(({ isOpen, cancelled }, index) => {
    if (!isOpen || cancelled?.kind !== "sibling") return [];
    const { age = 0, by = "one of its tasks" } = cancelled;
    if (age <= IGNORED_AFTER) return [];
    const message = `${by} of ${titleOf(dump, index)} failed ${durationText(age)} ago, and nobody has called close(), which throws that error; close a group when its signal aborts, or give it onTaskError`;
    return [warning("unseen-failure", message, [index])];
  });
}
