/**
 * Stop waiting for a promise that can't be stopped.
 */
import { checkFunction, rejecting } from "./argument.ts";
import { echoOf, reasonOf, scopeOf, type Scope } from "./cancel.ts";
import { reportLateError } from "./late-error.ts";
import { rejectedWith, Waiter } from "./sleep.ts";

/** For {@link abortable}: whose abort ends the wait, and who is told what came too late. */
export interface AbortableOptions<T> {
  readonly signal: AbortSignal;
  /** Gets the value that arrives after the abort, to close what it holds. */
  readonly onLate?: ((value: T) => void) | undefined;
  /** Gets the error that arrives after the abort. Default: {@link onLateError}'s listeners. */
  readonly onLateError?: ((error: unknown) => void) | undefined;
}

class ForeignWaiter<T> extends Waiter<T> {
  get kind(): "promise" {
    return "promise";
  }
}

/** {@link abortable} under a scope that is not cancelled. */
export function abortableUnder<T>(
  scope: Scope,
  promise: PromiseLike<T>,
  onLate: ((value: T) => void) | undefined,
  onLateError: (error: unknown) => void,
): Promise<T> {
  const waiter = new ForeignWaiter<T>(scope);
  let waiting = true;
  const result = waiter.wait();
  const { reject } = waiter;
  waiter.reject = (error) => {
    waiting = false;
    reject(error);
  };
  // Once round a promise of the host's: a foreign thenable may throw, or call back twice.
  Promise.resolve(promise).then(
    (value) => {
      if (waiting) {
        waiter.leave();
        waiter.resolve(value);
      } else guarded(onLate, value);
    },
    (error: unknown) => {
      if (waiting) {
        waiter.leave();
        reject(error);
      } else if (echoOf(error, scope) === undefined) guarded(onLateError, error);
    },
  );
  return result;
}

/** A hook of the user's that throws has nobody above it: what it threw is reported. */
function guarded<T>(hook: ((value: T) => void) | undefined, value: T): void {
  try {
    hook?.(value);
  } catch (thrown) {
    reportLateError(thrown, "abortable");
  }
}

/**
 * Settles as `promise` does, or rejects with the reason of `signal` as soon as it aborts. The work behind the promise is not stopped (it can't be):
 * its late value goes to `onLate`, its late error (unless it only reports the abort) to `onLateError`, once. An outcome that arrived before
 * the abort stands; one of the same turn is late, since promises tell a turn later.
 *
 * @throws {TypeError} for something that is no promise, or without a signal (as a rejection).
 */
export function abortable<T>(
  promise: PromiseLike<T>,
  options: {
    readonly signal: AbortSignal;
    readonly onLate?: ((value: NoInfer<T>) => void) | undefined;
    readonly onLateError?: ((error: unknown) => void) | undefined;
  },
): Promise<T> {
  return rejecting(() => {
    if (typeof (promise as PromiseLike<T> | undefined)?.then !== "function")
      throw new TypeError(`abortable takes a promise, got ${typeof promise}`);
    const onLateError = options?.onLateError ?? ((error) => reportLateError(error, "abortable"));
    checkFunction("abortable: onLateError", onLateError);
    if (options?.onLate !== undefined) checkFunction("abortable: onLate", options.onLate);
    if (options?.signal === undefined)
      throw new TypeError("abortable needs { signal }, got none; await the promise itself where nothing can cancel it");
    const scope = scopeOf(options.signal);
    const reason = reasonOf(scope);
    if (reason === undefined) return abortableUnder(scope, promise, options.onLate, onLateError);
    // Its outcome is late from the start.
    Promise.resolve(promise).then(
      (value) => guarded(options.onLate, value),
      (error: unknown) => {
        if (echoOf(error, scope) === undefined) guarded(onLateError, error);
      },
    );
    return rejectedWith(reason);
  });
}
