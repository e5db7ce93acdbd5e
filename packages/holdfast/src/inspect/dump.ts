/**
 * What the process waits for, now: its tasks, and where each is suspended.
 *
 * Invariants
 * - DUMP-1: looking changes nothing: what runs goes on as if nobody had looked, no signal is made, and nothing is kept but an empty property on a task or a lock, by which it was told from others, and, of promises that a
 *   search of the heap has met, when that was, as long as they are there.
 */
import { checkCount, now, SAW_SIGNAL, SHIELDED } from "../core/lowlevel.ts";
import { canReadAwaitStacks } from "./await-stacks.ts";
import { cancellationOf } from "./dump-cancellation.ts";
import { foreignWaits } from "./dump-foreign.ts";
import { piecesOf } from "./dump-stacks.ts";
import { WaitTable } from "./dump-waits.ts";
import { functionLocations } from "./function-locations.ts";
import { searchEnds, UNKNOWN_ENDS } from "./lost-ends.ts";
import type { DumpedScope, ProcessDump } from "./process-dump.ts";
import { readTree, type TreeScope } from "./tree.ts";

/** Of a group: its first cleanup has started. */
const CLOSED = 512;

/** What {@link dump} looks for. */
export interface DumpOptions {
  /** Whether to read await stacks, about 10 to 30 microseconds for each wait, and where the functions of tasks are written that have neither stack nor spawn site, about 80. Default true. */
  readonly stacks?: boolean | undefined;
  /**
   * Whether to search the heap for all promises that are awaited, those that are none of the library's too, and, where somebody waits for a lock or a channel, for whatever could end that: each collects garbage, and stops
   * the process for 30 to 100 ms, in a heap of hundreds of megabytes for seconds. Default false.
   */
  readonly deep?: boolean | undefined;
  /** Tasks, groups and calls that are listed, an integer from 1 up; of the others tasks are counted. Default 5,000. */
  readonly limit?: number | undefined;
}

/**
 * The tasks and groups of this process, of all copies of the library in it: where each was spawned, how old it is, who cancelled it, what it waits for, and the suspended `await`s that lead there. Synchronous: it can
 * be called in an exit handler, or by a debugger that has interrupted a loop. O(tasks). A host that can't tell await stacks gives the tree without them.
 *
 * @throws {RangeError | TypeError} for a `limit` that is no integer from 1 up, or Infinity
 */
export function dump(options?: DumpOptions): ProcessDump {
  const { stacks = true, deep = false, limit = 5000 } = options ?? {};
  checkCount("limit", limit, 1, "dump");
  const { entries, waits, omitted, versions } = readTree(limit);
  const scopes = entries.map(({ scope }) => scope);
  // Of what more than one can hold, nobody can say who holds it up.
  const locks = new Set(waits.flatMap(({ wait: { resource } }) => (isLock(resource) ? [resource] : [])));
  const resources = [...locks];
  const hasStacks = stacks && canReadAwaitStacks();
  const notes: string[] = [];
  let ends = UNKNOWN_ENDS;
  if (deep)
    try {
      ends = searchEnds(waits.map(({ wait }) => wait));
    } catch (error) {
      notes.push(`the heap could not be searched: ${error instanceof Error ? error.message : String(error)}`);
    }
  const table = new WaitTable(scopes, resources, ends);
  if (hasStacks) {
    const known = waits.filter(({ wait }) => wait.promise !== undefined);
    // What a task's own promise leads to is who joined it; a group's, who waits for all of it.
    const settling = scopes.flatMap(endsOf);
    // Holds: those without one were taken out.
    const promises = known.map(({ wait }) => wait.promise as object);
    const wanted = known.map(({ wait }) => (wait.kind === "permit" ? wait.resource : undefined));
    const pieces = piecesOf([...promises, ...settling], scopes, resources, wanted);
    for (const [index, { wait, owner }] of known.entries()) table.addWait(wait, owner, pieces[index] ?? []);
    for (const end of pieces.slice(known.length)) table.addEnd(end);
    if (deep && notes.length === 0)
      try {
        for (const foreign of foreignWaits(scopes, pieces)) table.addForeign(foreign);
      } catch (error) {
        notes.push(`the heap could not be searched: ${error instanceof Error ? error.message : String(error)}`);
      }
  } else {
    for (const { wait, owner } of waits) table.addWait(wait, owner, []);
    if (stacks) notes.push("this host does not tell where promises are awaited; tasks show where they were spawned");
    if (deep) notes.push("the heap was not searched: that needs await stacks");
  }
  const unplaced = stacks ? scopes.filter((scope, index) => scope.site === undefined && !table.hasStack(index)) : [];
  const places = functionLocations(unplaced.map((scope) => (isTask(scope) ? scope.slot : undefined)));
  const functionsAt = new Map(unplaced.map((scope, index) => [scope, places[index]]));
  const time = now();
  return {
    version: 1,
    at: time,
    pid: process.pid,
    node: process.versions.node,
    folder: process.cwd(),
    libraries: versions,
    stackSource: hasStacks ? "exact" : stacks ? "unavailable" : "none",
    scopes: entries.map(({ scope, parent, omitted: below }, index): DumpedScope => {
      const lane = laneOf(scope);
      const started = lane?.reading ?? scope.batch;
      const deadline = scope.ownDeadline();
      return {
        kind: isTask(scope) ? "task" : "spawn" in scope ? "group" : "call",
        parent,
        id: scope.id,
        name: scope.name,
        state: scope.state,
        age: started === undefined ? undefined : time - started.at,
        item: lane?.index,
        timeLeft: deadline === Infinity ? undefined : deadline - time,
        spawnedAt: scope.site,
        functionAt: functionsAt.get(scope),
        sawSignal: (scope.bits & SAW_SIGNAL) !== 0,
        cancelled: cancellationOf(scope, time),
        isShielded: (scope.bits & SHIELDED) !== 0,
        isOpen: isOpen(scope),
        waits: table.waitsOf(index),
        holds: table.holdsOf(index),
        awaitedAt: table.awaitedAt(index),
        omitted: below,
      };
    }),
    omitted,
    outside: table.outside(),
    stacks: table.stacks(),
    notes,
  };
}

function isLock(resource: object | undefined): resource is object {
  return resource !== undefined && "permits" in resource && resource.permits === 1;
}

function isTask(scope: TreeScope): boolean {
  return scope.state !== undefined;
}

/** One that closes waits for a change, or runs its cleanups. */
function isOpen(scope: TreeScope): boolean {
  return "close" in scope && scope.change === undefined && (scope.bits & CLOSED) === 0;
}

/** Some user's options have an index too; none has a reading. */
function laneOf({
  options,
}: TreeScope): { readonly index: number; readonly reading: { readonly at: number } } | undefined {
  // Holds: only the options of a lane have that.
  return typeof options === "object" && options !== null && "reading" in options ? (options as never) : undefined;
}

function endsOf({ done, change }: TreeScope): readonly object[] {
  // One who joined before the start has a promise of its own.
  const promise = typeof done === "object" && done !== null && "promise" in done ? done.promise : done;
  return [promise, change].filter((end) => typeof end === "object" && end !== null);
}
