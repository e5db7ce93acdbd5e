/** Dumps as a process would give them, with what a test is about. */
import { dump } from "holdfast/inspect";
import type { DumpedScope, DumpedWait, ProcessDump } from "holdfast/inspect";

const nothing = dump({ stacks: false });

export const folder: string = nothing.folder;

export function fakeScope(scope: Partial<DumpedScope>): DumpedScope {
  return {
    kind: "task",
    parent: undefined,
    id: scope.kind === undefined ? 1 : undefined,
    name: "task",
    state: scope.kind === undefined ? "running" : undefined,
    age: undefined,
    item: undefined,
    timeLeft: undefined,
    spawnedAt: undefined,
    functionAt: undefined,
    sawSignal: true,
    cancelled: undefined,
    isShielded: false,
    isOpen: false,
    waits: [],
    holds: [],
    awaitedAt: [],
    omitted: 0,
    ...scope,
  };
}

export function fakeWait(wait: Partial<DumpedWait>): DumpedWait {
  return {
    kind: "sleep",
    what: undefined,
    task: undefined,
    resource: undefined,
    timeLeft: undefined,
    hasSignal: true,
    stack: undefined,
    count: 1,
    seenBefore: 0,
    seenFor: undefined,
    isLost: false,
    ...wait,
  };
}

export function fakeDump(
  scopes: readonly Partial<DumpedScope>[],
  stacks: readonly (readonly string[])[] = [],
): ProcessDump {
  return {
    ...nothing,
    pid: 4711,
    node: "20.20.2",
    scopes: scopes.map(fakeScope),
    stacks: stacks.map((frames) => ({ frames, count: 1 })),
  };
}
