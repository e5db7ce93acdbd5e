/**
 * What `holdfast dump` prints: the tree of each thread, and what it runs if it was interrupted.
 */
import { formatDump } from "holdfast/inspect";
import { shortFrame } from "./frame.ts";
import { heapNote, threadsNote, windowNote } from "./look-notes.ts";
import type { Found } from "./look-into.ts";
import type { Look } from "./look.ts";
import { workerTitle } from "./worker-title.ts";

export function dumpText(found: Found): string {
  const { folder } = found.dump;
  const lines = [formatDump(found.dump), ...runningLines(found, "the main thread runs")];
  for (const { look, problem, ...worker } of found.threads) {
    const title = workerTitle(worker, folder);
    if (look === undefined) {
      lines.push("", `${title}: ${problem}`);
      continue;
    }
    // Its first line is about the process.
    const [first = "", ...tree] = formatDump(look.dump).split("\n");
    lines.push("", `${title}: ${first.slice(first.lastIndexOf(": ") + 2)}`, ...tree, ...runningLines(look, "it runs"));
  }
  for (const note of [...heapNote(found), ...threadsNote(found), ...windowNote(found)]) lines.push(`note: ${note}`);
  return `${lines.join("\n")}\n`;
}

function runningLines({ running, dump }: Look, title: string): string[] {
  return running.length === 0 ? [] : [title, ...running.map((frame) => `    at ${shortFrame(frame, dump.folder)}`)];
}
