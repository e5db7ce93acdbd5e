/**
 * A process that is watched, as lines: for a pipe, a file, or a program that reads JSON.
 */
import { findWarnings } from "holdfast/inspect";
import { sortRows, taskRows } from "./task-rows.ts";
import type { SortKey } from "./task-rows.ts";
import { taskTable } from "./task-table.ts";
import { gaugesText, silenceLines, titleText, warningLines } from "./view.ts";
import type { Watched } from "./view.ts";
import { counted } from "../progress/status-text.ts";

/** One snapshot: a title, numbers, warnings, and a line for each task. */
export function liveText(watched: Watched, sort: SortKey, width: number): string {
  const { gauges, snapshot } = watched;
  const lines = [titleText(watched), ...(gauges === undefined ? [] : gaugesText(gauges))];
  lines.push(...warningLines(watched));
  if (snapshot !== undefined) {
    const rows = sortRows(taskRows(snapshot.dump), sort);
    if (rows.length > 0) lines.push(...taskTable(rows, width));
    if (snapshot.dump.omitted > 0)
      lines.push(`${counted(snapshot.dump.omitted, "task")} not listed: there are too many`);
  }
  return `${lines.join("\n")}\n\n`;
}

export function silenceText(watched: Watched): string {
  return `process ${watched.pid}: ${silenceLines(watched).join("\n")}\n\n`;
}

/** The same as one line of JSON. */
export function liveJson({ pid, gauges, snapshot, before }: Watched, sort: SortKey, at: Date): string {
  if (snapshot === undefined) return "";
  const { dump, pause } = snapshot;
  const tasks = sortRows(taskRows(dump), sort);
  const { node, omitted, notes } = dump;
  const warnings = findWarnings(dump, before).map(({ code, message }) => ({ code, message }));
  return `${JSON.stringify({ version: 1, at: at.toISOString(), pid, node, gauges, tasks, omitted, warnings, notes, pause })}\n`;
}

export function silenceJson({ pid, silence, blockedBy }: Watched, at: Date): string {
  return `${JSON.stringify({ version: 1, at: at.toISOString(), pid, silence, blockedBy })}\n`;
}
