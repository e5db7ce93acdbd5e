/**
 * Tasks that wait for each other in a circle: for a lock that another of them holds, for its end, or for the end of a group that it is in. Only where a task waits for one thing alone: what waits for
 * several may be helped by any of them, so nothing is said of it.
 */
import type { DumpedWait, ProcessDump } from "./process-dump.ts";
import { listIn } from "./list-in.ts";

/** A circle: each waits, by the wait at its place, for the next one, and the last for the first. */
export interface LockCycle {
  readonly scopes: readonly number[];
  readonly waits: readonly DumpedWait[];
}

interface Edge {
  readonly to: number;
  readonly wait: DumpedWait;
}

/** Each circle once. */
export function lockCycles(dump: ProcessDump): readonly LockCycle[] {
  const edges = edgesOf(dump);
  const cycles: LockCycle[] = [];
  const done = new Set<number>();
  for (const start of edges.keys()) {
    /** The way from `start`, and where each is on it. */
    const path: { readonly node: number; readonly edges: readonly Edge[]; next: number }[] = [];
    const onPath = new Map<number, number>();
    const enter = (node: number): void => {
      onPath.set(node, path.push({ node, edges: edges.get(node) ?? [], next: 0 }) - 1);
      done.add(node);
    };
    if (!done.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = top.edges[top.next++];
      if (edge === undefined) {
        onPath.delete(top.node);
        path.pop();
        continue;
      }
      const position = onPath.get(edge.to);
      if (position !== undefined) {
        const circle = path.slice(position);
        // Holds for each: the edge before `next` is the one that was followed.
        const waits = circle.flatMap((step) => step.edges[step.next - 1]?.wait ?? []);
        cycles.push({ scopes: circle.map(({ node }) => node), waits });
      } else if (!done.has(edge.to)) enter(edge.to);
    }
  }
  return cycles;
}

function edgesOf({ scopes }: ProcessDump): ReadonlyMap<number, readonly Edge[]> {
  /** The task that a scope is part of. */
  const taskOf: (number | undefined)[] = [];
  const byId = new Map<number, number>();
  const holders = new Map<number, number>();
  const waits = new Map<number, DumpedWait[]>();
  const members = new Map<number, number[]>();
  for (const [index, scope] of scopes.entries()) {
    const above = scope.parent === undefined ? undefined : taskOf[scope.parent];
    const task = scope.kind === "task" ? index : above;
    taskOf.push(task);
    if (scope.id !== undefined) byId.set(scope.id, index);
    if (scope.kind === "task" && above !== undefined) listIn(members, above).push(index);
    if (task === undefined) continue;
    for (const resource of scope.holds) holders.set(resource, task);
    listIn(waits, task).push(...scope.waits);
  }
  const edges = new Map<number, readonly Edge[]>();
  for (const [task, all] of waits) {
    // A call of ours is a part of the task; what it waits for is in the list.
    const real = all.filter(({ kind }) => kind !== "call");
    const [wait] = real;
    if (wait === undefined || real.length > 1 || wait.count > 1) continue;
    if (wait.kind === "tasks")
      edges.set(
        task,
        (members.get(task) ?? []).map((to) => ({ to, wait })),
      );
    else {
      const to = wait.task === undefined ? holders.get(wait.resource ?? -1) : byId.get(wait.task);
      if (to !== undefined) edges.set(task, [{ to, wait }]);
    }
  }
  return edges;
}
