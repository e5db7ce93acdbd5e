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

/** What is told to start. */
interface Waiting {
  begin(batch: { readonly at: number }): void;
}

/**
 * A task that waits for a place starts when another one has settled, and that one's AsyncLocalStorage is not its own: a reaction that is attached
 * now brings back what was current when it was spawned. Without a limit tasks start in the turn in which they were spawned, as that was.
 */
class Place implements Waiting {
  #open: (batch: { readonly at: number }) => void = ignore;

  constructor(task: GroupTask<unknown>) {
    const opened = new Promise<{ readonly at: number }>((resolve) => {
      this.#open = resolve;
    });
    void opened.then((batch) => task.begin(batch));
  }

  begin(batch: { readonly at: number }): void {
    this.#open(batch);
  }
}

function ignore(): void {}

export class StartQueue {
  readonly #limit: number;
  /** From `#next` on; emptied when all have been started. */
  #waiting: Waiting[];
  #next: number;
  #isScheduled: boolean;
  /** Tasks that have been started and have not settled. */
  #running: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#waiting = [];
    this.#next = 0;
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
    this.#waiting.push(this.#limit === Infinity ? task : new Place(task));
    if (!this.#isScheduled) this.#schedule();
  }

  /** Somebody waits for a place, and not only for the next microtask. */
  get #isCrowded(): boolean {
    return this.#limit !== Infinity && this.#next < this.#waiting.length;
  }

  /** One that was started has settled. */
  freed(): void {
    this.#running--;
    if (this.#next < this.#waiting.length) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#next >= this.#waiting.length || this.#running >= this.#limit) return;
    this.#isScheduled = true;
    void Promise.resolve().then(this.#pump);
  }

  readonly #pump = (): void => {
    const batch = { at: now() };
    refillSpawnSites(batch.at);
    for (let count = 0; count < CHUNK && this.#running < this.#limit; count++) {
      const task = this.#waiting[this.#next];
      if (task === undefined) break;
      // Counted first: it may spawn.
      this.#next++;
      this.#running++;
      task.begin(batch);
    }
    // What has been started is let go of: at once when nobody waits, else now and then, at a cost that the many share.
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    } else if (this.#next > 2 * CHUNK && this.#next * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    this.#isScheduled = false;
    this.#schedule();
  };
}
