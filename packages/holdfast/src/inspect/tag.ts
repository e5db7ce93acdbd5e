/**
 * V8 prints the receiver of a method in a stack by its `Symbol.toStringTag`. So a number that is put there for a moment tells which object a frame belongs to.
 */

/** Call {@link untag} in the same turn: nobody else may see it. */
export function tag(subject: object, index: number): void {
  Reflect.set(subject, Symbol.toStringTag, `⟦${index}⟧`);
}

export function untag(subject: object): void {
  Reflect.deleteProperty(subject, Symbol.toStringTag);
}

/** The number of the object in whose `run()` this frame is. */
export function tagOf(frame: string): number | undefined {
  const index = /^⟦(?<index>\d+)⟧\.run /u.exec(frame)?.groups?.["index"];
  return index === undefined ? undefined : Number(index);
}

/** Whether the frame is in any method of such an object. */
export function isTagged(frame: string): boolean {
  return frame.startsWith("⟦");
}
