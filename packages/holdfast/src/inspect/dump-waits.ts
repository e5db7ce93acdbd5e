/**
 * The waits of a dump, sorted by who waits. The same wait is met several times, from each promise that it leads to, and is listed once.
 */
import { now } from "../core/lowlevel.ts";
import type { ForeignWait } from "./dump-foreign.ts";
import type { Piece } from "./dump-stacks.ts";
import type { Ends } from "./lost-ends.ts";
import type { DumpedStack, DumpedWait } from "./process-dump.ts";
import type { TreeScope, TreeWait } from "./tree.ts";

/** What is not known, or not so, of a wait. */
const NOTHING: Omit<DumpedWait, "kind" | "stack" | "count"> = {
  what: undefined,
  task: undefined,
  resource: undefined,
  timeLeft: undefined,
  hasSignal: false,
  seenBefore: 0,
  seenFor: undefined,
  isLost: false,
};

/** Waits of one owner that have been listed, by kind, target and stack. */
type Waits = Map<string, { -readonly [K in keyof DumpedWait]: DumpedWait[K] }>;

export class WaitTable {
  readonly #scopes: readonly TreeScope[];
  /** Who waits for a scope as a whole is met from each that it waits for; whatever else, only from itself. */
  readonly #stacks: { frames: readonly string[]; count: number }[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #owned: readonly Waits[];
  readonly #outside: Waits = new Map();
  readonly #awaitedAt = new Map<number, readonly string[]>();
  readonly #resources: readonly object[];
  readonly #holds: readonly Set<number>[];
  readonly #lost: ReadonlySet<TreeWait>;

  constructor(scopes: readonly TreeScope[], resources: readonly object[], { lost, takers }: Ends) {
    this.#lost = lost;
    this.#scopes = scopes;
    this.#resources = resources;
    this.#holds = scopes.map(({ semaphore }) => new Set(semaphore === undefined ? [] : this.#idsOf(semaphore)));
    this.#owned = scopes.map(() => new Map());
    const indexes = new Map(scopes.map((scope, index) => [scope, index]));
    for (const [id, resource] of resources.entries())
      for (const taker of takers.get(resource) ?? []) {
        // Holds: a permit has nothing else there. A call that has settled, `timeout(…, acquire)`, has left it to its task; a task that has settled, to nobody knows whom.
        let at: TreeScope | undefined = taker as TreeScope;
        while (at !== undefined && !indexes.has(at)) at = at.state === undefined ? at.parent : undefined;
        const index = at === undefined ? undefined : indexes.get(at);
        if (index !== undefined) this.#holds[index]?.add(id);
      }
  }

  /** A waiter of ours, and who waits for it. `owner`: what its signal belongs to. */
  addWait(wait: TreeWait, owner: number | undefined, pieces: readonly Piece[]): void {
    const [first] = pieces;
    // Without a stack it is known by its signal alone; with one, by who waits.
    const at = first?.target === undefined ? (first?.owner ?? owner) : owner;
    const frames = first?.target === undefined ? (first?.frames ?? []) : [];
    // Who runs in a task and passes no signal waits below nobody.
    const { kind } = wait;
    const timeLeft = kind === "sleep" && wait.at !== undefined ? Math.max(0, wait.at - now()) : undefined;
    const [resource] = this.#idsOf(wait.resource);
    const hasSignal = owner !== undefined;
    const isLost = this.#lost.has(wait);
    const found = { ...NOTHING, kind, what: whatOf(wait), task: wait.task?.id, resource, timeLeft, hasSignal, isLost };
    this.#add(at, found, frames, true);
    this.addEnd(pieces);
  }

  /** What waits for a task or a group as a whole. */
  addEnd(pieces: readonly Piece[]): void {
    for (const { owner, target, frames, holds } of pieces) {
      if (owner !== undefined) for (const resource of holds) this.#holds[owner]?.add(resource);
      const scope = target === undefined || target === owner ? undefined : this.#scopes[target];
      if (target === undefined || scope === undefined) continue;
      if (owner === undefined) this.#awaitedAt.set(target, frames);
      else {
        const kind = scope.state === undefined ? ("spawn" in scope ? "tasks" : "call") : "join";
        this.#add(owner, { ...NOTHING, kind, what: nameOf(scope), task: scope.id, hasSignal: true }, frames, false);
      }
    }
  }

  /** An await of a promise that is none of ours. */
  addForeign({ pieces, seenFor }: ForeignWait): void {
    const wait = { ...NOTHING, kind: "promise", seenBefore: seenFor === undefined ? 0 : 1, seenFor };
    this.#add(pieces[0]?.owner, wait, pieces[0]?.frames ?? [], true);
    this.addEnd(pieces);
  }

  #add(
    owner: number | undefined,
    wait: Omit<DumpedWait, "stack" | "count">,
    frames: readonly string[],
    counts: boolean,
  ): void {
    const waits = owner === undefined ? this.#outside : this.#owned[owner];
    const key = `${wait.kind}\n${wait.what ?? ""}\n${wait.resource ?? ""}\n${wait.isLost}\n${frames.join("\n")}`;
    const known = waits?.get(key);
    if (known === undefined) waits?.set(key, { ...wait, stack: this.#stackOf(frames), count: 1 });
    else if (counts) {
      known.count++;
      known.seenBefore += wait.seenBefore;
      if (wait.seenFor !== undefined) known.seenFor = Math.max(known.seenFor ?? 0, wait.seenFor);
      this.#stackOf(frames);
    }
  }

  #stackOf(frames: readonly string[]): number | undefined {
    if (frames.length === 0) return undefined;
    const key = frames.join("\n");
    let index = this.#indexes.get(key);
    if (index === undefined) this.#indexes.set(key, (index = this.#stacks.push({ frames, count: 0 }) - 1));
    const stack = this.#stacks[index];
    if (stack !== undefined) stack.count++;
    return index;
  }

  hasStack(index: number): boolean {
    return [...(this.#owned[index]?.values() ?? [])].some(({ stack }) => stack !== undefined);
  }

  waitsOf(index: number): readonly DumpedWait[] {
    return [...(this.#owned[index]?.values() ?? [])];
  }

  holdsOf(index: number): readonly number[] {
    return [...(this.#holds[index] ?? [])];
  }

  /** None or one. */
  #idsOf(resource: object | undefined): readonly number[] {
    const index = resource === undefined ? -1 : this.#resources.indexOf(resource);
    return index < 0 ? [] : [index];
  }

  awaitedAt(index: number): readonly string[] {
    return this.#awaitedAt.get(index) ?? [];
  }

  outside(): readonly DumpedWait[] {
    return [...this.#outside.values()].toSorted((left, right) => right.count - left.count);
  }

  stacks(): readonly DumpedStack[] {
    return this.#stacks;
  }
}

function nameOf(scope: TreeScope): string {
  return scope.id === undefined ? `"${scope.name}"` : `task ${scope.id} "${scope.name}"`;
}

function whatOf({ task, resource }: TreeWait): string | undefined {
  if (task !== undefined) return `task ${task.id}`;
  if (resource === undefined) return undefined;
  const name: unknown = Reflect.get(resource, "name");
  const kind = resource.constructor.name;
  return typeof name === "string" ? `${kind} "${name}"` : kind;
}
