/**
 * The context of one attempt: a small object for each, since there may be millions. Everything costly is behind a
 * getter and made on first use, the signal above all: that is how the library can tell who never looked at it.
 */
import type { ItemContext } from "holdfast";
import type { InputItem } from "../input/index.ts";
import type { HandlerContext, Log } from "./handler-context.ts";

/** What every attempt of one run shares. */
export interface RunShared {
  readonly log: Log;
  readonly stopping: AbortSignal;
  /** What `setup` returned; undefined without one. */
  readonly shared: unknown;
}

export class AttemptHandlerContext implements HandlerContext {
  readonly #attempt: ItemContext;
  readonly #entry: InputItem;
  readonly #run: RunShared;

  constructor(attempt: ItemContext, entry: InputItem, run: RunShared) {
    this.#attempt = attempt;
    this.#entry = entry;
    this.#run = run;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }
  get cancelled(): boolean {
    return this.#attempt.cancelled;
  }
  get deadline(): number {
    return this.#attempt.deadline;
  }
  get timeLeft(): number {
    return this.#attempt.timeLeft;
  }
  get sleep(): (ms: number) => Promise<void> {
    return this.#attempt.sleep;
  }
  get throwIfCancelled(): () => void {
    return this.#attempt.throwIfCancelled;
  }
  get attempt(): number {
    return this.#attempt.attempt;
  }
  get retriesLeft(): number {
    return this.#attempt.retriesLeft;
  }
  get previousError(): unknown {
    return this.#attempt.previousError;
  }
  get index(): number {
    return this.#entry.index;
  }
  get key(): string {
    return this.#entry.key ?? String(this.#entry.index);
  }
  get log(): Log {
    return this.#run.log;
  }
  get stopping(): AbortSignal {
    return this.#run.stopping;
  }
  get shared(): unknown {
    return this.#run.shared;
  }
}
