/**
 * What `holdfast doctor` prints.
 */
import { count, counted } from "../progress/status-text.ts";
import { outsideStacks } from "./findings.ts";
import type { Finding, Stack } from "./findings.ts";
import { shortFrame } from "./frame.ts";
import { heapNote, windowNote } from "./look-notes.ts";
import type { Found } from "./look-into.ts";

/** Stacks shown of each finding, and frames of each stack. */
const STACKS = 10;
const FRAMES = 20;

export function doctorText(found: Found, findings: readonly Finding[]): string {
  const { dump, busy, resources, handles, running } = found;
  const lines = [
    `process ${dump.pid}, node ${dump.node}: ${findings.length === 0 ? "nothing found" : counted(findings.length, "finding")}`,
  ];
  for (const finding of findings) lines.push("", ...findingLines(finding, dump.folder));
  lines.push("", ...openLines(resources, handles));
  lines.push(
    running.length === 0
      ? `main thread: idle when it was asked, ${percent(busy)} busy before`
      : `main thread: ran ${shortFrame(running[0] ?? "", dump.folder)} when it was asked, ${percent(busy)} busy before`,
  );
  const all = outsideStacks(found);
  if (all.length > 0) lines.push("suspended outside of the library's tasks:", ...stackLines(all, dump.folder));
  else lines.push("suspended outside of the library's tasks: nothing that V8 still holds");
  if (dump.scopes.length > 0)
    lines.push(
      `of the library: ${counted(dump.scopes.filter(({ kind }) => kind === "task").length, "task")}; holdfast dump ${dump.pid} shows them`,
    );
  for (const note of [...dump.notes, ...heapNote(found), ...windowNote(found)]) lines.push(`note: ${note}`);
  return `${lines.join("\n")}\n`;
}

function findingLines(finding: Finding, folder: string): string[] {
  switch (finding.kind) {
    case "blocked-loop":
      return [
        `blocked loop: the main thread was busy for ${percent(finding.busy)} of the time, and in this when it was interrupted`,
        ...finding.frames.slice(0, FRAMES).map((frame) => `    at ${shortFrame(frame, folder)}`),
      ];
    case "warning":
      return [`${finding.code}: ${finding.message}`];
    case "lock-deadlock":
      return [
        `locks: all ${counted(finding.calls, "call")} that came here wait for a lock; each waits for what another holds (taken in different orders), or one was never given back`,
        ...stackLines(finding.stacks, folder),
      ];
    case "floating-call":
      return [
        `${counted(finding.calls, "call")} that no async function awaits: an event or a call without await started them`,
        ...stackLines(finding.stacks, folder),
      ];
  }
}

function stackLines(stacks: readonly Stack[], folder: string): string[] {
  const sorted = stacks.toSorted((left, right) => right.count - left.count);
  const lines = sorted.slice(0, STACKS).flatMap(({ frames, count: times }) => {
    const [first = "", ...more] = frames.slice(0, FRAMES);
    return [
      `${`${count(times)}x`.padStart(6)} ${shortFrame(first, folder)}`,
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
