/**
 * What is likely wrong in a process, read from a dump alone. Each warning is a sentence that names the task and the line.
 */
import type { DumpedScope, DumpedWait, ProcessDump } from "./process-dump.ts";
import { count, durationText, placeOf, printable } from "./text.ts";
import { listIn } from "./list-in.ts";
import { lockCycles } from "./lock-cycles.ts";

/** One thing that is likely wrong. */
export interface Warning {
  /**
   * "cancel-ignored": a task that was cancelled more than a second ago still runs. "lock-cycle": tasks that wait for each other, and will until they are cancelled. "leaky-group": a group gets tasks faster
   * than they end.
   */
  readonly code: "cancel-ignored" | "lock-cycle" | "leaky-group";
  readonly message: string;
  /** Indexes into {@link ProcessDump.scopes} of those it is about. */
  readonly scopes: readonly number[];
}

/** A task may need a moment to stop. */
const IGNORED_AFTER = 1000;
/** Tasks of a group. */
const MANY = 1000;
/** Milliseconds: a group that was filled at once has none that is so much older than the newest. */
const LONG_RUN = 10_000;

/** What is likely wrong in the process, the most certain first; none where nothing is. */
export function findWarnings(dump: ProcessDump): readonly Warning[] {
  return [...cyclesOf(dump), ...ignoringTasks(dump), ...leakyGroups(dump)];
}

function cyclesOf(dump: ProcessDump): readonly Warning[] {
  return lockCycles(dump).map(({ scopes, waits }) => {
    const links = scopes.map((index, position) => {
      const wait = waits[position];
      return `${titleOf(dump, index)} waits for ${wait?.what ?? "it"}${at(dump, wait)}`;
    });
    return {
      code: "lock-cycle",
      message: printable(`these wait for each other, until they are cancelled: ${links.join("; ")}`),
      scopes,
    };
  });
}

function ignoringTasks(dump: ProcessDump): readonly Warning[] {
  const { scopes } = dump;
  /** When each was told to stop, in milliseconds ago. */
  const told: (number | undefined)[] = [];
  /** Those that have something below that runs, or that cleans up. */
  const busy = new Set<number>();
  for (const { parent, cancelled, isShielded, state, kind } of scopes) {
    const above = parent === undefined || isShielded ? undefined : told[parent];
    told.push(cancelled?.age ?? above);
    if (parent !== undefined && (kind === "task" ? isLive(state) : isShielded)) busy.add(parent);
  }
  // What is below a group of a task is below the task.
  for (let index = scopes.length - 1; index >= 0; index--) {
    const parent = scopes[index]?.parent;
    if (busy.has(index) && parent !== undefined) busy.add(parent);
  }
  return scopes.flatMap(({ kind, state, sawSignal, waits }, index) => {
    const age = told[index];
    if (kind !== "task" || !isLive(state) || busy.has(index) || age === undefined || age <= IGNORED_AFTER) return [];
    const how = sawSignal ? "it has its signal, and goes on" : "it never looked at its signal; pass ({ signal }) on";
    const message = `${titleOf(dump, index)} was cancelled ${durationText(age)} ago and still runs: ${how}${at(dump, waits[0])}`;
    return [{ code: "cancel-ignored", message: printable(message), scopes: [index] }];
  });
}

function isLive(state: string | undefined): boolean {
  return state === "running" || state === "abandoned";
}

function leakyGroups(dump: ProcessDump): readonly Warning[] {
  const below = new Map<number, DumpedScope[]>();
  for (const scope of dump.scopes)
    if (scope.kind === "task" && scope.parent !== undefined) listIn(below, scope.parent).push(scope);
  return [...below].flatMap(([index, tasks]) => {
    const group = dump.scopes[index];
    const total = tasks.length + (group?.omitted ?? 0);
    const ages = tasks.flatMap(({ age }) => (age === undefined ? [] : [age]));
    const oldest = ages.reduce((most, age) => Math.max(most, age), 0);
    const newest = ages.reduce((least, age) => Math.min(least, age), Infinity);
    if (group?.kind !== "group" || total <= MANY || oldest < LONG_RUN || newest > oldest / 10) return [];
    const message = `group ${JSON.stringify(group.name)} has ${count(total, "task")}, the oldest for ${durationText(oldest)}, the newest for ${durationText(newest)}: they come faster than they end; limit them by concurrency, or by a timeout each`;
    return [{ code: "leaky-group", message: printable(message), scopes: [index] }];
  });
}

function titleOf({ scopes }: ProcessDump, index: number): string {
  const { id, name = "" } = scopes[index] ?? {};
  return `task ${id} "${name}"`;
}

/** The innermost line of a wait. */
function at({ stacks, folder }: ProcessDump, wait: DumpedWait | undefined): string {
  const frame = wait?.stack === undefined ? undefined : stacks[wait.stack]?.frames[0];
  return frame === undefined ? "" : ` at ${placeOf(frame, folder)}`;
}
