/**
 * Stacks that say more, for whatever prints them: Node at an uncaught error, `console.error`, a logger. Only in debug mode, since it writes to an object that is not ours.
 */
import { taskStack } from "../core/index.ts";
import { isErrorLike, readProperty } from "./format-error-facts.ts";
import { stackOf } from "./format-error-frames.ts";

/** Causes of causes. */
const MOST = 10;

/**
 * Puts the tasks that `error` has failed into its stack, below the frames that are the user's; the others go, in its causes too. Does nothing to an error that refuses, or has no
 * stack.
 */
export function stitchStack(error: object): void {
  let one: unknown = error;
  for (let left = MOST; left > 0 && isErrorLike(one); left--) {
    stitch(one);
    one = readProperty(one, "cause");
  }
}

function stitch(error: object): void {
  const { head, userFrames } = stackOf(error);
  if (head === "") return;
  try {
    write(error, [head, ...userFrames.map((frame) => `    ${frame}`)].join("\n"));
    write(error, taskStack(error));
  } catch {
    // It is frozen, or a proxy that minds.
  }
}

/** As a stack is: not enumerable, and whoever wants to can change it. */
function write(error: object, stack: string): void {
  Object.defineProperty(error, "stack", { value: stack, writable: true, configurable: true, enumerable: false });
}
