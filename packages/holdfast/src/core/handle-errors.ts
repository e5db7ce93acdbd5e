/**
 * `except*` as a function.
 */
import { checkFunction } from "./argument.ts";
import { ErrorGroup, type ErrorPredicate, type ErrorTest, splitError } from "./error-group.ts";
import { isAggregate } from "./errors.ts";
import type { Awaitable } from "./operation.ts";
import { suppress, suppressedErrors } from "./suppressed.ts";

/**
 * Calls each clause's handler with a group of what its test matches in `error`; an error goes to the first clause that matches. The handlers run one after the other, all of them.
 *
 * What no clause took is thrown: the same object if nothing was taken, bare if it came bare. What handlers throw goes out together with it, in one ErrorGroup, handlers' first;
 * a test that throws counts as a handler, and has taken nothing.
 * A clause is a pair: `handleErrors(error, [HttpError, (group) => …], [isTimeout, (group) => …])`. A cancellation is only matched by `CancelledError` itself or by a predicate.
 *
 * @throws {ErrorGroup} of what handlers threw and what nobody took
 * @throws {TypeError} when a clause is no pair of a test and a function
 * @see PEP 654
 */
export async function handleErrors<const E extends readonly unknown[]>(
  error: unknown,
  ...clauses: {
    readonly [K in keyof E]: readonly [ErrorTest<E[K]>, (group: ErrorGroup<E[K]>) => Awaitable<void>];
  }
): Promise<void> {
  // Holds: the type above says of each pair how test and handler fit; here that no longer matters.
  const pairs = clauses as unknown as readonly (readonly [ErrorPredicate, (group: ErrorGroup) => Awaitable<void>])[];
  for (const [index, pair] of pairs.entries()) {
    if (!Array.isArray(pair))
      throw new TypeError(`handleErrors: clause ${index + 1} must be a pair [test, handler], got ${typeof pair}`);
    checkFunction(`handleErrors: test of clause ${index + 1}`, pair[0]);
    checkFunction(`handleErrors: handler of clause ${index + 1}`, pair[1]);
  }
  const thrown: unknown[] = [];
  let rest: { readonly error: unknown } | undefined = { error };
  for (const [test, handler] of pairs) {
    if (rest === undefined) break;
    try {
      const [match, left]: [ErrorGroup | undefined, unknown] = splitError(rest.error, test);
      if (match === undefined) continue;
      // Holds in spite of a thrown undefined: that has no leaf but itself, and a match took it.
      rest = left === undefined ? undefined : { error: left };
      await handler(match);
    } catch (failure) {
      thrown.push(failure);
    }
  }
  if (thrown.length === 0) {
    if (rest !== undefined) throw rest.error;
    return;
  }
  const left = rest?.error;
  const isOpened = isAggregate(left);
  if (rest !== undefined) thrown.push(...(isOpened ? left.errors : [left]));
  const out = new ErrorGroup(thrown);
  // Of a group that was opened, nobody else has them any more.
  if (isOpened) suppress(out, suppressedErrors(left), "handleErrors");
  throw out;
}
