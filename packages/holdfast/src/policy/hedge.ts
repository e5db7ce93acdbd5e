/**
 * Not waiting for the slowest: a second call when the first takes long.
 *
 * Invariants
 * - HEDGE-1: the next attempt starts when `delay` has passed since the one before, or at once when all that were started have failed; none starts once one has succeeded, or after a cancellation.
 * - HEDGE-2: when the promise settles, every attempt has settled, or was abandoned by its grace.
 *
 * @see Dean and Barroso, "The Tail at Scale" (CACM, 2013), hedged requests
 */
import { type AbandonOptions, type Awaitable, ErrorGroup, type Result } from "../core/index.ts";
import {
  type AttemptContext,
  attemptOnce,
  budgetedCallSite,
  cancel,
  checkCount,
  checkDuration,
  checkFunction,
  echoOf,
  type Limits,
  type Named,
  nameOf,
  Operation,
  type Plan,
  reasonOf,
  rejecting,
  reportLateError,
  type Scope,
  scopeOf,
  sleepUnder,
  suppress,
} from "../core/lowlevel.ts";

/** When, and how often, `hedge` starts another attempt. */
export interface HedgeOptions extends AbandonOptions {
  /** Milliseconds after which the next attempt starts, unless one has succeeded. Infinity: only when all that run have failed. What nine calls in ten need is a good value. */
  readonly delay: number;
  /** Calls at most, the first counted; 1 or more. Default 2. */
  readonly attempts?: number | undefined;
}

const WHOLE: Limits = { timeout: Infinity, layer: "timeout", grace: Infinity, graceFromCancel: true };

/** @throws {RangeError | TypeError} naming the option, the value and what it must be */
export function checkHedge(name: string, options: HedgeOptions): void {
  checkDuration("delay", options?.delay, 0, name);
  if (options.attempts !== undefined) checkCount("attempts", options.attempts, 1, name);
  if (options.grace !== undefined) checkDuration("grace", options.grace, 0, name);
}

/**
 * Calls `run`, and again when it has not succeeded after `delay` milliseconds, or at once when it has failed: at most `attempts` calls. Resolves with the first value. The other attempts are
 * then cancelled and waited for, as long as their `grace` lasts (default 1,000 ms, or 0 for one that never looked at its signal). For calls that may be made twice.
 *
 * Failures before the first value are tolerated; what the others throw after it goes to {@link onLateError}. When `signal` aborts, all attempts are cancelled, and its reason is thrown,
 * with what had failed in `suppressedErrors`.
 *
 * @throws {ErrorGroup} of all errors, in their order, when all attempts have failed
 * @throws {RangeError | TypeError} for options that can't be
 */
export function hedge<T>(run: (context: AttemptContext) => Awaitable<T>, options: HedgeOptions): Promise<T> {
  return rejecting(() => {
    checkFunction("hedge", run);
    checkHedge("hedge", options);
    return hedgeUnder(run, options, nameOf(options, run), scopeOf(options.signal), budgetedCallSite(hedge));
  });
}

/** {@link hedge} under a scope, with options that have been checked. */
export function hedgeUnder<T>(
  run: (context: AttemptContext) => Awaitable<T>,
  { delay, attempts = 2, grace }: HedgeOptions,
  named: Named,
  parent: Scope,
  site: string | undefined,
): Promise<T> {
  const reason = reasonOf(parent);
  if (reason !== undefined) throw reason;
  const limits: Limits = { timeout: Infinity, layer: "attempt", grace, graceFromCancel: true };
  const whole = new Operation<T>(parent, named, WHOLE, site);
  const plan: Plan<T> = { run, options: { retries: attempts - 1 }, named, limits, parent: whole, asker: undefined };
  return whole.start(() => new Hedge(plan, whole, delay, attempts).run());
}

class Hedge<T> {
  readonly #plan: Plan<T>;
  readonly #whole: Operation<T>;
  readonly #delay: number;
  readonly #attempts: number;
  readonly #failures: unknown[] = [];
  readonly #late: unknown[] = [];
  #running = 0;
  #failed = 0;
  #winner: Result<T> | undefined;
  /** The wait for the next attempt. */
  #pause: Operation<void> | undefined;

  constructor(plan: Plan<T>, whole: Operation<T>, delay: number, attempts: number) {
    this.#plan = plan;
    this.#whole = whole;
    this.#delay = delay;
    this.#attempts = attempts;
  }

  async run(): Promise<T> {
    await this.#start(1);
    const { name } = this.#whole;
    if (this.#winner?.ok === true) {
      for (const error of this.#late) reportLateError(error, name);
      return this.#winner.value;
    }
    const reason = reasonOf(this.#whole);
    // Real errors go first: when all have failed, nothing was cut short.
    if (reason === undefined || this.#failed === this.#attempts)
      throw new ErrorGroup(this.#failures, `all ${this.#attempts} attempts of ${name} failed`);
    suppress(reason, this.#failures, name);
    throw reason;
  }

  /** Settles when this attempt and all that follow it have. */
  async #start(attempt: number): Promise<void> {
    const entered = this.#enter(attempt);
    // By Promise.all: V8 follows it, so a stack from inside an attempt shows who waits for it.
    await Promise.all(attempt < this.#attempts ? [entered, this.#follow(attempt + 1)] : [entered]);
  }

  async #enter(attempt: number): Promise<void> {
    this.#running++;
    const result = await attemptOnce(this.#plan, attempt, this.#failures.at(-1));
    this.#running--;
    const whole = this.#whole;
    if (result.ok) {
      this.#winner ??= result;
      cancel(whole, "sibling", `${whole.name} was decided by attempt ${attempt}`);
      return;
    }
    const { error } = result;
    if (echoOf(error, whole) !== undefined) return;
    if (this.#winner !== undefined) {
      this.#late.push(error);
      return;
    }
    this.#failed++;
    // The same object, thrown by two, is one error.
    if (typeof error !== "object" || error === null || !this.#failures.includes(error)) this.#failures.push(error);
    if (this.#running === 0 && this.#pause !== undefined)
      cancel(this.#pause, "sibling", `attempt ${attempt} of ${whole.name} failed`);
  }

  async #follow(attempt: number): Promise<void> {
    const pause = new Operation<void>(this.#whole, this.#plan.named, WHOLE, undefined);
    this.#pause = pause;
    try {
      await pause.start(() => sleepUnder(pause, this.#delay));
    } catch {
      // Woken: by a failure, by the winner, or by an abort.
    }
    if (reasonOf(this.#whole) === undefined) await this.#start(attempt);
  }
}
