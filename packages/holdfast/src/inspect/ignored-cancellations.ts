/**
 * Work that was cancelled and goes on: the innermost of it, with the line at which it waits.
 */
import type { DumpedScope, ProcessDump } from "./process-dump.ts";
import { durationText, placeOf } from "./text.ts";
import { at, titleOf, type Warning, warning } from "./warning.ts";

/** A task may need a moment to stop. */
export const IGNORED_AFTER = 1000;

export function ignoredCancellations(dump: ProcessDump): readonly Warning[] {
  const { scopes } = dump;
  /** When each was told to stop, in milliseconds ago. */
  const told: (number | undefined)[] = [];
  /** Those that have something below that runs, or that cleans up. */
  const busy = new Set<number>();
  for (const scope of scopes) {
    const above = scope.parent === undefined || scope.isShielded ? undefined : told[scope.parent];
    told.push(scope.cancelled?.age ?? above);
    if (scope.parent !== undefined && (isWork(scope) || scope.isShielded)) busy.add(scope.parent);
  }
  // What is below a call of a task is below the task.
  for (let index = scopes.length - 1; index >= 0; index--) {
    const parent = scopes[index]?.parent;
    if (busy.has(index) && parent !== undefined) busy.add(parent);
  }
  return scopes.flatMap((scope, index) => {
    const age = told[index];
    if (!isWork(scope) || busy.has(index) || age === undefined || age <= IGNORED_AFTER) return [];
    const who = `${scope.kind === "group" ? "the body of " : ""}${titleOf(dump, index)}`;
    const how = scope.sawSignal
      ? "it has its signal, and goes on"
      : "it never looked at its signal; pass ({ signal }) on";
    const message = `${who} was cancelled ${durationText(age)} ago and still runs: ${how}${line(dump, scope)}`;
    return [warning("cancel-ignored", message, [index])];
  });
}

/** What ends by itself. A group without a body does not; what it waits for below is work of its own. */
function isWork({ kind, state, isOpen }: DumpedScope): boolean {
  return kind === "group" ? !isOpen : state === "running" || state === "abandoned";
}

/** Where it goes on: at a wait that it gave no signal, if there is one. Else where it comes from. */
function line(dump: ProcessDump, { waits, spawnedAt, functionAt }: DumpedScope): string {
  const known = waits.filter(({ stack }) => stack !== undefined);
  const wait = known.find(({ hasSignal }) => !hasSignal) ?? known[0];
  if (wait !== undefined) return at(dump, wait);
  if (spawnedAt !== undefined) return `, started at ${placeOf(spawnedAt, dump.folder)}`;
  return functionAt === undefined ? "" : `, its function is at ${placeOf(functionAt, dump.folder)}`;
}
