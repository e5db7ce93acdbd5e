/**
 * Awaits of promises that the library knows nothing of. The heap has every promise of every call that is suspended: of a chain of calls only the innermost await says something new.
 */
import { type Piece, piecesOf } from "./dump-stacks.ts";
import { heapPromises } from "./heap-promises.ts";
import type { TreeScope } from "./tree.ts";

/** The pieces of each innermost await that is not among `known`. @throws {Error} where the heap can't be searched */
export function foreignPieces(
  scopes: readonly TreeScope[],
  known: readonly (readonly Piece[])[],
): readonly (readonly Piece[])[] {
  const found = piecesOf(heapPromises(), scopes).filter(([first]) => first !== undefined && first.frames.length > 0);
  /** Stacks that are part of a longer one, or have been listed. */
  const explained = new Set<string>();
  for (const pieces of known) for (const piece of pieces) addEndsOf(explained, piece, 0);
  for (const pieces of found)
    for (const [index, piece] of pieces.entries()) addEndsOf(explained, piece, index === 0 ? 1 : 0);
  return found.filter(([first]) => first !== undefined && !explained.has(keyOf(first, 0)));
}

function addEndsOf(keys: Set<string>, piece: Piece, from: number): void {
  for (let start = from; start < piece.frames.length; start++) keys.add(keyOf(piece, start));
}

function keyOf({ owner, frames }: Piece, start: number): string {
  return `${owner}\n${frames.slice(start).join("\n")}`;
}
