/**
 * Something else when a call fails.
 *
 * Invariants
 * - FALLBACK-1: it covers failures, and never a cancellation: after an abort nothing else is called.
 */
import type { Awaitable, CallOptions, Context, ErrorPredicate, Run } from "../core/index.ts";
import {
  checkFunction,
  type Limits,
  type Named,
  nameOf,
  Operation,
  reasonOf,
  rejecting,
  type Scope,
  scopeOf,
  suppress,
} from "../core/lowlevel.ts";

const UNLIMITED: Limits = { timeout: Infinity, layer: "timeout", grace: Infinity, graceFromCancel: true };

/** What is done instead, and for which failures. */
export interface FallbackOptions<F> extends CallOptions {
  /** Called with the error; its outcome is the call's. Its context is aborted with `signal`. */
  readonly fallback: (error: unknown, context: Context) => Awaitable<F>;
  /** Which failures it covers. Default: all, a TimeoutError too. */
  readonly when?: ErrorPredicate | undefined;
}

/** @throws {TypeError} naming the option and the value */
export function checkFallback(name: string, options: FallbackOptions<unknown>): void {
  checkFunction("fallback", options?.fallback, name);
  if (options.when !== undefined) checkFunction("when", options.when, name);
}

/**
 * Settles as `run` does, unless that fails: then as `fallback(error)`. The error that was covered is tolerated when `fallback` returns; if `fallback` (or `when`) throws, that is thrown, with
 * the covered error in its `suppressedErrors`.
 *
 * When `signal` aborts, `run` and `fallback` see it on their context and are waited for; the reason of an abort is thrown as it is, and of what fails after an abort nothing is covered.
 *
 * @throws what `fallback` throws, or `run`, if `when` says no
 * @throws {TypeError} for options that can't be
 */
export function fallback<T, F>(run: Run<T>, options: FallbackOptions<F>): Promise<T | F> {
  return rejecting(() => {
    checkFunction("fallback", run);
    checkFallback("fallback", options);
    return fallbackUnder(run, options, nameOf(options, run), scopeOf(options.signal));
  });
}

/** {@link fallback} under a scope, with options that have been checked. */
export function fallbackUnder<T, F>(
  run: Run<T>,
  { fallback: cover, when }: FallbackOptions<F>,
  named: Named,
  parent: Scope,
): Promise<T | F> {
  const reason = reasonOf(parent);
  if (reason !== undefined) throw reason;
  const call = new Operation<T | F>(parent, named, UNLIMITED, undefined);
  return call.start(async (context) => {
    try {
      return await run(context);
    } catch (error) {
      if (reasonOf(call) !== undefined) throw error;
      try {
        if (when === undefined || when(error)) return await cover(error, context);
      } catch (thrown) {
        if (thrown !== error) suppress(thrown, [error], call.name);
        throw thrown;
      }
      throw error;
    }
  });
}
