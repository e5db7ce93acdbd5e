/**
 * V8 prints the receiver of a method in a stack by its `Symbol.toStringTag`. So a number that is put there for a moment tells which object a frame belongs to.
 */

/** Returns what was there. Call {@link untag} in the same turn: nobody else may see it. */
export function tag(subject: object, index: number): string | undefined {
  return setTag(subject, `⟦${index}⟧`);
}

/** Puts back what was there before. */
export function untag(subject: object, before: string | undefined): void {
  setTag(subject, before);
}

/**
 * Returns the one before. An empty property stays when the tag goes: since V8 12 an object that has lost a property is a slow one from then on, and an undefined tag is
 * as good as none.
 */
export function setTag(subject: object, text: string | undefined): string | undefined {
  const before: unknown = Object.getOwnPropertyDescriptor(subject, Symbol.toStringTag)?.value;
  if (before === undefined)
    Reflect.defineProperty(subject, Symbol.toStringTag, { value: text, writable: true, configurable: true });
  else Reflect.set(subject, Symbol.toStringTag, text);
  return typeof before === "string" ? before : undefined;
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
