/**
 * Who waits for what: the await stacks of all that is waited for, cut where a task, a group or a call of ours begins. The piece up to the first cut belongs to what begins there; the next
 * piece belongs to whoever waits for that, and so on outwards.
 */
import { awaitStacks } from "./await-stacks.ts";
import { tag, tagOf, untag } from "./tag.ts";
import type { TreeScope } from "./tree.ts";
import { findCopies, isUserFrame } from "./user-frames.ts";

/** Part of an await stack. */
export interface Piece {
  /** The index of the scope that it runs in; undefined outside of all. */
  readonly owner: number | undefined;
  /** The index of the scope that it waits for; undefined for what is no scope. */
  readonly target: number | undefined;
  /** The user's, the innermost first. */
  readonly frames: readonly string[];
  /** The indexes of the resources in whose `run()` these frames are. */
  readonly holds: readonly number[];
}

/** The pieces of the await stack of each of `promises`, the innermost first; none where nobody awaits it, or nothing is known. */
export function piecesOf(
  promises: readonly object[],
  scopes: readonly TreeScope[],
  resources: readonly object[] = [],
): (readonly Piece[])[] {
  findCopies();
  const subjects = [...scopes, ...resources];
  const before = subjects.map(tag);
  try {
    return awaitStacks(promises).map((stack) => cut(stack, scopes.length));
  } finally {
    // Backwards: the same one may be there twice, and what it had at first is what it gets.
    for (const [index, subject] of [...subjects.entries()].toReversed()) untag(subject, before[index]);
  }
}

function cut(stack: readonly string[], firstResource: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let target: number | undefined;
  let frames: string[] = [];
  let holds: number[] = [];
  for (const frame of stack) {
    const tagged = tagOf(frame);
    if (tagged === undefined) {
      if (isUserFrame(frame)) frames.push(frame);
    } else if (tagged < firstResource) {
      pieces.push({ owner: tagged, target, frames, holds });
      target = tagged;
      frames = holds = [];
    } else if (frames.length > 0 || target !== undefined)
      // Somebody's function runs in it. Without one it is the wait for it.
      holds = [...holds, tagged - firstResource];
  }
  if (frames.length > 0) pieces.push({ owner: undefined, target, frames, holds });
  return pieces;
}
