/**
 * What the process's own tasks are doing, as a tree: for people as text, for tools as JSON. Read from the tree that cancellation uses, so nothing is kept for it; it costs what it
 * shows, when somebody asks.
 *
 * Invariants
 * - TREE-1: everything that runs or waits is in the tree once, below its owner, or counted in `omitted`.
 */
import type { CancelKind, TaskState } from "../core/index.ts";
import { ContextScope, kidsOf, type Link, now, registry, SAW_SIGNAL, Scope, Waiter } from "../core/lowlevel.ts";
import { durationText, oneLine, readProperty } from "./format-error-facts.ts";
import { isTask } from "./task-scope.ts";

/** A group, a task, or a call that can be cancelled (an attempt, a timeout, a shield …). */
export interface TaskTreeNode {
  readonly kind: "group" | "task" | "call";
  /** Of a task. */
  readonly id: number | undefined;
  readonly name: string;
  /** Of a task. */
  readonly state: TaskState | undefined;
  /** Of a task: milliseconds since it started; undefined while it waits for its turn. */
  readonly age: number | undefined;
  /** What it waits for right now, a word for each wait: "sleep", "join", "get", "permit" … Waits for what is not ours are not known. */
  readonly waitsFor: readonly string[];
  /** Milliseconds until the nearest deadline of all above; negative if that has passed; undefined without one. */
  readonly timeLeft: number | undefined;
  /** Why it was cancelled, if that was done to it itself and not to what is above. */
  readonly cancelled:
    | { readonly kind: CancelKind | undefined; readonly by: string | undefined; readonly message: string }
    | undefined;
  /** Whether its function has looked at its signal. false: it can't know that it was cancelled. */
  readonly sawSignal: boolean;
  /** One stack frame of the caller, where it was recorded. */
  readonly spawnedAt: string | undefined;
  readonly children: readonly TaskTreeNode[];
}

/** All of it. JSON as it is; text by `String(tree)`. */
export interface TaskTree {
  /** Of this shape. */
  readonly version: 1;
  /** Tasks in it, omitted ones too. */
  readonly tasks: number;
  /** Groups, tasks and calls that were left out, since there were too many. */
  readonly omitted: number;
  readonly roots: readonly TaskTreeNode[];
  toString(): string;
}

/** How much is shown. */
export interface TaskTreeOptions {
  /** Groups, tasks and calls at most. Default 5,000. */
  readonly limit?: number | undefined;
}

/** The tasks of this process, with their groups and calls, as they are now. Those of another copy of the library are not in it. O(what runs and waits). */
export function taskTree(options?: TaskTreeOptions): TaskTree {
  return new Tree(options?.limit ?? 5000);
}

class Tree implements TaskTree {
  readonly version = 1 as const;
  tasks: number = 0;
  omitted: number = 0;
  readonly roots: readonly TaskTreeNode[];
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
    this.roots = registry().runtimes.flatMap(({ root }) => (root instanceof Scope ? this.#below(root) : []));
  }

  #below(scope: Scope): TaskTreeNode[] {
    return kidsOf(scope).flatMap((kid) => {
      if (!(kid instanceof Scope)) return [];
      // A signal of somebody else is a place in the tree, and nobody's doing.
      if (kid.name === "signal" && !("signal" in kid)) return this.#below(kid);
      if (this.#left <= 0) return this.#omit(kid);
      this.#left--;
      return [this.#node(kid)];
    });
  }

  #node(scope: Scope): TaskTreeNode {
    const task = isTask(scope) ? scope : undefined;
    if (task !== undefined) this.tasks++;
    const deadline = scope instanceof ContextScope ? scope.deadline : Infinity;
    return {
      kind: task === undefined ? ("spawn" in scope ? "group" : "call") : "task",
      id: task?.id,
      name: scope.name,
      state: task?.state,
      age: task?.batch === undefined ? undefined : now() - task.batch.at,
      waitsFor: kidsOf(scope).flatMap((kid) => (kid instanceof Waiter ? [kid.kind] : [])),
      timeLeft: deadline === Infinity ? undefined : deadline - now(),
      cancelled: cancellationOf(scope),
      sawSignal: (scope.bits & SAW_SIGNAL) !== 0,
      spawnedAt: scope.site,
      children: this.#below(scope),
    };
  }

  /** Counted, and not shown. */
  #omit(scope: Scope): never[] {
    const rest: Link[] = [scope];
    for (const link of rest) {
      if (!(link instanceof Scope)) continue;
      this.omitted++;
      if (isTask(link)) this.tasks++;
      for (const kid of kidsOf(link)) rest.push(kid);
    }
    return [];
  }

  toString(): string {
    if (this.roots.length === 0) return "no tasks";
    const lines = this.roots.flatMap((root) => linesOf(root, "", ""));
    if (this.omitted > 0) lines.push(`and ${this.omitted} more groups, tasks and calls`);
    return lines.join("\n");
  }
}

function cancellationOf(scope: Scope): TaskTreeNode["cancelled"] {
  const reason = scope.ownReason();
  if (reason === undefined) return undefined;
  const by = readProperty(reason, "by");
  return {
    // Holds: what has a kind is a CancelledError.
    kind: readProperty(reason, "kind") as CancelKind | undefined,
    by: typeof by === "string" ? by : undefined,
    message: String(readProperty(reason, "message")),
  };
}

/** The lines of a node and all below it; `first` begins its own, `rest` the others. */
export function linesOf(node: TaskTreeNode, first: string, rest: string): string[] {
  const lines = [`${first}${lineOf(node)}`];
  for (const [index, child] of node.children.entries()) {
    const isLast = index === node.children.length - 1;
    lines.push(...linesOf(child, `${rest}${isLast ? "└─ " : "├─ "}`, `${rest}${isLast ? "   " : "│  "}`));
  }
  return lines;
}

function lineOf({ kind, name, state, age, waitsFor, timeLeft, cancelled, sawSignal, spawnedAt }: TaskTreeNode): string {
  const parts = [`${kind} ${JSON.stringify(name)}`];
  if (state !== undefined) parts.push(age === undefined ? state : `${state} for ${durationText(age)}`);
  if (waitsFor.length > 0) parts.push(`waits for ${waitsFor.join(", ")}`);
  if (timeLeft !== undefined) parts.push(timeLeft < 0 ? "past its deadline" : `${durationText(timeLeft)} left`);
  if (cancelled !== undefined) {
    parts.push(
      `cancelled: ${cancelled.message}${cancelled.by === undefined ? "" : ` (by ${cancelled.by.replace(/^at /u, "")})`}`,
    );
    if (kind === "task" && !sawSignal) parts.push("never looked at its signal");
  }
  if (spawnedAt !== undefined) parts.push(`spawned ${spawnedAt}`);
  return oneLine(parts.join(", "));
}
