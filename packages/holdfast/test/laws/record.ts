/**
 * What a program did, as far as one can see it from outside: which functions were called, when and how each ended, what each call of the library came to, and which
 * scope was cancelled first, for what. The tree of scopes is built anew here, from who called whom: only each scope's own reason is asked of the library.
 */
import type { TaskGroup, Task } from "holdfast";
import type { Scope } from "holdfast/lowlevel";
import type { ShuffledClock } from "./shuffled-clock.ts";

/** A failure that a program made. */
export class LawError extends Error {
  override readonly name = "LawError";
}

/** A scope, and the scopes above it as the program has nested them. */
export class Place {
  readonly scope: Scope;
  readonly parent: Place | undefined;
  readonly isShielded: boolean;
  readonly madeAt: number;
  /** Of the scope itself, as it was first seen; and when. */
  seen: object | undefined = undefined;
  seenAt: number = Infinity;
  seenTurn: number = Infinity;

  constructor(scope: Scope, parent: Place | undefined, isShielded: boolean, madeAt: number) {
    this.scope = scope;
    this.madeAt = madeAt;
    this.parent = parent;
    this.isShielded = isShielded;
  }

  /** It and those above it, as far as a cancellation comes down to it. */
  *visible(): Generator<Place> {
    for (let at: Place | undefined = this; at !== undefined; at = at.isShielded ? undefined : at.parent) yield at;
  }

  /** The nearest that is cancelled. */
  cancelled(): Place | undefined {
    for (const place of this.visible()) if (place.scope.ownReason() !== undefined) return place;
    return undefined;
  }

  reason(): object | undefined {
    return this.cancelled()?.scope.ownReason();
  }

  /** The reason of this very scope, unless it has it from above. */
  own(): object | undefined {
    const reason = this.scope.ownReason();
    for (let at = this.parent; at !== undefined; at = at.parent) if (at.scope.ownReason() === reason) return undefined;
    return reason;
  }

  /** How it was cancelled itself. */
  kind(): unknown {
    return fields(this.own()).kind;
  }
}

export type FrameKind = "body" | "task" | "service" | "start" | "cleanup" | "entry" | "item";

/** One function of the program that the library was given. */
export interface Frame {
  readonly id: number;
  readonly kind: FrameKind;
  readonly call: Call;
  calls: number;
  place: Place | undefined;
  /** The library refused it, by an error. */
  isRefused: boolean;
  hasEnded: boolean;
  isOk: boolean;
  error: unknown;
  value: unknown;
  order: number;
  startAt: number;
  startTurn: number;
  endAt: number;
  endTurn: number;
  /** When it first looked at its signal. */
  lookedAt: number;
  /** Its signal itself was handed out. */
  tookSignal: boolean;
  /** Its group was cancelled before it was spawned. */
  wasCancelled: boolean;
  handle: Task<unknown> | undefined;
  /** Of a start: whether it said so. */
  isReady: boolean;
  /** Of a start: it was cancelled before it was called, and nobody waits for it. */
  isGivenUp: boolean;
  limit: number | undefined;
  verdict: Verdict;
  /** Two things happened in the same turn, and either may have come first. */
  isUnsure: boolean;
}

export type Verdict =
  | "unsettled"
  | "ok"
  /** A failure, and one that the library makes of it: the function was cut short by its own deadline. */
  | "failure"
  | "timeout"
  /** Cut short: alone, or with what is around it. */
  | "alone"
  | "echo"
  /** It ended after its owner had given it up. */
  | "late";

export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/** One call of the library that is given functions. */
export interface Call {
  readonly id: number;
  readonly api: string;
  /** What it follows. */
  readonly parent: Place;
  readonly grace: number | undefined;
  readonly timeout: number | undefined;
  readonly cleanupGrace: number;
  readonly startAt: number;
  readonly startTurn: number;
  /** Its signal was aborted already. */
  readonly wasCancelled: boolean;
  readonly frames: Frame[];
  place: Place | undefined;
  group: TaskGroup | undefined;
  /** The first cleanup has started. */
  isClosing: boolean;
  outcome: Outcome | undefined;
  endAt: number;
  endTurn: number;
  /** Failures that went to `onTaskError`. */
  readonly hooked: unknown[];
  /** In which turns the program cancelled it, or it had to cancel itself. */
  readonly causes: { readonly kind: string; readonly turn: number; readonly cause: unknown; readonly frame?: Frame }[];
}

export interface Violation {
  readonly law: number;
  readonly message: string;
}

/** Somebody who listens for an abort. */
export interface Listening {
  readonly place: Place;
  calls: number;
  isOver: boolean;
}

