/** The functions of a program between the library, which calls them, and the steps, which they take. */
import type { Context } from "holdfast";
import { Scope, scopeOf } from "holdfast/lowlevel";
import type { Block, Fault, Link, Step } from "./program.ts";
import { type Call, echoOf, type Frame, isForeign, LawError, type Outcome, type Place, type Record } from "./record.ts";

/** What a context and a group have in common, with what only a context has. */
interface Looking {
  readonly signal: AbortSignal;
  readonly cancelled: boolean;
  readonly sleep?: Context["sleep"];
}

/** What the steps of one function act in. */
export interface Env {
  readonly frame: Frame | undefined;
  readonly place: Place;
  readonly context: Looking;
  /** The groups around it, the innermost first. */
  readonly groups: readonly Call[];
  /** The tasks that it has spawned. */
  readonly tasks: Frame[];
}

export interface Foreign {
  readonly signal: AbortSignal;
  readonly place: Place;
}

/** What the steps of a program have in common: who they are, what they see, and what is noted of them. */
export abstract class World {
  readonly record: Record;
  readonly foreign: Foreign;
  #errors: number = 0;

  constructor(record: Record, signal: AbortSignal) {
    this.record = record;
    this.foreign = { signal, place: record.place(scopeOf(signal), undefined) };
  }

  fresh(what: string, cause?: unknown): LawError {
    const message = `${what} ${++this.#errors}`;
    return cause === undefined ? new LawError(message) : new LawError(message, { cause });
  }

  /** The signal of where a step is, which thereby has been looked at. */
  signal(env: Env): AbortSignal {
    if (env.frame !== undefined) {
      env.frame.lookedAt = Math.min(env.frame.lookedAt, this.record.clock.now());
      env.frame.tookSignal = true;
    }
    const { signal } = env.context;
    const reason = env.place.reason();
    if (signal.aborted !== (reason !== undefined) || (reason !== undefined && signal.reason !== reason))
      this.record.broken(
        env.place.isShielded || hasShield(env.place) ? 11 : 6,
        `the signal of "${env.place.scope.name}" is ${signal.aborted ? "aborted" : "alive"}, its scopes are not so, or for another reason`,
      );
    return signal;
  }

  follow(env: Env, link: Link): Foreign {
    return link === "foreign" ? this.foreign : { signal: this.signal(env), place: env.place };
  }

  /** Calls of a function of the program, by the library. `make` is given the scopes. */
  enter(frame: Frame, block: Block, makeEnv: () => Env, then?: () => Block): unknown {
    const { record } = this;
    const env = makeEnv();
    frame.place = env.place;
    record.started(frame);
    frame.isGivenUp = frame.kind === "start" && !frame.wasCancelled && env.place.cancelled() !== undefined;
    // Asked for in a cancelled group, for the sake of one that was cancelled too by the time it got a place: which of the two ended the start?
    if (frame.kind === "start" && frame.wasCancelled && env.place.cancelled() !== undefined) frame.isUnsure = true;
    const [first] = block.steps;
    if (!block.isSync || then !== undefined || (first !== undefined && first.do !== "throw"))
      return this.#enterAsync(frame, block, env, then);
    try {
      if (first?.do === "throw") this.throw(first.fault);
      return this.#returned(frame);
    } catch (error) {
      this.#threw(frame, error);
      throw error;
    }
  }

