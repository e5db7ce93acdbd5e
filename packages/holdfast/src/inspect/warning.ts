/**
 * What a warning is, and the words that all of them use.
 */
import type { DumpedWait, ProcessDump } from "./process-dump.ts";
import { placeOf, printable } from "./text.ts";

/**
 * "stuck-wait": a wait for a lock or a channel that nothing can end any more, or for a lock that abandoned work holds. "lock-cycle": tasks that wait for each other, and will until they are cancelled. "cancel-ignored": a task, or
 * the body of a group, that was cancelled more than a second ago still runs. "unseen-failure": a task failed, and nobody has closed its group since. "leaky-group": a group gets tasks faster than they end. "floating-call": a
 * call outside of all tasks that no async function awaits. "blocked-loop": the event loop stands still; said of a process that is asked from outside, or by a watchdog.
 */
type WarningCode =
  | "stuck-wait"
  | "lock-cycle"
  | "cancel-ignored"
  | "unseen-failure"
  | "leaky-group"
  | "floating-call"
  | "blocked-loop";

/** One thing that is likely wrong. */
export interface Warning {
  readonly code: WarningCode;
  /** One sentence, with names and lines. */
  readonly message: string;
  /** Where it is explained, below the documentation of the library: "guide/hanging.md#stuck-wait". */
  readonly page: string;
  /** Indexes into {@link ProcessDump.scopes} of those it is about. */
  readonly scopes: readonly number[];
}

export function warning(code: WarningCode, message: string, scopes: readonly number[]): Warning {
  return { code, message: printable(message), page: `guide/hanging.md#${code}`, scopes };
}

/** `task 3 "load"`, `group "server"`. */
export function titleOf({ scopes }: ProcessDump, index: number): string {
  const { kind, id, name = "" } = scopes[index] ?? {};
  return `${kind}${id === undefined ? "" : ` ${id}`} "${name}"`;
}

/** The innermost line of a wait, after " at "; nothing where it is not known. */
export function at({ stacks, folder }: ProcessDump, wait: DumpedWait | undefined): string {
  const frame = wait?.stack === undefined ? undefined : stacks[wait.stack]?.frames[0];
  return frame === undefined ? "" : ` at ${placeOf(frame, folder)}`;
}
