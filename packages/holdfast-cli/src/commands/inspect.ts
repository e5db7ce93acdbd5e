/**
 * `holdfast ls`, `holdfast dump` and `holdfast doctor`: what runs, what it waits for, and what is wrong with it.
 */
import { checkPlatform } from "../attach/check-target.ts";
import { exitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { doctorText } from "../inspect/doctor-text.ts";
import { dumpText } from "../inspect/dump-text.ts";
import { lookInto } from "../inspect/look-into.ts";
import type { Found } from "../inspect/look-into.ts";
import { listProcesses, processListText } from "../inspect/process-list.ts";
import { threadReports } from "../inspect/thread-reports.ts";
import type { ThreadReport } from "../inspect/thread-reports.ts";
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
  const isDoctor = command === "doctor";
  const found = await lookInto(pid, { deep: deep || isDoctor, force, twice: isDoctor });
  const isRefused = found.isTooLarge || found.threads.some(({ look }) => look?.isTooLarge === true);
  if (!isDoctor) {
    host.print(json ? jsonLine({ ...found, version: 1 }) : dumpText(found));
    // What was asked for was refused.
    return isRefused ? exitCode.unavailable : exitCode.succeeded;
  }
  const reports = threadReports(found);
  host.print(json ? doctorJson(found, reports) : doctorText(found, reports));
  if (reports.some(({ findings }) => findings.length > 0)) return exitCode.deadLetters;
  return isRefused ? exitCode.unavailable : exitCode.succeeded;
}

function doctorJson({ before, ...found }: Found, [main, ...workers]: readonly ThreadReport[]): string {
  const threads = found.threads.map((thread, index) => ({ findings: workers[index]?.findings ?? [], ...thread }));
  // What both looks have seen is told by the second.
  return jsonLine({ version: 1, looks: before === undefined ? 1 : 2, findings: main?.findings, ...found, threads });
}

function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
