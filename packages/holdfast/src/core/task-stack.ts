/**
 * Which tasks an error has come through, and where each was spawned: what a stack can't say, since the frames that spawned them are long gone.
 */
import type { Scope } from "./cancel.ts";
import { now } from "./clock.ts";
import { registry, type TaskFrame } from "./registry.ts";

export type { TaskFrame };

/** Deeper than this is a recursion, and would fill a screen. */
const MOST = 16;

/** What is read of a task. */
interface TaskScope extends Scope {
  readonly group: Scope;
  readonly batch: { readonly at: number } | undefined;
  /** The options of a lane say what it is busy with. */
  readonly options: string | { readonly index?: number; readonly reading?: { readonly at: number } } | undefined;
}

/** Is told of each error when it has failed its first task; must not throw. Debug mode writes the tasks into its stack. */
let listener: ((error: object) => void) | undefined;

/** Sets the one listener of this copy of the library, or none; returns the one before. */
export function setTaskStackListener(next: typeof listener): typeof listener {
  const before = listener;
  listener = next;
  return before;
}

/** Remembers, with the first failure of the error, in which task (or cleanup) that was, and in which that was spawned. */
export function recordTask(error: unknown, scope: Scope): void {
  if (typeof error !== "object" || error === null) return;
  const { tasks } = registry();
  if (tasks.has(error)) return;
  const time = now();
  const frames: TaskFrame[] = [];
  for (let at: Scope | undefined = scope; at !== undefined && frames.length < MOST; at = at.parent) {
    if (at !== scope && !("id" in at)) continue;
    // Holds: only tasks have an id; what else is read here is there or not.
    const { name: task, site: spawnedAt, group = at.parent, batch, options } = at as Scope & Partial<TaskScope>;
    // Some user's options have an index too; none has a reading.
    const lane = typeof options === "object" && options.reading !== undefined ? options : undefined;
    const started = lane?.reading ?? batch;
    frames.push({ task, group: group.name, spawnedAt, age: started && time - started.at, item: lane?.index });
  }
  tasks.set(error, frames);
  listener?.(error);
}

/** The tasks that `error` has failed, the innermost first, at most 16; empty for an error that has failed none, and for primitives. The error is not touched: this is a WeakMap. */
export function tasksOf(error: unknown): readonly TaskFrame[] {
  return (typeof error === "object" && error !== null && registry().tasks.get(error)) || [];
}

/**
 * The error's own stack, followed by a line for each task that it has failed, in the form of a stack frame, so that tools can read it:
 *
 *     at task "load-user" (file:///app.ts:6:59)
 */
export function taskStack(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  const lines = tasksOf(error).map(({ task, spawnedAt }) => {
    const place =
      spawnedAt === undefined
        ? undefined
        : (/\((?<inner>.*)\)$/u.exec(spawnedAt)?.groups?.["inner"] ?? spawnedAt.replace(/^at /u, ""));
    return `    at task ${JSON.stringify(task)}${place === undefined ? "" : ` (${place})`}`;
  });
  return [stack, ...lines].join("\n");
}
