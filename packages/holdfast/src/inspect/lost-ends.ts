/**
 * Waits that nothing can end any more. What ends a wait for a permit is somebody's permit, and for a channel the handle of its other end: where the garbage collector has found that
 * nobody has one of those, no code can ever be run that ends it. Nothing is kept for that but the objects themselves. Permits also tell below whose signal they were taken.
 *
 * A call of `run` has a permit as well: one whose function waits for what nobody holds is gone with it.
 */
import { heapObjects } from "./heap-objects.ts";
import { listIn } from "./list-in.ts";
import { read } from "./own-inspector.ts";
import type { TreeWait } from "./tree.ts";

/** What a search has found of the waits that it was about. */
export interface Ends {
  /** Those that nothing ends but a cancellation. */
  readonly lost: ReadonlySet<TreeWait>;
  /** By lock or semaphore: below whose signal a permit was taken that somebody still has. */
  readonly takers: ReadonlyMap<unknown, readonly object[]>;
}

/** Where no search was made. */
export const UNKNOWN_ENDS: Ends = { lost: new Set(), takers: new Map() };

/** A walk through the heap for each kind of end. @throws {Error} where the heap can't be searched */
export function searchEnds(waits: readonly TreeWait[]): Ends {
  const byEnds = new Map<object, TreeWait[]>();
  for (const wait of waits) {
    const ends = wait.ends ?? read(wait.resource, "ends");
    if (typeof ends === "object" && ends !== null && wait.resource !== undefined) listIn(byEnds, ends).push(wait);
  }
  const takers = new Map<unknown, object[]>();
  const lost = [...byEnds].flatMap(([prototype, some]) => {
    /** What each of them can end: waits of that kind, for that resource. */
    const alive = { permit: new Set<unknown>(), get: new Set<unknown>(), put: new Set<unknown>() };
    for (const end of heapObjects(prototype)) {
      const [semaphore, taker] = [read(end, "semaphore"), read(end, "taker")];
      if (read(end, "isHeld") === true) alive.permit.add(semaphore);
      if (read(end, "isHeld") === true && typeof taker === "object" && taker !== null)
        listIn(takers, semaphore).push(taker);
      if (read(end, "isClosed") === false)
        alive[read(end, "end") === "sender" ? "get" : "put"].add(read(end, "channel"));
    }
    return some.filter(({ kind, resource }) => isEnded(kind) && !alive[kind].has(resource));
  });
  return { lost: new Set(lost), takers };
}

function isEnded(kind: string): kind is "permit" | "get" | "put" {
  return kind === "permit" || kind === "get" || kind === "put";
}
