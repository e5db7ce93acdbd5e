/**
 * What a run looks like from outside at one moment. Counted from acknowledged items only: what the journal has not
 * committed is in flight.
 *
 * STATUS-1: memory is bounded: at most 100 error classes are told apart, the rest are one.
 */
import type { ItemOutcome } from "../journal/index.ts";
import type { ErrorFacts } from "../handler/error-facts.ts";
import { RateWindow } from "./rate-window.ts";

export interface ErrorCount {
  /** `TimeoutError (ERR_TIMEOUT)`, or the name alone where there is no code. */
  readonly label: string;
  /** Failed attempts of this run. */
  readonly count: number;
}

/** The first failure of its kind in this run. */
export interface NewError {
  readonly label: string;
  readonly message: string;
  readonly attempt: number;
  readonly key: string;
}

export interface StatusSnapshot {
  readonly phase: "running" | "stopping" | "aborting";
  /** Items of the input; undefined while unknown. */
  readonly total: number | undefined;
  /** Acknowledged in all runs of this journal. */
  readonly done: number;
  readonly succeeded: number;
  readonly dead: number;
  /** Acknowledged in this run. */
  readonly doneNow: number;
  readonly inFlight: number;
  readonly retrying: number;
  /** Per second, over the last 10 s. */
  readonly rate: number;
  /** Milliseconds; undefined while unknown. */
  readonly remaining: number | undefined;
  /** Milliseconds since the run began. */
  readonly elapsed: number;
  /** Most frequent first. */
  readonly errors: readonly ErrorCount[];
}

const maxErrorClasses = 100;
const otherErrors = "other errors";

export class RunStatus {
  phase: StatusSnapshot["phase"] = "running";
  retrying = 0;
  /** Told once for each error class, with the first failure of it. */
  onNewError: ((failure: NewError) => void) | undefined;

  readonly #total: number | undefined;
  readonly #startedAt: number;
  readonly #window: RateWindow;
  readonly #errors: Map<string, number> = new Map();
  readonly #inFlight: () => number;
  #succeeded: number;
  #dead: number;
  #doneNow = 0;

  constructor(start: {
    readonly total: number | undefined;
    readonly before: { readonly succeeded: number; readonly dead: number };
    readonly now: number;
    readonly inFlight: () => number;
  }) {
    this.#total = start.total;
    this.#startedAt = start.now;
    this.#window = new RateWindow(start.now);
    this.#succeeded = start.before.succeeded;
    this.#dead = start.before.dead;
    this.#inFlight = start.inFlight;
  }

  acknowledged(outcomes: readonly ItemOutcome[], now: number): void {
    this.#doneNow += outcomes.length;
    for (const outcome of outcomes) {
      if (outcome.state === "succeeded") this.#succeeded += 1;
      else this.#dead += 1;
    }
    this.#window.add(outcomes.length, now);
  }

  failed(failure: ErrorFacts, attempt: number, key: string): void {
    const own = errorLabel(failure.errorName, failure.errorCode);
    const label = this.#errors.has(own) || this.#errors.size < maxErrorClasses ? own : otherErrors;
    const count = this.#errors.get(label) ?? 0;
    this.#errors.set(label, count + 1);
    if (count === 0) this.onNewError?.({ label, message: failure.message, attempt, key });
  }

  snapshot(now: number): StatusSnapshot {
    const rate = this.#window.rate(now);
    const done = this.#succeeded + this.#dead;
    const left = this.#total === undefined ? undefined : Math.max(0, this.#total - done);
    return {
      phase: this.phase,
      total: this.#total,
      done,
      succeeded: this.#succeeded,
      dead: this.#dead,
      doneNow: this.#doneNow,
      inFlight: this.#inFlight(),
      retrying: this.retrying,
      rate,
      remaining: left === undefined || rate === 0 ? undefined : (left * 1_000) / rate,
      elapsed: now - this.#startedAt,
      errors: [...this.#errors].map(([label, count]) => ({ label, count })).toSorted((a, b) => b.count - a.count),
    };
  }
}

export function errorLabel(name: string, code: string | undefined): string {
  return code === undefined ? name : `${name} (${code})`;
}
