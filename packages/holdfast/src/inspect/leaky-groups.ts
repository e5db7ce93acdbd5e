/**
 * Groups whose tasks only become more.
 */
import type { DumpedScope, ProcessDump } from "./process-dump.ts";
import { listIn } from "./list-in.ts";
import { count, durationText } from "./text.ts";
import { titleOf, type Warning, warning } from "./warning.ts";

/** Tasks of a group. */
const MANY = 1000;
/** Milliseconds: a group that was filled at once has none that is so much older than the newest. */
const LONG_RUN = 10_000;

interface Members {
  readonly total: number;
  readonly tasks: readonly DumpedScope[];
}

/** With an earlier dump also those that have grown since, while none of their tasks ended. */
export function leakyGroups(dump: ProcessDump, before?: ProcessDump): readonly Warning[] {
  const earlier = new Map<number, Members>();
  for (const members of before === undefined ? [] : membersOf(before).values())
    for (const { id } of members.tasks) if (id !== undefined) earlier.set(id, members);
  return [...membersOf(dump)].flatMap(([index, members]) => {
    const { total, tasks } = members;
    if (dump.scopes[index]?.kind !== "group" || total <= MANY) return [];
    const ages = tasks.flatMap(({ age }) => (age === undefined ? [] : [age]));
    const oldest = ages.reduce((most, age) => Math.max(most, age), 0);
    const newest = ages.reduce((least, age) => Math.min(least, age), Infinity);
    // A group has no number of its own: it is known by its oldest task.
    const [first] = tasks;
    const then = first?.id === undefined ? undefined : earlier.get(first.id);
    const grown = then === undefined || !isKept(then, members) ? 0 : total - then.total;
    const since = dump.at - (before?.at ?? dump.at);
    const isRunning = oldest >= LONG_RUN && newest <= oldest / 10;
    if (grown <= 0 && !isRunning) return [];
    const how =
      grown > 0
        ? `${grown} more than ${durationText(since)} ago, and none has ended since`
        : `the oldest for ${durationText(oldest)}, the newest for ${durationText(newest)}`;
    const message = `${titleOf(dump, index)} has ${count(total, "task")}, ${how}: they come faster than they end; limit them by concurrency, or by a timeout each`;
    return [warning("leaky-group", message, [index])];
  });
}

/** Whether all that was seen of `then` is still there. */
function isKept(then: Members, now: Members): boolean {
  const ids = new Set(now.tasks.map(({ id }) => id));
  return then.tasks.every(({ id }) => ids.has(id));
}

function membersOf({ scopes }: ProcessDump): ReadonlyMap<number, Members> {
  const below = new Map<number, DumpedScope[]>();
  for (const scope of scopes)
    if (scope.kind === "task" && scope.parent !== undefined) listIn(below, scope.parent).push(scope);
  return new Map(
    [...below].map(([index, tasks]) => [index, { tasks, total: tasks.length + (scopes[index]?.omitted ?? 0) }]),
  );
}
