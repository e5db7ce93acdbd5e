/**
 * What one who watches a process may ask it, and what it answers: a question is a line of text, an answer a line of JSON.
 *
 *   since-last    {@link LiveGauges}: numbers alone, about the time since the question before
 *   snapshot      {@link LiveSnapshot}: all tasks, and what they wait for
 *   cancel 12     {@link LiveCancellation}
 */
import type { ProcessDump } from "../process-dump.ts";

/** How busy a process was since it was last asked. */
export interface LiveGauges {
  /** Milliseconds since the process started. */
  readonly uptime: number;
  /** Milliseconds that these numbers are about; the first of a connection are about nothing. */
  readonly span: number;
  /** Share of the time in which the event loop did not wait, 0 to 1. */
  readonly busy: number;
  /** Milliseconds by which a timer came too late, the mean and the most; undefined when none came. */
  readonly delay: { readonly mean: number; readonly max: number } | undefined;
  /** Bytes. */
  readonly heap: { readonly used: number; readonly total: number };
  /**
   * Tasks that run or wait now, and those that have started and ended in between. Known by their numbers: one that came and went since the newest that is still there is counted when the next one is
   * seen.
   */
  readonly tasks: { readonly alive: number; readonly started: number; readonly finished: number };
  /** Milliseconds for which the process stood still for this answer. */
  readonly pause: number;
}

/** What a process waits for at one moment. */
export interface LiveSnapshot {
  readonly dump: ProcessDump;
  /** Milliseconds for which the process stood still for this answer, but for writing it down. */
  readonly pause: number;
  /** Whether the process allows it to cancel its tasks. */
  readonly allowsCancel: boolean;
}

/** What became of the wish to cancel a task. */
export interface LiveCancellation {
  readonly id: number;
  readonly isCancelled: boolean;
  /** Why it was not; undefined when it was. */
  readonly why: string | undefined;
}

export type LiveQuestion =
  | { readonly kind: "since-last" | "snapshot" }
  | { readonly kind: "cancel"; readonly id: number };

/** Longer than any question. */
export const LONGEST_QUESTION = 32;

/** undefined for whatever is no question. */
export function parseQuestion(line: string): LiveQuestion | undefined {
  if (line === "since-last" || line === "snapshot") return { kind: line };
  const id = /^cancel (?<id>[1-9]\d{0,14})$/u.exec(line)?.groups?.["id"];
  return id === undefined ? undefined : { kind: "cancel", id: Number(id) };
}
