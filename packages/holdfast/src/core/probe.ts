/**
 * The one hook through which a listener learns what happens. Nobody listens: one comparison. It is called synchronously, in the middle of things,
 * so a listener must neither throw nor call back into the library.
 */

/** What happened, to which scope (a task or a group). "fail": a task has failed, and its group will throw that error. */
export type ProbeEvent = "spawn" | "start" | "fail" | "settle" | "cancel" | "abandon" | "open" | "close";
export type Probe = (event: ProbeEvent, subject: object) => void;

/** The listener itself, read by every caller. */
export let probe: Probe | undefined;

/** Sets the one listener of this copy of the library, or none; returns the one before. */
export function setProbe(next: Probe | undefined): Probe | undefined {
  const before = probe;
  probe = next;
  return before;
}