/** Work that an abort from outside reaches later. */
export interface Shielding {
  readonly place: Place;
  readonly outer: Place | undefined;
  readonly grace: number;
  readonly since: number;
  isOver: boolean;
}

interface Fields {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly kind?: unknown;
  readonly layer?: unknown;
}

export function fields(error: unknown): Fields {
  return typeof error === "object" && error !== null ? error : {};
}

/** R11, for one or more reasons. */
function reports(error: unknown, reasons: readonly unknown[]): boolean {
  if (reasons.includes(error)) return true;
  const { name, code, cause, errors } = fields(error);
  if (name === "AbortError" || name === "TimeoutError" || code === "ERR_TASK_CANCELLED")
    return cause !== undefined && reports(cause, reasons);
  return Array.isArray(errors) && errors.length > 0 && errors.every((inner: unknown) => reports(inner, reasons));
}

/** Whose cancellation `error` only reports, seen from `place`. */
export function echoOf(error: unknown, place: Place, isHandedOut = true): Place | undefined {
  const cancelled = [...place.visible()].filter(({ scope }) => scope.ownReason() !== undefined);
  for (const at of cancelled) if (reports(error, [at.scope.ownReason()])) return at;
  const reasons = cancelled.map(({ scope }) => scope.ownReason());
  if (reports(error, reasons)) return cancelled[0];
  return isHandedOut && isBare(error) ? cancelled[0] : undefined;
}

/** An AbortError as older libraries throw it, which is not itself the reason of something that `place` can see, or of what is around that. */
export function isForeign(error: unknown, place: Place): boolean {
  if (!isBare(error)) return false;
  const visible = [...place.visible(), ...(place.parent?.visible() ?? [])];
  return visible.every(({ scope }) => scope.ownReason() !== error);
}

/** An AbortError without a cause. */
function isBare(error: unknown): boolean {
  const { name, cause } = fields(error);
  return name === "AbortError" && cause === undefined;
}

interface Limits {
  readonly grace?: number;
  readonly timeout?: number;
  readonly cleanupGrace?: number;
}

/** What is noted of one run of a program. */
export class Record {
  readonly clock: ShuffledClock;
  readonly violations: Violation[] = [];
  readonly frames: Frame[] = [];
  readonly calls: Call[] = [];
  readonly listening: Listening[] = [];
  readonly shielding: Shielding[] = [];
  readonly late: unknown[] = [];
  readonly expectedLate: unknown[] = [];
  /** What may have been late, or not. */
  readonly unsure: Set<unknown> = new Set();
  readonly #places: Map<Scope, Place> = new Map();
  #order: number = 0;
  /** Promises of the library that the program waits for. */
  waiting: number = 0;

  constructor(clock: ShuffledClock) {
    this.clock = clock;
  }

  broken(law: number, message: string): void {
    this.violations.push({ law, message: `${this.clock.now()} ms: ${message}` });
  }

  place(scope: Scope, parent: Place | undefined, isShielded = false): Place {
    let place = this.#places.get(scope);
    if (place === undefined) this.#places.set(scope, (place = new Place(scope, parent, isShielded, this.clock.now())));
    return place;
  }

  call(api: string, parent: Place, limits: Limits): Call {
    const call: Call = {
      id: this.calls.length,
      api,
      parent,
      grace: limits.grace,
      timeout: limits.timeout,
      cleanupGrace: limits.cleanupGrace ?? 5000,
      startAt: this.clock.now(),
      startTurn: this.clock.turns,
      wasCancelled: parent.cancelled() !== undefined,
      frames: [],
      place: undefined,
      group: undefined,
      isClosing: false,
      outcome: undefined,
      endAt: Infinity,
      endTurn: Infinity,
      hooked: [],
      causes: [],
    };
    this.calls.push(call);
    return call;
  }

  frame(kind: FrameKind, call: Call, limit?: number): Frame {
    const frame: Frame = {
      id: this.frames.length,
      kind,
      call,
      calls: 0,
      place: undefined,
      isRefused: false,
      hasEnded: false,
      isOk: false,
      error: undefined,
      value: undefined,
      order: Infinity,
      startAt: Infinity,
      startTurn: Infinity,
      endAt: Infinity,
      endTurn: Infinity,
      lookedAt: Infinity,
      tookSignal: false,
      wasCancelled: call.place?.cancelled() !== undefined,
      handle: undefined,
      isReady: false,
      isGivenUp: false,
      limit,
      verdict: "unsettled",
      isUnsure: false,
    };
    this.frames.push(frame);
    call.frames.push(frame);
    return frame;
  }

