/**
 * A scope as the user's functions see it: the context that they are given.
 */
import { now } from "./clock.ts";
import { coldOf, deadlineOf, reasonOf, SAW_SIGNAL, Scope } from "./cancel.ts";
import { claim } from "./registry.ts";
import { sleepUnder } from "./sleep.ts";

/** What a function of yours is given: always one object. Destructure it or pass it on whole as options; never spread it, its members are getters. */
export interface Context {
  /** Made on first use. Work that never looks at its context can't stop, so nobody waits a grace for it. */
  readonly signal: AbortSignal;
  /** Whether the signal is aborted, without making it. */
  readonly cancelled: boolean;
  /** A point on the clock of `performance.now()`; Infinity when there is none. The nearest one of all above. */
  readonly deadline: number;
  /** Milliseconds until `deadline`, at least 0; Infinity when there is none. What a database or RPC call wants to know. */
  readonly timeLeft: number;
  /** Waits `ms` milliseconds; rejects with the reason when cancelled. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Throws the reason if cancelled. */
  readonly throwIfCancelled: () => void;
}

/** A scope that hands itself to the user's function as its {@link Context}. */
export abstract class ContextScope extends Scope implements Context {
  get signal(): AbortSignal {
    const cold = coldOf(this);
    this.bits |= SAW_SIGNAL;
    if (cold.controller === undefined) {
      cold.controller = new AbortController();
      claim(cold.controller.signal, this);
      allowManyListeners(cold.controller.signal);
      const reason = reasonOf(this);
      if (reason !== undefined) cold.controller.abort(reason);
    }
    return cold.controller.signal;
  }

  get cancelled(): boolean {
    this.bits |= SAW_SIGNAL;
    return reasonOf(this) !== undefined;
  }

  get deadline(): number {
    return deadlineOf(this);
  }

  get timeLeft(): number {
    this.bits |= SAW_SIGNAL;
    const deadline = deadlineOf(this);
    return deadline === Infinity ? Infinity : Math.max(0, deadline - now());
  }

  get sleep(): (ms: number) => Promise<void> {
    return (ms) => {
      this.bits |= SAW_SIGNAL;
      return sleepUnder(this, ms);
    };
  }

  get throwIfCancelled(): () => void {
    return () => {
      this.bits |= SAW_SIGNAL;
      const reason = reasonOf(this);
      if (reason !== undefined) throw reason;
    };
  }
}

/** The part of Node that we would like to use where it is there. */
interface NodeProcess {
  getBuiltinModule?(id: "node:events"): { readonly setMaxListeners: (most: number, ...targets: object[]) => void };
}

/** undefined: not looked up yet. */
let setMaxListeners: ((most: number, ...targets: object[]) => void) | undefined;

/** Node warns of a leak at the eleventh listener on a signal. A group of twenty requests is none. */
function allowManyListeners(signal: AbortSignal): void {
  if (setMaxListeners === undefined) {
    const { process } = globalThis as { process?: NodeProcess };
    setMaxListeners = process?.getBuiltinModule?.("node:events").setMaxListeners ?? ((): void => {});
  }
  setMaxListeners(0, signal);
}
