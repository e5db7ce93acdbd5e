/** What tests of waiting need: the error of a promise, promises that a test settles, and work that reacts to its signal in its own way. */

/** The error that `promise` rejects with. @throws {Error} when it resolves. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got the value ${String(value)}`);
}

/** A promise that the test settles. */
export class Gate<T = void> {
  readonly promise: Promise<T>;
  readonly open: (value: T) => void;
  readonly fail: (error: unknown) => void;

  constructor() {
    let open: ((value: T) => void) | undefined;
    let fail: ((error: unknown) => void) | undefined;
    this.promise = new Promise<T>((resolve, reject) => {
      open = resolve;
      fail = reject;
    });
    // Hold: the executor has run.
    this.open = open as unknown as (value: T) => void;
    this.fail = fail as unknown as (error: unknown) => void;
  }
}

/** Resolves when `signal` aborts; never rejects, so what happens then is up to the caller. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Waits until `signal` aborts and then rejects, with its reason or with what `make` makes of it. */
export async function waitUntilAborted(signal: AbortSignal, make: (reason: unknown) => unknown = same): Promise<never> {
  await aborted(signal);
  throw make(signal.reason);
}

function same(reason: unknown): unknown {
  return reason;
}

/** An AbortError as the platform makes them: `cause` is there only when given. */
export function abortError(...cause: readonly [unknown?]): Error {
  const error = cause.length === 0 ? new Error("aborted") : new Error("aborted", { cause: cause[0] });
  error.name = "AbortError";
  return error;
}
