/** Functions that fail as often as a test says, for tests of trying again. */
import type { FakeClock } from "../clock/fake-clock.ts";

/** Fails with `error 1`, `error 2`, … the first `failures` times, then returns "value". */
export class Flaky {
  readonly errors: Error[] = [];
  readonly #failures: number;
  calls: number = 0;

  constructor(failures: number) {
    this.#failures = failures;
  }

  readonly run = (): string => {
    this.calls++;
    if (this.calls > this.#failures) return "value";
    const error = new Error(`error ${this.calls}`);
    this.errors.push(error);
    throw error;
  };
}

/** Aborts `ms` from now on `clock`. */
export function abortAt(clock: FakeClock, ms: number, reason: unknown = new Error("enough")): AbortSignal {
  const controller = new AbortController();
  clock.setTimer(() => controller.abort(reason), ms);
  return controller.signal;
}

/** Never settles, and never looks at anything. */
export const deaf = (): Promise<never> => new Promise(() => {});
