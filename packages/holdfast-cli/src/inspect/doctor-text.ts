/**
 * What `holdfast doctor` prints: a section for each thread, and what the look itself has cost.
 */
import { formatDuration } from "../duration.ts";
import { count, counted } from "../progress/status-text.ts";
import { outsideStacks } from "./findings.ts";
import type { Finding, Seen, Stack } from "./findings.ts";
import { shortFrame } from "./frame.ts";
import { heapNote, threadsNote, windowNote } from "./look-notes.ts";
import type { Found } from "./look-into.ts";
import { workerTitle } from "./worker-title.ts";
import type { ThreadReport } from "./thread-reports.ts";

/** Stacks shown of each finding, and frames of each stack. */
const STACKS = 10;
const FRAMES = 20;

export function doctorText(found: Found, reports: readonly ThreadReport[]): string {
  const { dump } = found;
  const lines = reports.flatMap((report) => {
    const { worker, seen, findings } = report;
    const who = worker === undefined ? `process ${dump.pid}, node ${dump.node}` : workerTitle(worker, dump.folder);
    const verdict =
      seen === undefined
        ? (worker?.problem ?? "not asked")
        : findings.length === 0
          ? "nothing found"
          : counted(findings.length, "finding");
    const section = [`${who}: ${verdict}`];
    for (const finding of findings) section.push("", ...findingLines(finding, dump.folder));
    if (seen !== undefined) section.push("", ...stateLines(seen, worker === undefined));
    return worker === undefined ? section : ["", ...section];
  });
  for (const note of [...dump.notes, ...heapNote(found), ...threadsNote(found), ...windowNote(found)])
    lines.push(`note: ${note}`);
  return `${lines.join("\n")}\n`;
}

function stateLines({ look, before, busy }: Seen, isMain: boolean): string[] {
  const { dump, resources, handles } = look;
  // The first look is the one that goes with how busy it was.
  const [frame] = (before ?? look).running;
  const did = frame === undefined ? "idle" : `ran ${shortFrame(frame, dump.folder)}`;
  const when = isMain ? "before" : "between two looks";
  const share = busy === undefined ? "" : `, ${percent(busy)} busy ${when}`;
  const lines = openLines(resources, handles);
  lines.push(
    `${isMain ? "main thread: " : ""}${frame === undefined || isMain ? did : `it ${did}`} when it was asked${share}`,
  );
  const all = outsideStacks(look);
  if (all.length > 0) lines.push("suspended outside of the library's tasks:", ...stackLines(all, dump.folder));
  else lines.push("suspended outside of the library's tasks: nothing that V8 still holds");
  const tasks = dump.scopes.filter(({ kind }) => kind === "task").length;
  if (dump.scopes.length > 0)
    lines.push(`of the library: ${counted(tasks, "task")}; holdfast dump ${dump.pid} shows them`);
  return lines;
}

function findingLines(finding: Finding, folder: string): string[] {
  switch (finding.kind) {
    case "blocked-loop":
      return [
        `blocked-loop: the thread was busy for ${percent(finding.busy)} of the time, and in this when it was interrupted`,
        ...finding.frames.slice(0, FRAMES).map((frame) => `    at ${shortFrame(frame, folder)}`),
        reading("guide/hanging.md#blocked-loop"),
      ];
    case "warning":
      return [`${finding.code}: ${finding.message}`, reading(finding.page)];
    case "lock-deadlock":
      return [
        `lock-deadlock: all ${counted(finding.calls, "call")} that came here wait for a lock; each waits for what another holds (taken in different orders), or one was never given back`,
        ...stackLines(finding.stacks, folder),
        reading("guide/inspecting.md#lock-deadlock"),
      ];
    case "unsettled-await":
      return [
        `unsettled-await: ${counted(finding.calls, "call")} ${finding.calls === 1 ? "has" : "have"} awaited the same promise for at least ${formatDuration(finding.seenFor)}, in two looks, and ${nothingBut(finding.timers)}`,
        ...stackLines(finding.stacks, folder),
        reading("guide/inspecting.md#unsettled-await"),
      ];
    case "floating-call":
      return [
        `floating-call: ${counted(finding.calls, "call")} that no async function awaits: an event or a call without await started them, or what follows is a .then or .catch, which can't be seen`,
        ...stackLines(finding.stacks, folder),
        reading("guide/hanging.md#floating-call"),
      ];
  }
}

function nothingBut(timers: number): string {
  return `nothing holds the process open${timers === 0 ? "" : ` but ${counted(timers, "timer")}`}: no request, file or socket is under way that could settle one`;
}

function reading(page: string): string {
  return `    read ${page}`;
}

function stackLines(stacks: readonly Stack[], folder: string): string[] {
  const sorted = stacks.toSorted((left, right) => right.count - left.count);
  const lines = sorted.slice(0, STACKS).flatMap(({ frames, count: times, seenFor }) => {
    const [first = "", ...more] = frames.slice(0, FRAMES);
    const since = seenFor === undefined ? "" : `, for at least ${formatDuration(seenFor)}`;
    return [
      `${`${count(times)}x`.padStart(6)} ${shortFrame(first, folder)}${since}`,
      ...more.map((frame) => `       < ${shortFrame(frame, folder)}`),
    ];
  });
  return sorted.length > STACKS ? [...lines, `       and ${counted(sorted.length - STACKS, "other stack")}`] : lines;
}

function openLines(resources: Readonly<Record<string, number>>, handles: readonly string[]): string[] {
  const kinds = Object.entries(resources).map(([name, times]) => `${count(times)} ${name}`);
  if (kinds.length === 0) return ["held open by nothing: it ends when its work does"];
  return [`held open by ${kinds.join(", ")}`, ...handles.slice(0, STACKS).map((handle) => `    ${handle}`)];
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
