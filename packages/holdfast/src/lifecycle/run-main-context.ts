/**
 * What `main` is given: a task's context, and the sign to finish.
 */
import type { TaskContext, TaskGroup } from "../core/index.ts";
import type { StopControl } from "./run-main-stop.ts";

/** What `main` is given. Destructure it or pass it on whole as options; never spread it, its members are getters. */
export interface MainContext extends TaskContext {
  /** Aborts with the first SIGINT or SIGTERM: take no more work, finish what is in flight. `signal` follows after `drain` milliseconds; at once if nobody has looked at this. */
  readonly stopping: AbortSignal;
}

export class ProgramContext implements MainContext {
  readonly #task: TaskContext;
  readonly #stop: StopControl;

  constructor(task: TaskContext, stop: StopControl) {
    this.#task = task;
    this.#stop = stop;
  }

  get stopping(): AbortSignal {
    return this.#stop.stopping;
  }

  get signal(): AbortSignal {
    return this.#task.signal;
  }

  get cancelled(): boolean {
    return this.#task.cancelled;
  }

  get deadline(): number {
    return this.#task.deadline;
  }

  get timeLeft(): number {
    return this.#task.timeLeft;
  }

  get sleep(): (ms: number) => Promise<void> {
    return this.#task.sleep;
  }

  get throwIfCancelled(): () => void {
    return this.#task.throwIfCancelled;
  }

  get name(): string {
    return this.#task.name;
  }

  get group(): TaskGroup {
    return this.#task.group;
  }
}
