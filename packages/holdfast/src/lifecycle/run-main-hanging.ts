/**
 * For whom a program still waits, in lines that a person reads.
 */
import { kidsOf, now, SAW_SIGNAL, Scope, Waiter } from "../core/lowlevel.ts";
import { durationText, oneLine } from "./format-error-facts.ts";
import { isTask } from "./task-scope.ts";

/** The service that holds the process while main runs. It is ours, and no news to anybody. */
export const KEEP_ALIVE = "keep alive";

/** A line for each task below `scope` that is in one of `states`, and for each cleanup, indented by depth; services called `except` are left out. */
export function linesOfHanging(
  scope: Scope,
  states: readonly string[],
  except: string,
  indent: string = "  ",
): string[] {
  return kidsOf(scope).flatMap((kid) => {
    if (!(kid instanceof Scope) || kid.name === except || (isTask(kid) && !states.includes(kid.state))) return [];
    return [`${indent}${lineOf(kid)}`, ...linesOfHanging(kid, states, except, `${indent}  `)];
  });
}

function lineOf(scope: Scope): string {
  const kind = isTask(scope) ? "task" : "spawn" in scope ? "group" : undefined;
  const parts = [kind === undefined ? scope.name : `${kind} "${scope.name}"`];
  if (isTask(scope) && scope.batch !== undefined) parts.push(`running for ${durationText(now() - scope.batch.at)}`);
  const waits = kidsOf(scope).flatMap((kid) => (kid instanceof Waiter ? [kid.kind] : []));
  if (waits.length > 0) parts.push(`waits for ${waits.join(", ")}`);
  if (isTask(scope) && (scope.bits & SAW_SIGNAL) === 0) parts.push("never looked at its signal; pass ({ signal }) on");
  if (scope.site !== undefined) parts.push(`spawned ${scope.site}`);
  return oneLine(parts.join(", "));
}
