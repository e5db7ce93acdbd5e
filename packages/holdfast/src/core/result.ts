/**
 * Failures as values.
 */
import { checkDuration, checkEntries, checkFunction } from "./argument.ts";
import { echoOf, reasonOf, scopeOf, type Scope } from "./cancel.ts";
import { Operation, type Run } from "./operation.ts";
import { suppress } from "./suppressed.ts";
import { budgetedCallSite } from "./spawn-site.ts";
import type { AbandonOptions } from "./timeout.ts";

/** What became of a call: its value, or the error that it threw. */
export type Result<T, E = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** What the combinators and `settle` take. */
export interface CombineOptions extends AbandonOptions {
  /** Milliseconds for all of it; Infinity for none (the default). */
  readonly timeout?: number | undefined;
}

/** `Awaited` is needed: for tuples TypeScript infers `User | Promise<User>` through `Awaitable` (it does not for records). */
export type ResultsOf<T> = { -readonly [K in keyof T]: Result<Awaited<T[K]>> };

/**
 * Calls the function, or all of a list or record at once, and gives a {@link Result} for each, in the same shape. Nothing is
 * cancelled because something failed, and it resolves when all have settled. An outer abort rejects with the signal's reason (errors that came before are in
 * `suppressedErrors`), unless everything returned all the same. A limit that ran out is a Result.
 *
 * `grace`: how long cancelled work has to stop before it is abandoned. Default Infinity.
 *
 * @throws {TypeError} when something is no function
 * @throws {RangeError} for a timeout or grace below 0 or NaN
 */
export function settle<T>(run: Run<T>, options?: CombineOptions): Promise<Result<T>>;
export function settle<T extends readonly unknown[] | []>(
  runs: { readonly [K in keyof T]: Run<T[K]> },
  options?: CombineOptions,
): Promise<ResultsOf<T>>;
export function settle<T extends Record<string, unknown>>(
  runs: { readonly [K in keyof T]: Run<T[K]> },
  options?: CombineOptions,
): Promise<ResultsOf<T>>;
export async function settle(
  input: Run<unknown> | readonly Run<unknown>[] | Readonly<Record<string, Run<unknown>>>,
  options?: CombineOptions,
): Promise<unknown> {
  const limit = options?.timeout ?? Infinity;
  const grace = options?.grace ?? Infinity;
  checkDuration("settle: timeout", limit);
  checkDuration("settle: grace", grace);
  const parent = scopeOf(options?.signal);
  const site = budgetedCallSite(settle);
  const one = typeof input === "function";
  if (typeof input !== "object" || input === null) checkFunction("settle", input);
  const entries = one ? [["call", input] as const] : checkEntries("settle", input);
  const limits = { timeout: limit, layer: "timeout", grace, graceFromCancel: true } as const;
  const before = reasonOf(parent);
  if (before !== undefined) throw before;

  const outcomes = await Promise.all(
    entries.map(([key, run]) => {
      const named = { name: options?.name ?? (run.name || key) };
      return outcomeOf(parent, run, new Operation(parent, named, limits, site));
    }),
  );

  const abort = outcomes.find((outcome) => outcome.aborted !== undefined)?.aborted;
  if (abort !== undefined) {
    const failures = outcomes.flatMap(({ result }) => (result.ok ? [] : [result.error]));
    suppress(
      abort,
      failures.filter((error) => error !== abort),
      "settle",
    );
    throw abort;
  }
  if (one) return outcomes[0]?.result;
  if (Array.isArray(input)) return outcomes.map(({ result }) => result);
  return Object.fromEntries(entries.map(([key], index) => [key, outcomes[index]?.result]));
}

interface Outcome {
  readonly result: Result<unknown>;
  /** The reason, when the call ended by an abort from outside. */
  readonly aborted: object | undefined;
}

async function outcomeOf(parent: Scope, run: Run<unknown>, operation: Operation<unknown>): Promise<Outcome> {
  // One of those that started before it may have aborted: then no further one is started.
  const before = reasonOf(parent);
  if (before !== undefined) return { result: { ok: false, error: before }, aborted: before };
  try {
    return { result: { ok: true, value: await operation.start(run) }, aborted: undefined };
  } catch (error) {
    const aborted = echoOf(error, parent) === undefined ? undefined : reasonOf(parent);
    return { result: { ok: false, error }, aborted };
  }
}