  /** The library calls `frame`'s function. */
  started(frame: Frame): void {
    frame.calls++;
    if (frame.calls > 1) this.broken(9, `function ${frame.id} (${frame.kind}) was called ${frame.calls} times`);
    if (frame.call.outcome !== undefined)
      this.broken(1, `function ${frame.id} (${frame.kind}) was called after its ${frame.call.api} had settled`);
    frame.startAt = this.clock.now();
    frame.startTurn = this.clock.turns;
  }

  ended(frame: Frame): void {
    frame.hasEnded = true;
    frame.order = ++this.#order;
    frame.endAt = this.clock.now();
    frame.endTurn = this.clock.turns;
  }

  /** Whether what became of `call` hangs on which of two things in the same turn came first: then it is not judged. */
  isUnsure(call: Call): boolean {
    for (const frame of call.frames) {
      const { place, verdict, error, endTurn } = frame;
      // What was decided a moment after it had ended may have seen a cancellation of the same turn.
      const outside = [...(place?.parent?.visible() ?? [])];
      const isTold = place !== undefined && isForeign(error, place);
      const above = isTold ? [...place.visible(), ...outside] : verdict === "timeout" ? outside : [];
      if (above.some(({ seenTurn }) => seenTurn === endTurn)) frame.isUnsure = true;
    }
    if (!call.frames.some(({ isUnsure }) => isUnsure)) return false;
    for (const { error } of call.frames) this.unsure.add(error);
    return true;
  }

  /** Since when `place` is cancelled; Infinity while it is not. What is above may have been so before it had a reason of its own. */
  cancelledAt(place: Place | undefined): number {
    return this.#since(place, ({ seenAt }) => Math.min(seenAt, this.clock.now()));
  }

  /** As {@link cancelledAt}, in turns. */
  cancelledTurn(place: Place | undefined): number {
    return this.#since(place, ({ seenTurn }) => Math.min(seenTurn, this.clock.turns));
  }

  #since(place: Place | undefined, seen: (place: Place) => number): number {
    let since = Infinity;
    for (const at of place?.visible() ?? []) if (at.scope.ownReason() !== undefined) since = Math.min(since, seen(at));
    return since;
  }

  /** What has just become true of every scope. Called when everything that was ready has run. */
  look(): void {
    const at = this.clock.now();
    for (const place of this.#places.values()) {
      const reason = place.scope.ownReason();
      if (reason === place.seen) continue;
      if (place.seen !== undefined) this.broken(7, `the reason of "${place.scope.name}" has changed`);
      place.seen = reason;
      place.seenAt = at;
      place.seenTurn = this.clock.turns;
      // A foreign reason has no time.
      const told = fields(reason) as { readonly code?: unknown; readonly at?: unknown };
      const wasBefore = typeof told.at === "number" && told.at < place.madeAt;
      if (
        told.code === "ERR_CANCELLED" &&
        !wasBefore &&
        place.parent !== undefined &&
        told.at !== at &&
        !this.#isFromAbove(place)
      )
        this.broken(7, `the reason of "${place.scope.name}" says ${String(told.at)} ms, it was ${at}`);
    }
    for (const { place, calls, isOver } of this.listening) {
      if (isOver) continue;
      if (calls > 1) this.broken(12, `a listener of "${place.scope.name}" was called ${calls} times`);
      if (calls === 0 && place.cancelled() !== undefined)
        this.broken(12, `a listener of "${place.scope.name}", which is cancelled, was not called`);
    }
    for (const shield of this.shielding) this.#lookBehind(shield, at);
  }

  /** Whether it has the very reason of something else: a shield, or a start that followed its caller. */
  #isFromAbove(place: Place): boolean {
    for (const other of this.#places.values())
      if (other !== place && other.seen === place.seen && other.seenAt <= place.seenAt) return true;
    return false;
  }

  #lookBehind(shield: Shielding, at: number): void {
    if (shield.isOver) return;
    const { place, outer, grace, since } = shield;
    const from = outer === undefined ? since : Math.max(since, this.cancelledAt(outer));
    const reason = place.scope.ownReason();
    if (reason !== undefined && at < from + grace)
      this.broken(11, `"${place.scope.name}" was cancelled before its grace of ${grace} ms, which counts from ${from}`);
    if (reason === undefined && at > from + grace)
      this.broken(
        11,
        `"${place.scope.name}" was not cancelled after its grace of ${grace} ms, which counts from ${from}`,
      );
    if (reason !== undefined) shield.isOver = true;
    if (reason !== undefined && outer !== undefined && reason !== outer.reason())
      this.broken(7, `"${place.scope.name}" was cancelled with another reason than what is around it`);
  }
}
