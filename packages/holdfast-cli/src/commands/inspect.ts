/**
 * `holdfast ls`, `holdfast dump` and `holdfast doctor`: what runs, what it waits for, and what is wrong with it.
 */
import { formatDump } from "holdfast/inspect";
import { checkPlatform } from "../attach/check-target.ts";
import { exitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { doctorText } from "../inspect/doctor-text.ts";
import { findingsOf } from "../inspect/findings.ts";
import { shortFrame } from "../inspect/frame.ts";
import { lookInto } from "../inspect/look-into.ts";
import { heapNote, windowNote } from "../inspect/look-notes.ts";
import type { Found } from "../inspect/look-into.ts";
import { listProcesses, processListText } from "../inspect/process-list.ts";
import { parseInspectArguments } from "../options/inspect-arguments.ts";
import type { InspectCommand } from "../options/inspect-arguments.ts";

/** Returns the exit code. @throws {@link CliError} For everything that can't be looked into. */
export async function inspectCommand(
  command: Exclude<InspectCommand, "ps" | "top">,
  args: readonly string[],
  host: Host,
): Promise<number> {
  const { pid, deep, force, json } = parseInspectArguments(command, args);
  if (pid === undefined) {
    checkPlatform();
    const processes = listProcesses();
    host.print(json ? jsonLine({ version: 1, processes }) : processListText(processes, process.stdout.columns ?? 200));
    return exitCode.succeeded;
  }
  // So that what has to be taken back on the way out is: a signal's default ends the process at once.
  process.once("SIGINT", () => process.exit(exitCode.interrupted));
  process.once("SIGTERM", () => process.exit(exitCode.terminated));
  const found = await lookInto(pid, { deep: deep || command === "doctor", force });
  if (command === "dump") {
    host.print(json ? jsonLine({ ...found, version: 1 }) : dumpText(found));
    // What was asked for was refused.
    return found.isTooLarge ? exitCode.unavailable : exitCode.succeeded;
  }
  const findings = findingsOf(found, found.busy);
  host.print(json ? jsonLine({ version: 1, findings, ...found }) : doctorText(found, findings));
  if (findings.length > 0) return exitCode.deadLetters;
  return found.isTooLarge ? exitCode.unavailable : exitCode.succeeded;
}

function dumpText(found: Found): string {
  const { dump, running } = found;
  const lines = [formatDump(dump)];
  if (running.length > 0) {
    lines.push("the main thread runs");
    for (const frame of running) lines.push(`    at ${shortFrame(frame, dump.folder)}`);
  }
  for (const note of [...heapNote(found), ...windowNote(found)]) lines.push(`note: ${note}`);
  return `${lines.join("\n")}\n`;
}

function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
