/**
 * Tasks that wait for their start: in order, at most 256 a microtask, and so many at a time as have a place.
 *
 * Invariants
 * - QUEUE-1: tasks start in the order in which they came; `immediate` ones, where nobody waits for a place, before those of the same turn.
 * - QUEUE-2: never more than `limit` run.
 */
import { now } from "./clock.ts";
import type { GroupTask } from "./group-task.ts";
import { refillSpawnSites } from "./spawn-site.ts";

/** Tasks started in one microtask: so many die young, before the next are made. Measured: half the time for each. */
const CHUNK = 256;

export class StartQueue {
  readonly #limit: number;
  /** Linked by `done`, which a task has no other use for yet. */
  #first: GroupTask<unknown> | undefined;
  #last: GroupTask<unknown> | undefined;
  #isScheduled: boolean;
  /** Tasks that have been started and have not settled. */
  #running: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#first = this.#last = undefined;
    this.#isScheduled = false;
    this.#running = 0;
  }

  push(task: GroupTask<unknown>): void {
    const { options } = task;
    if (typeof options === "object" && options.immediate === true && this.#running < this.#limit && !this.#isCrowded) {
      this.#running++;
      task.begin({ at: now() });
      return;
    }
    if (this.#last === undefined) this.#first = task;
    else this.#last.done = task;
    this.#last = task;
    this.#schedule();
  }

  /** Somebody waits for a place, and not only for the next microtask. */
  get #isCrowded(): boolean {
    return this.#limit !== Infinity && this.#first !== undefined;
  }

  /** One that was started has settled. */
  freed(): void {
    this.#running--;
    if (this.#first !== undefined) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#first === undefined || this.#running >= this.#limit) return;
    this.#isScheduled = true;
    void Promise.resolve().then(this.#pump);
  }

  readonly #pump = (): void => {
    const batch = { at: now() };
    refillSpawnSites(batch.at);
    let task = this.#first;
    for (let count = 0; task !== undefined && count < CHUNK && this.#running < this.#limit; count++) {
      // Holds: a task that waits has its successor there, or nothing. Taken out first: it may spawn.
      this.#first = task.done as GroupTask<unknown> | undefined;
      if (this.#first === undefined) this.#last = undefined;
      task.done = undefined;
      this.#running++;
      task.begin(batch);
      task = this.#first;
    }
    this.#isScheduled = false;
    this.#schedule();
  };
}
