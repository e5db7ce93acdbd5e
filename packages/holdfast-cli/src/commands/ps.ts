/**
 * `holdfast ps`: the tasks of a process, one in a line.
 */
import { exitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { lookInto } from "../inspect/look-into.ts";
import type { Found } from "../inspect/look-into.ts";
import { heapNote, windowNote } from "../inspect/look-notes.ts";
import { sortRows, taskRows } from "../live/task-rows.ts";
import type { TaskRow } from "../live/task-rows.ts";
import { taskTable } from "../live/task-table.ts";
import { parseInspectArguments } from "../options/inspect-arguments.ts";
import { counted } from "../progress/status-text.ts";

/** Returns the exit code. @throws {@link CliError} For everything that can't be looked into. */
export async function psCommand(args: readonly string[], host: Host): Promise<number> {
  const { pid = 0, deep, force, json, sort } = parseInspectArguments("ps", args);
  // So that what has to be taken back on the way out is: a signal's default ends the process at once.
  process.once("SIGINT", () => process.exit(exitCode.interrupted));
  process.once("SIGTERM", () => process.exit(exitCode.terminated));
  const found = await lookInto(pid, { deep, force });
  const rows = sortRows(taskRows(found.dump), sort);
  host.print(json ? psJson(found, rows) : psText(found, rows, process.stdout.columns ?? Infinity));
  // What was asked for was refused.
  return found.isTooLarge ? exitCode.unavailable : exitCode.succeeded;
}

function psText(found: Found, rows: readonly TaskRow[], width: number): string {
  const { dump } = found;
  const lines = rows.length === 0 ? [] : [...taskTable(rows, width)];
  if (rows.length === 0) lines.push(`process ${dump.pid}, node ${dump.node}: no task of the library runs in it`);
  if (dump.omitted > 0) lines.push(`${counted(dump.omitted, "task")} not listed: there are too many`);
  for (const note of [...dump.notes, ...heapNote(found), ...windowNote(found)]) lines.push(`note: ${note}`);
  return `${lines.join("\n")}\n`;
}

function psJson({ dump, window, pause, busy }: Found, tasks: readonly TaskRow[]): string {
  const { pid, node, omitted, notes } = dump;
  return `${JSON.stringify({ version: 1, pid, node, tasks, omitted, notes, window, pause, busy })}\n`;
}
