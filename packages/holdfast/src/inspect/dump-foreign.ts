/**
 * Awaits of promises that the library knows nothing of. The heap has every promise of every call that is suspended: of a chain of calls only the innermost await says something new.
 */
import { now } from "../core/lowlevel.ts";
import { type Piece, piecesOf } from "./dump-stacks.ts";
import { heapObjects } from "./heap-objects.ts";
import type { TreeScope } from "./tree.ts";

/** One await. */
export interface ForeignWait {
  readonly pieces: readonly Piece[];
  /** Milliseconds since a look that saw this very promise awaited; undefined if none did. */
  readonly seenFor: number | undefined;
}

/** When each was seen first. It is collected as if nobody had looked. */
const seen = new WeakMap<object, number>();

/** Each innermost await that is not among `known`. @throws {Error} where the heap can't be searched */
export function foreignWaits(
  scopes: readonly TreeScope[],
  known: readonly (readonly Piece[])[],
): readonly ForeignWait[] {
  const promises = heapObjects(Promise.prototype);
  const found = piecesOf(promises, scopes).flatMap((pieces, index) => {
    const promise = promises[index];
    const [first] = pieces;
    return promise === undefined || first === undefined || first.frames.length === 0
      ? []
      : [{ promise, first, pieces }];
  });
  /** Stacks that are part of a longer one, or have been listed. */
  const explained = new Set<string>();
  for (const pieces of known) for (const piece of pieces) addEndsOf(explained, piece, 0);
  for (const { pieces } of found)
    for (const [index, piece] of pieces.entries()) addEndsOf(explained, piece, index === 0 ? 1 : 0);
  const time = now();
  return found.flatMap(({ promise, first, pieces }) => {
    if (explained.has(keyOf(first, 0))) return [];
    const since = seen.get(promise);
    if (since === undefined) seen.set(promise, time);
    return [{ pieces, seenFor: since === undefined ? undefined : time - since }];
  });
}

function addEndsOf(keys: Set<string>, piece: Piece, from: number): void {
  for (let start = from; start < piece.frames.length; start++) keys.add(keyOf(piece, start));
}

function keyOf({ owner, frames }: Piece, start: number): string {
  return `${owner}\n${frames.slice(start).join("\n")}`;
}
