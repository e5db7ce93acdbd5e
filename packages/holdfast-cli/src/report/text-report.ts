/**
 * The report for people: how it ended, what failed and on which item, what to type next. No escape codes.
 */
import { formatDuration } from "../duration.ts";
import { errorLabel } from "../progress/run-status.ts";
import { count, counted, oneLine, rateText } from "../progress/status-text.ts";
import type { FailureGroup, Summary } from "./summary.ts";

const maxGroups = 10;

/** Lines that end with a newline. */
export function textReport(summary: Summary): string {
  const lines = [headline(summary), ...thisRun(summary)];
  if (summary.deadLetters.length > 0) lines.push("", "dead letters", ...groups(summary.deadLetters));
  if (summary.failedAttempts.count > summary.dead) {
    lines.push("", `failed attempts: ${count(summary.failedAttempts.count)}`, ...groups(summary.failedAttempts.groups));
    lines.push(attemptsLine(summary));
  }
  lines.push(...abandoned(summary));
  lines.push("", `journal  ${summary.journal}`);
  if (summary.output !== undefined && summary.output !== "-") lines.push(`results  ${summary.output}`);
  if (summary.next !== undefined) lines.push("", `${summary.next.why}:`, `  ${summary.next.command}`);
  return `${lines.join("\n")}\n`;
}

function headline(summary: Summary): string {
  const how =
    summary.state === "finished"
      ? "finished"
      : `stopped${summary.stoppedBy === undefined ? "" : ` (${summary.stoppedBy})`}`;
  const of = summary.total === undefined ? "" : ` of ${count(summary.total)}`;
  const left =
    summary.left === undefined
      ? summary.state === "finished"
        ? "0 left"
        : "the rest left"
      : `${count(summary.left)} left`;
  return `${how}: ${count(summary.succeeded)}${of} succeeded, ${counted(summary.dead, "dead letter")}, ${left}`;
}

function thisRun(summary: Summary): string[] {
  const { succeeded, dead, cancelled, skipped, rerun, duplicates, duration, itemsPerSecond } = summary.thisRun;
  const parts = [`${count(succeeded)} succeeded`, `${count(dead)} dead`];
  if (cancelled > 0) parts.push(`${count(cancelled)} cut short`);
  if (skipped > 0) parts.push(`${count(skipped)} done before`);
  if (rerun !== undefined && rerun > 0) parts.push(`${count(rerun)} re-run`);
  if (duplicates > 0) parts.push(`${count(duplicates)} duplicate keys skipped`);
  return [`this run: ${parts.join(", ")}, in ${formatDuration(duration)} (${rateText(itemsPerSecond)})`];
}

function groups(all: readonly FailureGroup[]): string[] {
  const width = Math.max(...all.slice(0, maxGroups).map((group) => count(group.count).length));
  const lines = all.slice(0, maxGroups).flatMap((group) => {
    const head = `  ${count(group.count).padStart(width)} x ${errorLabel(group.error, group.code)}: ${oneLine(group.message, 200)}`;
    const item = group.item === undefined ? "" : `: ${oneLine(group.item, 160)}`;
    return [head, `  ${" ".repeat(width)}   first at item ${oneLine(group.key, 80)}${item}`];
  });
  if (all.length > maxGroups) lines.push(`  and ${count(all.length - maxGroups)} more kinds`);
  return lines;
}

function attemptsLine(summary: Summary): string {
  const parts = summary.attempts.map(({ attempts, succeeded, dead }) => `${attempts}: ${count(succeeded + dead)}`);
  return `items by attempts  ${parts.join(", ")}`;
}

function abandoned(summary: Summary): string[] {
  const { count: total, items } = summary.abandoned;
  const late = summary.lateErrors === 0 ? [] : [`${count(summary.lateErrors)} of them failed later, unheard`];
  if (total === 0) return [];
  const named = items.slice(0, 5).map(({ key, attempt, sawSignal }) => {
    return `  item ${oneLine(key, 80)}, attempt ${attempt}: ${sawSignal ? "looked at its signal and went on" : "never looked at its signal; pass ({ signal }) on"}`;
  });
  if (total > named.length) named.push(`  and ${count(total - named.length)} more`);
  return ["", `abandoned: ${counted(total, "attempt")} ran on after the timeout`, ...named, ...late];
}
