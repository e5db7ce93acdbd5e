/**
 * From what was thrown to what is counted: the leaves of a group, each with its class, code, message and task.
 */
import { type TaskFrame, tasksOf } from "../core/index.ts";
import { errorsOf, isErrorLike, nameOfError, readProperty } from "./format-error-facts.ts";

/** An error that is no group. */
export interface Leaf {
  readonly error: unknown;
  /** Those that it failed, or else the group that it is in. */
  readonly tasks: readonly TaskFrame[];
}

const MOST_MESSAGE = 2000;

/** All leaves, depth first. A group without errors is a leaf itself: it must not be lost. A cycle is entered once. */
export function leavesOf(error: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  const seen = new Set<unknown>();
  // Not by recursion: groups that each hold one more may be as deep as they like.
  const rest: Leaf[] = [{ error, tasks: [] }];
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    const own = tasksOf(at.error);
    const tasks = own.length > 0 ? own : at.tasks;
    const errors = errorsOf(at.error);
    if (errors === undefined || errors.length === 0) leaves.push({ error: at.error, tasks });
    else if (!seen.has(at.error)) {
      seen.add(at.error);
      for (const inner of errors.toReversed()) rest.push({ error: inner, tasks });
    }
  }
  // Nothing but cycles.
  return leaves.length > 0 ? leaves : [{ error, tasks: tasksOf(error) }];
}

/** What an error says of itself; every read of it may fail. */
export function describe(error: unknown): { type: string; code: string | undefined; message: string } {
  if (!isErrorLike(error))
    return { type: typeOf(error), code: undefined, message: textOf(error).slice(0, MOST_MESSAGE) };
  const code = readProperty(error, "code");
  const message = readProperty(error, "message");
  return {
    type: nameOfError(error).slice(0, 100),
    code:
      typeof code === "string" && code !== ""
        ? code.slice(0, 100)
        : typeof code === "number"
          ? String(code)
          : undefined,
    message: typeof message === "string" ? message.slice(0, MOST_MESSAGE) : "",
  };
}

function typeOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}

function textOf(value: unknown): string {
  try {
    const message = readProperty(value, "message");
    return typeof message === "string" ? message : String(value);
  } catch {
    return "a value that can't be read";
  }
}
