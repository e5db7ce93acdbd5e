/**
 * Cancels a task by its number, where the process has allowed that. Whoever can ask has been let in by the system as the process's user and could do anything: this is against a slip of the finger.
 */
import { readTree } from "../tree.ts";
import type { LiveCancellation } from "./protocol.ts";

/** Set by one copy of the library, read by another. */
const ALLOWED = Symbol.for("holdfast.allow-cancel/1");

/** From now on whoever watches the process may cancel its tasks. */
export function allowCancel(): void {
  Reflect.set(globalThis, ALLOWED, true);
}

export function allowsCancel(): boolean {
  return Reflect.get(globalThis, ALLOWED) === true;
}

export function cancelTask(id: number): LiveCancellation {
  const refuse = (why: string): LiveCancellation => ({ id, isCancelled: false, why });
  if (!allowsCancel()) return refuse("the process does not allow it; start it with HOLDFAST_INSPECT=allow-cancel");
  const found = readTree(Infinity).entries.filter(
    ({ scope }) => scope.id === id && (scope.state === "running" || scope.state === "waiting"),
  );
  const [task] = found;
  if (task === undefined) return refuse("it has ended");
  if (found.length > 1) return refuse("several copies of the library have a task of that number");
  // Holds: what has a number is a task, and a task of whatever copy can be cancelled.
  (task.scope as unknown as { cancel: (reason: unknown) => void }).cancel("holdfast top");
  return { id, isCancelled: true, why: undefined };
}
