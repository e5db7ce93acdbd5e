/**
 * What tells the kinds of scopes from each other, here as for any tool.
 */
import type { Result, TaskState } from "../core/index.ts";
import { type Link, Scope } from "../core/lowlevel.ts";

export interface TaskScope extends Scope {
  readonly id: number;
  readonly state: TaskState;
  /** Shared by all that were started together: when. */
  readonly batch: { readonly at: number } | undefined;
  readonly group: Scope;
  outcome(): Result<unknown> | undefined;
}

export function isTask(link: Link): link is TaskScope {
  return link instanceof Scope && "state" in link;
}

/** Of a group: its first cleanup has started. */
const CLOSED = 512;

/** Whether it is a group without a body, made by `openTaskGroup`, whose `close()` nobody has called. One that closes waits for a change, or cleans up. */
export function isOpenGroup(scope: Scope): boolean {
  return "close" in scope && "change" in scope && scope.change === undefined && (scope.bits & CLOSED) === 0;
}
