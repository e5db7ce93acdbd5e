/**
 * What is likely wrong in a process, read from a dump alone. Each warning is a sentence that names the task and the line.
 */
import { floatingCalls } from "./floating-calls.ts";
import { ignoredCancellations } from "./ignored-cancellations.ts";
import { leakyGroups } from "./leaky-groups.ts";
import { lockCycles } from "./lock-cycles.ts";
import type { ProcessDump } from "./process-dump.ts";
import { stuckWaits } from "./stuck-waits.ts";
import { unseenFailures } from "./unseen-failures.ts";
import { at, titleOf, type Warning, warning } from "./warning.ts";

export type { Warning } from "./warning.ts";

/**
 * What is likely wrong in the process, the most certain first; none where nothing is. O(tasks).
 *
 * @param before an earlier dump of the same process, and the same thread: then a group whose tasks have only become more in between is seen as well
 */
export function findWarnings(dump: ProcessDump, before?: ProcessDump): readonly Warning[] {
  return [
    ...cyclesOf(dump),
    ...stuckWaits(dump),
    ...ignoredCancellations(dump),
    ...unseenFailures(dump),
    ...leakyGroups(dump, before),
    ...floatingCalls(dump),
  ];
}

function cyclesOf(dump: ProcessDump): readonly Warning[] {
  return lockCycles(dump).map(({ scopes, waits }) => {
    const links = scopes.map((index, position) => {
      const wait = waits[position];
      return `${titleOf(dump, index)} waits for ${wait?.what ?? "it"}${at(dump, wait)}`;
    });
    return warning("lock-cycle", `these wait for each other, until they are cancelled: ${links.join("; ")}`, scopes);
  });
}
