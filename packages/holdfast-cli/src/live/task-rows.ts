/**
 * The tasks of a process, one row for each.
 */
import type { DumpedScope, DumpedWait, ProcessDump } from "holdfast/inspect";
import { formatDuration } from "../duration.ts";
import { shortFrame } from "../inspect/frame.ts";

export interface TaskRow {
  readonly id: number;
  readonly name: string;
  /** What it runs in: its group, or the call that started it. */
  readonly group: string;
  /** "waiting", "running", "abandoned", …; with ", cancelled" when it was, or what is above it. */
  readonly state: string;
  /** Milliseconds since its start; undefined before. */
  readonly age: number | undefined;
  /** undefined where nothing is known: it runs, or awaits a promise that is none of the library's. */
  readonly wait: string | undefined;
  /** The innermost await of that wait. */
  readonly where: string | undefined;
  /** Milliseconds until the nearest deadline, its own or one above it, negative after it; undefined without any. */
  readonly timeLeft: number | undefined;
  readonly spawnedAt: string | undefined;
  /** Tasks above it. */
  readonly depth: number;
}

export type SortKey = "id" | "age" | "name" | "group" | "state" | "wait";

export const sortKeys: readonly SortKey[] = ["id", "age", "name", "group", "state", "wait"];

/** What reaches a scope from above. */
interface Inherited {
  readonly isCancelled: boolean;
  readonly timeLeft: number | undefined;
  readonly depth: number;
}

const TOP: Inherited = { isCancelled: false, timeLeft: undefined, depth: 0 };

/** Each below the one that it runs in: the order of the tree. */
export function taskRows(dump: ProcessDump): readonly TaskRow[] {
  const inherited: Inherited[] = [];
  /** By the index of the parent, -1 for the top. */
  const below = new Map<number, number[]>();
  for (const [index, scope] of dump.scopes.entries()) {
    const above = (scope.parent === undefined ? undefined : inherited[scope.parent]) ?? TOP;
    inherited.push({
      isCancelled: scope.cancelled !== undefined || (above.isCancelled && !scope.isShielded),
      timeLeft: nearest(scope.timeLeft, scope.isShielded ? undefined : above.timeLeft),
      depth: above.depth + (scope.kind === "task" ? 1 : 0),
    });
    const siblings = below.get(scope.parent ?? -1);
    if (siblings === undefined) below.set(scope.parent ?? -1, [index]);
    else siblings.push(index);
  }
  const rows: TaskRow[] = [];
  // Without recursion: groups nest as deep as programs do.
  const open = below.get(-1)?.toReversed() ?? [];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const scope = dump.scopes[index];
    if (scope?.kind === "task") rows.push(rowOf(dump, scope, inherited[index] ?? TOP));
    open.push(...(below.get(index)?.toReversed() ?? []));
  }
  return rows;
}

function nearest(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}

function rowOf(dump: ProcessDump, scope: DumpedScope, { isCancelled, timeLeft, depth }: Inherited): TaskRow {
  const { id = 0, name, parent, state = "", age, waits, spawnedAt } = scope;
  const [wait] = waits;
  const more = waits.length > 1 ? `, and ${waits.length - 1} more` : "";
  const frame = wait?.stack === undefined ? undefined : dump.stacks[wait.stack]?.frames[0];
  return {
    id,
    name,
    group: (parent === undefined ? undefined : dump.scopes[parent]?.name) ?? "",
    state: isCancelled ? `${state}, cancelled` : state,
    age,
    wait: wait === undefined ? undefined : `${waitText(wait)}${more}`,
    where: frame === undefined ? undefined : shortFrame(frame, dump.folder),
    timeLeft,
    spawnedAt: spawnedAt === undefined ? undefined : shortFrame(spawnedAt.replace(/^at /u, ""), dump.folder),
    depth: depth - 1,
  };
}

/** A few words, for a column. */
export function waitText({ kind, what, timeLeft, hasSignal, count }: DumpedWait): string {
  const left = timeLeft === undefined ? "" : ` ${formatDuration(timeLeft)}`;
  const forgotten = hasSignal || kind === "promise" ? "" : ", no signal";
  const times = count > 1 ? `, ${count} times` : "";
  return `${subjectOf(kind, what)}${left}${forgotten}${times}`;
}

function subjectOf(kind: string, what: string | undefined): string {
  switch (kind) {
    case "tasks":
      return `group ${what}`;
    case "promise":
      return "a promise";
    case "join":
      return what ?? kind;
    default:
      return what === undefined ? kind : `${kind} ${what}`;
  }
}

/** By age the oldest first, by all else from the least. What is alike keeps its order. */
export function sortRows(rows: readonly TaskRow[], key: SortKey): readonly TaskRow[] {
  switch (key) {
    case "id":
      return rows.toSorted((left, right) => left.id - right.id);
    case "age":
      return rows.toSorted((left, right) => (right.age ?? -1) - (left.age ?? -1));
    case "name":
    case "group":
    case "state":
      return rows.toSorted((left, right) => compare(left[key], right[key]));
    case "wait":
      return rows.toSorted((left, right) => compare(waitKey(left), waitKey(right)));
  }
}

/** Sleeps of different lengths stand together, and what waits for nothing known comes last. */
function waitKey({ wait, where }: TaskRow): string {
  return `${wait?.replaceAll(/\d+/gu, "#") ?? "\uFFFF"}\n${where ?? ""}`;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
