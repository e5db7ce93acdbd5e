/**
 * Many errors as one, and how to take it apart. PEP 654 (`except*`) without syntax: `findError` reads one error or many alike, `splitError`
 * gives what matches and what is left to rethrow.
 *
 * Invariants
 * - ERROR-1: the errors of a group are in the order of failure, nested groups stay one element, and the list is frozen.
 * - ERROR-2: a split loses nothing: each leaf is in the match or in the rest, and suppressed errors stay with what is left.
 * - ERROR-3: a cancellation is never matched by a class above its own, so `[Error, …]` can't swallow an abort.
 */
import { checkFunction } from "./argument.ts";
import { isAbortError, isAggregate } from "./errors.ts";
import { suppress, suppressedErrors } from "./suppressed.ts";

/** A class of errors, abstract ones too. */
export type ErrorClass<E> = abstract new (...args: never[]) => E;
/** A function that tells whether an error is of a type. */
export type ErrorGuard<E> = (error: unknown) => error is E;
/** A function that tells whether an error is meant. */
export type ErrorPredicate = (error: unknown) => boolean;
/** How errors are picked: by class, by guard, or by any predicate. */
export type ErrorTest<E> = ErrorClass<E> | ErrorGuard<E> | ErrorPredicate;

/** How many messages the group's own message quotes. */
const QUOTED = 3;

/** Anything can be thrown, an object without a prototype too: no message must keep a failure from being reported. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "an error that can't be read";
  }
}

function summary(errors: readonly unknown[]): string {
  const quoted = errors.slice(0, QUOTED).map(messageOf).join("; ");
  const more = errors.length > QUOTED ? "; …" : "";
  return `${errors.length} ${errors.length === 1 ? "error" : "errors"}: ${quoted}${more}`;
}

/** What a task group throws whenever something in it failed: for one error as for many. */
export class ErrorGroup<E = unknown> extends AggregateError {
  override get name(): "ErrorGroup" {
    return "ErrorGroup";
  }
  readonly code = "ERR_ERROR_GROUP" as const;
  /** In the order of failure. Frozen. Not `readonly E[]`: lib.es2021 declares `any[]`, which a readonly array does not override. */
  declare errors: E[];

  /** @param message default: the count and the first three messages. There is no `cause`: Node would print the first error twice. */
  constructor(errors: Iterable<E>, message?: string) {
    const list = [...errors];
    super(list, message ?? summary(list));
    Object.defineProperty(this, "errors", { value: Object.freeze(list), enumerable: false, writable: false });
  }

  /** All errors that are no groups themselves, depth first, nested groups (and foreign AggregateErrors) opened. A cycle is entered once. */
  leaves(): unknown[] {
    return leavesOf(this, new Set());
  }

  /** What matches and what does not, each as a group with the same nesting, or undefined when there is nothing. As {@link splitError}. */
  split<M>(test: ErrorClass<M> | ErrorGuard<M>): [match: ErrorGroup<M> | undefined, rest: ErrorGroup | undefined];
  split(test: ErrorPredicate): [match: ErrorGroup | undefined, rest: ErrorGroup | undefined];
  split(test: ErrorTest<unknown>): [match: ErrorGroup | undefined, rest: ErrorGroup | undefined] {
    const [match, rest] = splitError(this, test as ErrorPredicate);
    // Holds: what is left of a group is that group or a part of it, which splitError makes an ErrorGroup.
    return [match, rest as ErrorGroup | undefined];
  }
}

function leavesOf(error: unknown, seen: Set<unknown>): unknown[] {
  if (!isAggregate(error)) return [error];
  if (seen.has(error)) return [];
  seen.add(error);
  return error.errors.flatMap((inner) => leavesOf(inner, seen));
}

/** A class, and no plain function that tests: the prototype of a class can't be replaced. Classes that were compiled to functions still inherit from Error. */
function isClass(test: ErrorTest<unknown>): test is ErrorClass<unknown> {
  const property = Object.getOwnPropertyDescriptor(test, "prototype");
  return property !== undefined && (property.writable === false || property.value instanceof Error);
}

