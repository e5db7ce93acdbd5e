/**
 * The cancellation tree. Everything that runs or waits is a link in the list of the scope that owns it: tasks, groups and operations are scopes
 * themselves, waiters (a sleep, an `abortable`) are leaves. A foreign AbortSignal enters through one bridge, with one listener on it
 * however many operations it governs, present only while it governs any.
 *
 *   root ── bridge(foreign signal) ── operation ── waiter
 *      └─── group ── task ── group ── …
 *
 * Cancelling marks a scope, then tells every link below it, once each, without recursion. To ask, one walks up: the nearest mark is the reason.
 * Controllers are made when somebody looks at `signal`.
 *
 * Invariants
 * - CANCEL-1: a scope's reason is set once and never changes; below a cancelled scope nothing gets a reason of its own later.
 * - CANCEL-2: a link is in exactly one list while it is attached; detaching the last one of a bridge removes its listener.
 * - CANCEL-3: a scope that has settled takes no new links: they go to its nearest ancestor that has not, or, past a shield, to the root, where they see as little.
 */
import { type AbandonedTask, CancelledError, fieldsOf, isEchoOf, reasonFrom, type CancelKind } from "./errors.ts";
import type { Timer } from "./clock.ts";
import { probe } from "./probe.ts";
import { ownerOf, registry } from "./registry.ts";
import { version } from "./version.ts";

/** A place in the list of a scope. Rings: the last one's `next` is the first. */
export abstract class Link {
  parent: Scope;
  prev: Link;
  next: Link;
  /** The first of the ring below. */
  kids: Link | undefined;

  constructor(parent: Scope | undefined) {
    // Holds for every link but the root, which is made once, below, and whose parent nobody walks to: loops stop there.
    this.parent = parent as Scope;
    this.prev = this;
    this.next = this;
    this.kids = undefined;
  }

  /** A scope above was cancelled, for `reason`. */
  abstract deliver(reason: object): void;
}

/** In `Scope.bits`, from here up; the lowest three hold a task's state. */
export const SAW_SIGNAL = 8;
export const SETTLED = 16;
/** A cancellation has been delivered. */
export const CANCELLED = 32;
export const ABANDONED = 64;
/** The grace of an operation is running. */
export const STOPPING = 128;
/** It is in no list until something hangs below it: for what lives too short to be seen. Only below the root, which is never cancelled. */
export const UNLISTED = 4096;
/** What is above is not followed: neither its reason nor its deadline. */
export const SHIELDED = 256;

/** One who waits for a task to settle. */
export interface Joining extends Link {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  leave(): void;
  markHandled(): void;
}

/** What few scopes need: made when the first of it is. */
export class Cold {
  reason: object | undefined = undefined;
  kind: CancelKind | undefined = undefined;
  controller: AbortController | undefined = undefined;
  /** Its own, without those above. */
  deadline: number = Infinity;
  /** That of a task's own deadline. */
  timer: Timer | undefined = undefined;
  site: string | undefined = undefined;
  /** Work below that was abandoned when this was cancelled. */
  unresponsive: AbandonedTask[] | undefined = undefined;
  /** The group of a task that was abandoned: its parent is what has taken it over. */
  owner: Scope | undefined = undefined;
  /** Who waits for a task, beside the first. */
  joiners: Set<Joining> | undefined = undefined;
}

export abstract class Scope extends Link {
  bits: number;
  cold: Cold | undefined;

  constructor(parent: Scope | undefined) {
    super(parent);
    this.bits = 0;
    this.cold = undefined;
  }

  abstract get name(): string;

  /** Where it was started, if that was recorded. */
  get site(): string | undefined {
    return this.cold?.site;
  }

  /** The reason of this very scope, if it was cancelled itself. */
  ownReason(): object | undefined {
    return this.cold?.reason;
  }

  /** A point in time of its own; Infinity without one. */
  ownDeadline(): number {
    return this.cold?.deadline ?? Infinity;
  }

  deliver(reason: object): void {
    this.bits |= CANCELLED;
    this.cold?.controller?.abort(reason);
  }

  /** What is above a shielded scope was cancelled. */
  outerCancelled(_reason: object): void {}

  /** The last link below has left. */
  emptied(): void {}
}