  async #enterAsync(frame: Frame, block: Block, env: Env, then: (() => Block) | undefined): Promise<unknown> {
    try {
      await this.steps(block, env);
      if (then !== undefined) await this.steps(then(), env);
    } catch (error) {
      this.#threw(frame, error);
      throw error;
    }
    return this.#returned(frame);
  }

  #returned(frame: Frame): unknown {
    this.record.ended(frame);
    frame.isOk = true;
    frame.value = `value ${frame.id}`;
    frame.verdict = this.#isLate(frame) ? "late" : "ok";
    return frame.value;
  }

  #threw(frame: Frame, error: unknown): void {
    this.record.ended(frame);
    frame.error = error;
    const { place } = frame;
    if (place === undefined) return;
    const echo =
      echoOf(error, place) ??
      (frame.kind === "service" && place.parent !== undefined ? echoOf(error, place.parent, false) : undefined);
    const { turns } = this.record.clock;
    // As an older library would throw it, who can have it only from the signal.
    if (isForeign(error, place) && (!frame.tookSignal || frame.kind === "service")) frame.isUnsure = true;
    // Cancelled by whom it waited for, with the very reason of what is around it: which of the two came first, nobody can see.
    if (frame.kind === "start" && place.scope.ownReason() !== place.own()) frame.isUnsure = true;
    // What is decided a moment later may see a cancellation that this does not.
    for (const above of place.visible())
      if (above.seenTurn === Infinity && above.scope.ownReason() !== undefined)
        frame.isUnsure ||= isForeign(error, place);
    const isLate = this.#isLate(frame);
    if (frame.isUnsure) this.record.unsure.add(error);
    if (isLate) {
      frame.verdict = "late";
      // A service has no group any more whose abort it could report.
      if (echo === undefined || (frame.kind === "service" && echoOf(error, place) === undefined))
        this.record.expectedLate.push(error);
      return;
    }
    if (echo === undefined) frame.verdict = "failure";
    else if (echo !== place || frame.kind === "body") frame.verdict = "echo";
    else if (place.kind() !== "deadline" || frame.kind === "start")
      frame.verdict = frame.kind === "service" ? "echo" : "alone";
    else {
      const above = place.isShielded ? undefined : place.parent?.cancelled();
      frame.verdict = above === undefined ? "timeout" : "echo";
      if (above !== undefined && this.record.cancelledTurn(place.parent) >= turns) frame.isUnsure = true;
    }
    if (frame.kind === "task" || frame.kind === "service" || frame.kind === "start" || frame.kind === "body")
      if (frame.verdict === "failure" || frame.verdict === "timeout") this.#mayStop(frame, error);
  }

  /** A failure has to cancel its group. */
  #mayStop(frame: Frame, error: unknown): void {
    if (frame.kind === "start" && !frame.isReady && !frame.isGivenUp) return;
    frame.call.causes.push({ kind: "sibling", turn: this.record.clock.turns, cause: error, frame });
  }

  /** Whether its owner has given it up before. */
  #isLate(frame: Frame): boolean {
    const { call, handle, place } = frame;
    // Without a handle it has ended before spawn() returned.
    if (frame.kind === "task" || frame.kind === "service") return handle?.state === "abandoned";
    if (call.outcome !== undefined) return true;
    if (frame.kind === "cleanup" || place === undefined) return false;
    const now = this.record.clock.now();
    const from = this.#stopsAt(frame);
    const mayGiveUp = call.grace !== undefined || GIVING_UP.has(call.api);
    if (from === Infinity || !mayGiveUp || call.grace === Infinity) return false;
    // Either the grace is known, or it is one of two, by whether the work has looked at its signal.
    const graces = call.grace === undefined ? [0, 1000] : [call.grace];
    if (graces.some((grace) => now === from + grace)) frame.isUnsure = true;
    const grace = call.grace ?? (frame.lookedAt < from ? 1000 : 0);
    if (call.grace === undefined && frame.lookedAt === from) frame.isUnsure = true;
    // The grace of one that waited for a place counts anew.
    if (frame.kind === "start" && now >= from + grace) frame.isUnsure = true;
    return now > from + grace;
  }

  /** From when on the grace of a frame counts. */
  #stopsAt({ kind, call, place, startAt, limit }: Frame): number {
    if (kind === "body" && call.grace === undefined) return Infinity;
    if (call.api === "timeout" || kind === "item") return startAt + (limit ?? Infinity);
    return this.record.cancelledAt(place);
  }

  async steps(block: Block, env: Env): Promise<void> {
    for (const step of block.steps) {
      await this.step(step, env);
      this.#lookAround(env);
    }
  }

  /** What is inside has neither hidden nor fired what is outside. */
  #lookAround(env: Env): void {
    if (env.frame === undefined || env.frame.lookedAt === Infinity) return;
    this.signal(env);
    if (env.context.cancelled !== (env.place.cancelled() !== undefined))
      this.record.broken(
        6,
        `"${env.place.scope.name}" says cancelled: ${String(env.context.cancelled)}, its scopes do not`,
      );
  }

  /** Time that no signal ends. */
  work(ms: number): Promise<void> {
    return new Promise((resolve) => this.record.clock.setTimer(resolve, ms));
  }

  /** A promise of the library's, which must settle. */
  async wait<T>(promise: PromiseLike<T>): Promise<T> {
    this.record.waiting++;
    try {
      return await promise;
    } finally {
      this.record.waiting--;
    }
  }

  /** Waits for a call, notes what became of it, and has it judged. */
  async settle(call: Call, run: () => PromiseLike<unknown>, judge: () => void): Promise<unknown> {
    let outcome: Outcome;
    try {
      outcome = { ok: true, value: await this.wait(run()) };
    } catch (error) {
      outcome = { ok: false, error };
    }
    call.outcome = outcome;
    call.endAt = this.record.clock.now();
    call.endTurn = this.record.clock.turns;
    this.record.look();
    judge();
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  abstract step(step: Step, env: Env): Promise<void>;

  abstract throw(fault: Fault): void;
}

/** What has a grace by default. */
const GIVING_UP: ReadonlySet<string> = new Set(["timeout", "race", "any", "items"]);

/** Whether a group may have closed: nobody who was not given up is in it. */
export function mayHaveClosed(call: Call): boolean {
  if (call.isClosing || call.outcome !== undefined) return true;
  return call.frames.every(
    ({ kind, hasEnded, isRefused, handle }) =>
      hasEnded ||
      isRefused ||
      kind === "cleanup" ||
      handle?.state === "abandoned" ||
      ((kind === "body" || kind === "start") && call.grace !== undefined),
  );
}

export function at<T>(list: readonly T[], index: number): T | undefined {
  return list.length === 0 ? undefined : list[index % list.length];
}

function hasShield(place: Place): boolean {
  return [...place.visible()].some(({ isShielded }) => isShielded);
}

/** What the library gives to functions are its scopes. */
export function asScope(context: object): Scope {
  if (context instanceof Scope) return context;
  throw new TypeError("a context is no scope");
}
