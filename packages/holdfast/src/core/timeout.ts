/**
 * A limit in time for one call.
 */
import { checkDuration, checkFunction, rejecting } from "./argument.ts";
import { reasonOf, scopeOf } from "./cancel.ts";
import { TimeoutError } from "./errors.ts";
import { type Awaitable, nameOf, Operation, type Run } from "./operation.ts";
import { budgetedCallSite } from "./spawn-site.ts";

/** What every call takes that can be cancelled. */
export interface CallOptions {
  /** Cancels the call. One of this library's signals also gives its deadline and its place in the tree. */
  readonly signal?: AbortSignal | undefined;
  /** In errors and to tools. Default: the function's own name. */
  readonly name?: string | undefined;
}

/** What every call takes whose work can be abandoned. */
export interface AbandonOptions extends CallOptions {
  /** Milliseconds that cancelled work has to stop before it is abandoned; Infinity: as long as it takes. Default: each function says. */
  readonly grace?: number | undefined;
}

/**
 * Settles as `run` does, at the latest `ms` + `grace` milliseconds from now. At `ms` the context's signal aborts; if `run` then ends by that
 * cancellation, or is still running when the grace is over, the promise rejects with a TimeoutError. A value that `run` returns in time, or during its grace, wins; so does
 * a real error (the timeout is then in `suppressedErrors`). An outer abort goes before the timeout: its reason is thrown.
 *
 * `grace`: default 1,000 ms, or 0 when `run` never looked at its context, since it can't stop then; an explicit one is always honoured. Abandoned work is
 * listed in the error's `unresponsive`; what it throws later goes to {@link onLateError}.
 *
 * `fallback`: called with the TimeoutError instead of throwing it; its outcome is the call's. Not called for an abort, nor for a timeout that `run` met inside.
 *
 * @param ms 0 or less rejects without calling `run`; Infinity is no limit.
 * @throws {TimeoutError} layer "timeout"
 * @throws {RangeError} for NaN, and for a grace below 0
 * @throws {TypeError} when `run` is no function
 */
export function timeout<T>(
  ms: number,
  run: Run<T>,
  options?: AbandonOptions & { readonly fallback?: undefined },
): Promise<T>;
export function timeout<T, F>(
  ms: number,
  run: Run<T>,
  options: AbandonOptions & { readonly fallback: (error: TimeoutError) => Awaitable<F> },
): Promise<T | F>;
export function timeout<T, F>(
  ms: number,
  run: Run<T>,
  options?: AbandonOptions & { readonly fallback?: ((error: TimeoutError) => Awaitable<F>) | undefined },
): Promise<T | F> {
  // As in taskGroup.
  const site = budgetedCallSite(timeout);
  return rejecting(() => {
    checkFunction("timeout", run);
    const { grace, fallback } = options ?? {};
    if (grace !== undefined) checkDuration("timeout: grace", grace);
    if (fallback !== undefined) checkFunction("timeout: fallback", fallback);
    const named = nameOf(options, run);
    // Below 0 is no mistake: it is what is left of a limit that has passed.
    if (!(typeof ms === "number" && ms < 0)) checkDuration("timeout: ms", ms);
    const parent = scopeOf(options?.signal);
    const reason = reasonOf(parent);
    if (reason !== undefined) throw reason;
    const operation = new Operation<T>(
      parent,
      named,
      { timeout: ms, layer: "timeout", grace, graceFromCancel: false },
      site,
    );
    const call = ms <= 0 ? Promise.reject<T>(operation.cancellation()) : operation.start(run);
    return fallback === undefined ? call : orElse(call, operation, fallback);
  });
}

async function orElse<T, F>(
  call: Promise<T>,
  operation: Operation<T>,
  fallback: (error: TimeoutError) => Awaitable<F>,
): Promise<T | F> {
  try {
    return await call;
  } catch (error) {
    // Its own timeout, and not one that came from inside.
    if (error instanceof TimeoutError && error === operation.expired) return await fallback(error);
    throw error;
  }
}