function matches(error: unknown, test: ErrorTest<unknown>): boolean {
  if (!isClass(test)) return test(error);
  if (!(error instanceof test)) return false;
  // A group is an Error too, and may hold a cancellation: a class that is no group's is asked of its leaves.
  if (isAggregate(error) && !(test === AggregateError || test.prototype instanceof AggregateError)) return false;
  // An Error that was only given the name has no class of its own, so none but a predicate matches it.
  return !isAbortError(error) || ((error as object).constructor === test && test !== Error);
}

/**
 * The first error that passes `test`: `error` itself, or one of its leaves if it is a group. Reads the same for one error and for many.
 *
 * @throws {TypeError} when `test` is neither a class nor a function.
 */
export function findError<E>(error: unknown, test: ErrorClass<E> | ErrorGuard<E>): E | undefined;
export function findError(error: unknown, test: ErrorPredicate): unknown;
export function findError(error: unknown, test: ErrorTest<unknown>): unknown {
  checkFunction("findError: test", test);
  return matches(error, test) ? error : leavesOf(error, new Set()).find((leaf) => matches(leaf, test));
}

/**
 * `except*` as a value: `const [http, rest] = splitError(error, HttpError); if (http) …; if (rest) throw rest`. `match` is always a group; `rest` is
 * what you rethrow: undefined when nothing is left, the same object when nothing matched, bare if it came bare. A cancellation passes only its own class or a predicate.
 *
 * @throws {TypeError} when `test` is neither a class nor a function.
 * @see PEP 654, `BaseExceptionGroup.split`
 */
export function splitError<E>(
  error: unknown,
  test: ErrorClass<E> | ErrorGuard<E>,
): [match: ErrorGroup<E> | undefined, rest: unknown];
export function splitError(error: unknown, test: ErrorPredicate): [match: ErrorGroup | undefined, rest: unknown];
export function splitError(error: unknown, test: ErrorTest<unknown>): [match: ErrorGroup | undefined, rest: unknown] {
  checkFunction("splitError: test", test);
  const [match, rest] = halves(error, test, new Map());
  if (match.length === 0) return [undefined, error];
  if (rest.length === 0) {
    const all = match[0] instanceof ErrorGroup ? match[0] : new ErrorGroup(match);
    suppress(all, suppressedErrors(error), "splitError");
    return [all, undefined];
  }
  const left = rest[0];
  suppress(left, suppressedErrors(error), "splitError");
  // Holds: neither half is empty, so `error` was a group, and each half is one group made by regroup.
  return [match[0] as ErrorGroup, left];
}

type Halves = readonly [match: readonly unknown[], rest: readonly unknown[]];

/** Each half as a list of no or one element, the group itself where all of it is in that half. What is listed at several places is split once; a cycle stays whole. */
function halves(error: unknown, test: ErrorTest<unknown>, known: Map<unknown, Halves>): Halves {
  if (matches(error, test)) return [[error], []];
  const unsplit: Halves = [[], [error]];
  if (!isAggregate(error)) return unsplit;
  const before = known.get(error);
  if (before !== undefined) return before;
  known.set(error, unsplit);
  const match: unknown[] = [];
  const rest: unknown[] = [];
  for (const inner of error.errors) {
    const [matched, left] = halves(inner, test, known);
    match.push(...matched);
    rest.push(...left);
  }
  if (match.length === 0) return unsplit;
  const split: Halves = [[regroup(error, match)], rest.length === 0 ? [] : [regroup(error, rest)]];
  known.set(error, split);
  return split;
}

/** A part of `source`. Message and stack of its own: it says what is in it. */
function regroup(source: unknown, errors: readonly unknown[]): ErrorGroup {
  const same =
    source instanceof ErrorGroup &&
    source.errors.length === errors.length &&
    source.errors.every((error, index) => error === errors[index]);
  return same ? source : new ErrorGroup(errors);
}
