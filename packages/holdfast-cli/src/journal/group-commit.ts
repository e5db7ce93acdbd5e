/**
 * Collects what is recorded into commits: one when 500 wait, or 5 ms after the first of them.
 *
 * A commit per item would be 20 times slower; a kill -9 loses what waits, so little must, and not for long.
 */

export const COMMIT_DELAY = 5;
export const COMMIT_SIZE = 500;

/** Calls `run` once after `ms`; the result takes that back. */
export type Schedule = (run: () => void, ms: number) => () => void;

export interface GroupCommitOptions<T> {
  /** Gets each batch once; a throw reaches whoever called `add` or `flush`. */
  readonly commit: (batch: readonly T[]) => void;
  /** The commit that the timer made threw. */
  readonly onTimerFailure: (error: unknown) => void;
  /** Default: the host's timer. It keeps the process alive for these 5 ms: what waits must not be lost at the end of main. */
  readonly schedule?: Schedule | undefined;
}

export class GroupCommit<T> {
  readonly #options: GroupCommitOptions<T>;
  readonly #schedule: Schedule;
  #waiting: T[] = [];
  #unschedule: (() => void) | undefined;

  constructor(options: GroupCommitOptions<T>) {
    this.#options = options;
    this.#schedule = options.schedule ?? hostTimer;
  }

  add(entry: T): void {
    this.#waiting.push(entry);
    if (this.#waiting.length >= COMMIT_SIZE) this.flush();
    else this.#unschedule ??= this.#schedule(this.#onTimer, COMMIT_DELAY);
  }

  flush(): void {
    const batch = this.#take();
    if (batch.length > 0) this.#options.commit(batch);
  }

  /** Forgets what waits, and the timer. */
  drop(): void {
    this.#take();
  }

  #take(): readonly T[] {
    this.#unschedule?.();
    this.#unschedule = undefined;
    const batch = this.#waiting;
    if (batch.length > 0) this.#waiting = [];
    return batch;
  }

  readonly #onTimer = (): void => {
    try {
      this.flush();
    } catch (error) {
      this.#options.onTimerFailure(error);
    }
  };
}

function hostTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
