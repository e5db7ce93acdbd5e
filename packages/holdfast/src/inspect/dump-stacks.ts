/**
 * Who waits for what: the await stacks of all that is waited for, cut where a task, a group or a call of ours begins. The piece up to the first cut belongs to what begins there; the next
 * piece belongs to whoever waits for that, and so on outwards.
 */
import { awaitStacks } from "./await-stacks.ts";
import { tag, tagOf, untag } from "./tag.ts";
import type { TreeScope } from "./tree.ts";
import { isUserFrame } from "./user-frames.ts";

/** Part of an await stack. */
export interface Piece {
  /** The index of the scope that it runs in; undefined outside of all. */
  readonly owner: number | undefined;
  /** The index of the scope that it waits for; undefined for what is no scope. */
  readonly target: number | undefined;
  /** The user's, the innermost first. */
  readonly frames: readonly string[];
}

/** The pieces of the await stack of each of `promises`, the innermost first; none where nobody awaits it, or nothing is known. */
export function piecesOf(promises: readonly object[], scopes: readonly TreeScope[]): (readonly Piece[])[] {
  const before = scopes.map(tag);
  try {
    return awaitStacks(promises).map(cut);
  } finally {
    // Backwards: the same scope may be there twice, and what it had at first is what it gets.
    for (const [index, scope] of [...scopes.entries()].toReversed()) untag(scope, before[index]);
  }
}

function cut(stack: readonly string[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let target: number | undefined;
  let frames: string[] = [];
  for (const frame of stack) {
    const owner = tagOf(frame);
    if (owner === undefined) {
      if (isUserFrame(frame)) frames.push(frame);
      continue;
    }
    pieces.push({ owner, target, frames });
    target = owner;
    frames = [];
  }
  if (frames.length > 0) pieces.push({ owner: undefined, target, frames });
  return pieces;
}
