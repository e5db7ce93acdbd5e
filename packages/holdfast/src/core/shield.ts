/**
 * Cleanup that must finish, although what is around it was cancelled.
 *
 * Invariants
 * - SHIELD-1: a cancellation from outside reaches the work `grace` milliseconds later, not earlier; its own scopes inside work as ever.
 */
import { checkDuration, checkFunction, rejecting } from "./argument.ts";
import { attach, cancelFor, coldOf, reasonOf, retire, scopeOf, type Scope, SHIELDED } from "./cancel.ts";
import { startTimer, stopTimer, type Timer, type TimerQueue } from "./clock.ts";
import { type Context, ContextScope } from "./context.ts";
import type { Awaitable, Run } from "./operation.ts";

/** Milliseconds. */
const DEFAULT_GRACE = 5000;

class Shield<T> extends ContextScope implements Timer {
  at: number = 0;
  earlier: Timer | undefined = undefined;
  later: Timer | undefined = undefined;
  queue: TimerQueue | undefined = undefined;
  readonly name: string;
  readonly #grace: number;
  #reason: object | undefined;

  constructor(parent: Scope, name: string, grace: number) {
    super(parent);
    this.name = name;
    this.#grace = grace;
    this.#reason = undefined;
    this.bits |= SHIELDED;
  }

  override outerCancelled(reason: object): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    if (this.#grace === Infinity) return;
    startTimer(this, this.#grace);
    coldOf(this).deadline = this.at;
  }

  expire(): void {
    if (this.#reason !== undefined) cancelFor(this, "outer", this.#reason);
  }

  async run(run: (context: Context) => Awaitable<T>): Promise<T> {
    // Before it is attached: what is above may have settled, and keeps its reason to itself.
    const reason = reasonOf(this.parent);
    attach(this);
    if (reason !== undefined) this.outerCancelled(reason);
    try {
      return await run(this);
    } finally {
      stopTimer(this);
      retire(this);
    }
  }
}

/**
 * Settles as `run` does. Its context does not follow `signal`: it is aborted, with the same reason, only `grace` milliseconds after `signal` was (or after now, if that
 * is aborted already; `run` is called in any case). For the cleanup in a `finally`, where everything else that is given the signal rejects at once.
 *
 * @param options `grace`: milliseconds, default 5,000; Infinity never aborts it
 * @throws {RangeError} for a grace below 0 or NaN
 * @throws {TypeError} when `run` is no function, or without a signal
 */
export function shield<T>(
  run: Run<T>,
  options: { readonly signal: AbortSignal; readonly grace?: number | undefined },
): Promise<T> {
  return rejecting(() => {
    checkFunction("shield", run);
    const { signal, grace = DEFAULT_GRACE } = options ?? {};
    checkDuration("shield: grace", grace);
    if (signal === undefined)
      throw new TypeError("shield needs { signal }, got none; call the function itself where nothing can cancel it");
    return new Shield<T>(scopeOf(signal), run.name || "shield", grace).run(run);
  });
}