/** Everything that has no other owner. */
class Root extends Scope {
  override get name(): string {
    return "root";
  }
}

let rootScope: Root | undefined;

/** The top of this copy's tree. Registered for tools with the first thing that runs, not by an import. */
export function root(): Scope {
  if (rootScope === undefined) {
    rootScope = new Root(undefined);
    registry().runtimes.push({ version, root: rootScope });
  }
  return rootScope;
}

/** Where a foreign signal enters the tree. */
class Bridge extends Scope {
  readonly #source: AbortSignal;
  readonly #deadline: number;
  #reason: object | undefined = undefined;

  constructor(source: AbortSignal) {
    super(root());
    this.#source = source;
    // The owner is a scope of another copy of this package, or nothing.
    const { deadline } = (ownerOf(source) ?? {}) as { deadline?: unknown };
    this.#deadline = typeof deadline === "number" ? deadline : Infinity;
  }

  override get name(): string {
    return "signal";
  }

  override ownDeadline(): number {
    return this.#deadline;
  }

  /** Read from the signal itself: our listener may be behind one that asks. */
  override ownReason(): object | undefined {
    if (!this.#source.aborted) return undefined;
    return (this.#reason ??= reasonFrom(this.#source.reason, this.name));
  }

  attached(): void {
    append(root(), this);
    // One that is aborted says no more.
    if (!this.#source.aborted) this.#source.addEventListener("abort", this);
  }

  override emptied(): void {
    this.#source.removeEventListener("abort", this);
    detach(this);
  }

  handleEvent(): void {
    const reason = this.ownReason();
    if (reason !== undefined) spread(this, reason);
  }
}

let bridges: WeakMap<AbortSignal, Bridge> | undefined;

/** The scope that `signal` belongs to: its owner if it is one of ours, else its bridge; the root without one. @throws {TypeError} for what is no AbortSignal. */
export function scopeOf(signal: AbortSignal | undefined): Scope {
  if (signal === undefined) return root();
  if (typeof signal?.addEventListener !== "function" || typeof signal.aborted !== "boolean")
    throw new TypeError(`signal must be an AbortSignal, got ${signal === null ? "null" : typeof signal}`);
  const owner = ownerOf(signal);
  if (owner instanceof Scope) return owner;
  bridges ??= new WeakMap();
  let bridge = bridges.get(signal);
  if (bridge === undefined) bridges.set(signal, (bridge = new Bridge(signal)));
  return bridge;
}

/** What hangs below `link` now, in the order in which it came. */
export function kidsOf(link: Link): Link[] {
  const kids: Link[] = [];
  const first = link.kids;
  for (let kid = first; kid !== undefined; kid = kid.next === first ? undefined : kid.next) kids.push(kid);
  return kids;
}

export function coldOf(scope: Scope): Cold {
  return (scope.cold ??= new Cold());
}

function append(parent: Scope, link: Link): void {
  const first = parent.kids;
  if (first === undefined) {
    parent.kids = link;
    return;
  }
  link.next = first;
  link.prev = first.prev;
  first.prev.next = link;
  first.prev = link;
}

/** Puts `link` at the end of its parent's list, or of the nearest ancestor's that still runs: but nothing comes out of a shield. */
export function attach(link: Link): void {
  let parent = link.parent;
  if ((parent.bits & SETTLED) !== 0) {
    // Cancelled once, cancelled for good: also when the scope that was is out of reach. Of no kind: it is not its own.
    const reason = link instanceof Scope && (link.bits & SHIELDED) === 0 ? reasonOf(parent) : undefined;
    if (reason !== undefined) coldOf(link as Scope).reason ??= reason;
    while ((parent.bits & SETTLED) !== 0) parent = (parent.bits & SHIELDED) === 0 ? parent.parent : root();
    link.parent = parent;
  }
  if ((parent.bits & UNLISTED) !== 0) {
    parent.bits &= ~UNLISTED;
    attach(parent);
  }
  const wasEmpty = parent.kids === undefined;
  append(parent, link);
  if (wasEmpty && parent instanceof Bridge) parent.attached();
}

/** Takes `link` out of its list. It keeps its parent, to ask for reasons. */
export function detach(link: Link): void {
  const { parent, prev, next } = link;
  if (next === link) {
    if (parent.kids !== link) return;
    parent.kids = undefined;
    parent.emptied();
    return;
  }
  prev.next = next;
  next.prev = prev;
  if (parent.kids === link) parent.kids = next;
  link.prev = link.next = link;
}

/** Detaches a scope for good. What still hangs below it (nobody awaited it) goes to its parent, so that a cancellation still finds it, if it could before. */
export function retire(scope: Scope): void {
  scope.bits |= SETTLED;
  detach(scope);
  while (scope.kids !== undefined) {
    const link = scope.kids;
    detach(link);
    attach(link);
  }
}

/** Why `scope` is cancelled: the nearest reason from it upwards; undefined while it is not. */
export function reasonOf(scope: Scope): object | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const reason = at.ownReason();
    if (reason !== undefined) return reason;
    if ((at.bits & SHIELDED) !== 0) return undefined;
  }
  return undefined;
}

/** As {@link reasonOf}, of what is above `scope`; also when that has settled, and has left its reason here. */
export function outerReasonOf(scope: Scope): object | undefined {
  if (scope.cold?.kind === undefined && scope.cold?.reason !== undefined) return scope.cold.reason;
  return (scope.bits & SHIELDED) === 0 ? reasonOf(scope.parent) : undefined;
}

/** The earliest deadline from `scope` upwards, to the nearest shield. */
export function deadlineOf(scope: Scope): number {
  let nearest = Infinity;
  for (let at: Scope | undefined = scope; at !== undefined; at = (at.bits & SHIELDED) === 0 ? at.parent : undefined)
    nearest = Math.min(nearest, at.ownDeadline());
  return nearest;
}

/** Cancels `scope` and all below it, unless it or something above it was cancelled before. Synchronous; never waits. `by` is who did it, as far as that is known. */
export function cancel(scope: Scope, kind: CancelKind, message: string, cause?: unknown, by?: string): void {
  if (reasonOf(scope) !== undefined) return;
  cancelFor(scope, kind, new CancelledError(message, kind, scope.name, cause, by));
}

/** As {@link cancel}, for a reason that is there already. */
export function cancelFor(scope: Scope, kind: CancelKind, reason: object): void {
  if (reasonOf(scope) !== undefined || (scope.bits & SETTLED) !== 0) return;
  const cold = coldOf(scope);
  cold.kind = kind;
  cold.reason = reason;
  spread(scope, reason);
}

/** Tells all links below, parents first, in the order in which they came. The list is made before the first listener runs: listeners may change the tree. */
function spread(scope: Scope, reason: object): void {
  if (probe !== undefined) probe("cancel", scope);
  const reached: Link[] = [scope];
  const shielded: Scope[] = [];
  for (const link of reached)
    for (const kid of kidsOf(link))
      if (!(kid instanceof Scope)) reached.push(kid);
      else if ((kid.bits & SHIELDED) !== 0) shielded.push(kid);
      // One with a reason of its own has told those below it already.
      else if (kid.ownReason() === undefined) reached.push(kid);
  for (const link of reached) link.deliver(reason);
  for (const link of shielded) link.outerCancelled(reason);
}

/**
 * The scope whose cancellation `error` merely reports, seen from `scope`; undefined if it is a failure. An AbortError
 * without a cause counts when the signal that it must have come from was handed out and is aborted: older libraries make them.
 */
export function echoOf(error: unknown, scope: Scope): Scope | undefined {
  let nearest: Scope | undefined;
  let handedOut = false;
  const reasons: object[] = [];
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const reason = at.ownReason();
    if (nearest === undefined) handedOut ||= at.cold?.controller !== undefined || at instanceof Bridge;
    if (reason !== undefined) {
      nearest ??= at;
      if (isEchoOf(error, [reason])) return at;
      reasons.push(reason);
    }
    if ((at.bits & SHIELDED) !== 0) break;
  }
  if (nearest === undefined) return undefined;
  if (reasons.length > 1 && isEchoOf(error, reasons)) return nearest;
  const { name, cause } = fieldsOf(error);
  return handedOut && name === "AbortError" && cause === undefined ? nearest : undefined;
}
