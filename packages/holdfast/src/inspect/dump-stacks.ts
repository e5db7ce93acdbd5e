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

/**
 * The pieces of the await stack of each of `promises`, the innermost first; none where nobody awaits it, or nothing is known.
 *
 * @param wanted of each promise what it waits for a permit of, if it does
 */
export function piecesOf(
  promises: readonly object[],
  scopes: readonly TreeScope[],
  resources: readonly object[] = [],
  wanted: readonly (object | undefined)[] = [],
): (readonly Piece[])[] {
  findCopies();
  const subjects = [...scopes, ...resources];
  const before = subjects.map(tag);
  try {
    return awaitStacks(promises).map((stack, index) => {
      const resource = wanted[index];
      return cut(stack, scopes.length, resource === undefined ? -1 : resources.indexOf(resource));
    });
  } finally {
    // Backwards: the same one may be there twice, and what it had at first is what it gets.
    for (const [index, subject] of [...subjects.entries()].toReversed()) untag(subject, before[index]);
  }
}

function cut(stack: readonly string[], firstResource: number, wanted: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let target: number | undefined;
  let frames: string[] = [];
  let holds: number[] = [];
  for (const [position, frame] of stack.entries()) {
    const tagged = tagOf(frame);
    if (tagged === undefined) {
      if (isUserFrame(frame)) frames.push(frame);
    } else if (tagged < firstResource) {
      pieces.push({ owner: tagged, target, frames, holds });
      target = tagged;
      frames = holds = [];
    } else if (position > 0 || tagged - firstResource !== wanted)
      // Somebody's function runs in it. The innermost one may be the wait for it.
      holds = [...holds, tagged - firstResource];
  }
  if (frames.length > 0) pieces.push({ owner: undefined, target, frames, holds });
  return pieces;
}
