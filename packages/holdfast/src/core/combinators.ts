/**
 * Several calls as one: all of them, or the first. Functions in, so that nothing runs before its owner is there; the first error out; whoever is not needed any more is cancelled and waited for.
 *
 * Invariants
 * - COMBINE-1: when the promise settles, every call has settled, or was abandoned by its grace.
 * - COMBINE-2: once there is a winner, its outcome stands, whatever is cancelled meanwhile.
 */
import { checkDuration, checkEntries } from "./argument.ts";
import { cancel, echoOf, reasonOf, scopeOf, type Scope } from "./cancel.ts";
import { ErrorGroup } from "./error-group.ts";
import { Group } from "./group.ts";
import { reportLateError } from "./late-error.ts";
import { Operation, type Run } from "./operation.ts";
import type { CombineOptions, Result } from "./result.ts";
import { callSite } from "./spawn-site.ts";
import { distinct, suppress } from "./suppressed.ts";

/** `Awaited` is needed: for tuples TypeScript infers `User | Promise<User>` through `Awaitable` (it does not for records). */
export type ValuesOf<T> = { -readonly [K in keyof T]: Awaited<T[K]> };

type Runs = readonly Run<unknown>[] | Readonly<Record<string, Run<unknown>>>;

function entriesOf(name: string, runs: Runs, options: CombineOptions | undefined): (readonly [string, Run<unknown>])[] {
  const entries = checkEntries(name, runs);
  if (options?.timeout !== undefined) checkDuration("timeout", options.timeout, 0, name);
  if (options?.grace !== undefined) checkDuration("grace", options.grace, 0, name);
  return entries;
}

/** A group that throws its first error itself. */
class AllGroup extends Group {
  override combine(errors: readonly unknown[]): unknown {
    suppress(errors[0], errors.slice(1), this.name);
    return errors[0];
  }
}

/**
 * Calls all functions of a list or record at once and resolves with their values in the same shape. The first failure cancels the others, which are waited for; then it is
 * thrown, itself, and what failed besides is in `suppressedErrors`.
 *
 * `timeout`: milliseconds for all of it. `grace`: milliseconds that cancelled calls have to stop before they are abandoned; default Infinity.
 *
 * @throws the first error, the same object
 * @throws {TimeoutError} layer "group"
 * @throws the reason of `signal`, when that cut something short and nothing failed
 * @throws {TypeError | RangeError} for a caller's mistake
 */
export function all<T extends readonly unknown[] | []>(
  runs: { readonly [K in keyof T]: Run<T[K]> },
  options?: CombineOptions,
): Promise<ValuesOf<T>>;
export function all<T extends Record<string, unknown>>(
  runs: { readonly [K in keyof T]: Run<T[K]> },
  options?: CombineOptions,
): Promise<T>;
export async function all(runs: Runs, options?: CombineOptions): Promise<unknown> {
  const entries = entriesOf("all", runs, options);
  const parent = scopeOf(options?.signal);
  const reason = reasonOf(parent);
  if (reason !== undefined) throw reason;
  const site = callSite(all);
  const group = new AllGroup(parent, options?.name ?? "all", site, options ?? {});
  const enter = (key: string, run: Run<unknown>): Promise<unknown> => {
    // What has not started when all is cancelled owns nothing: it is not called.
    const entry: Run<unknown> = (context) => {
      const before = reasonOf(group);
      if (before !== undefined) throw before;
      return run(context);
    };
    return group.add(entry, { name: run.name || key }, site).join();
  };
  const values = await group.run(async () => {
    try {
      return await Promise.all(entries.map(async ([key, run]) => await enter(key, run)));
    } catch {
      // What a call throws, the group has. As the body's failure too, a primitive would count twice.
      return [];
    }
  });
  return Array.isArray(runs) ? values : Object.fromEntries(entries.map(([key], index) => [key, values[index]]));
}

/** Runs them all against each other. `isDecided` says whether an outcome ends it. */
async function contest(
  name: "race" | "any",
  runs: readonly Run<unknown>[],
  options: CombineOptions | undefined,
  site: string | undefined,
): Promise<unknown> {
  const entries = entriesOf(name, runs, options);
  if (entries.length === 0)
    throw new RangeError(`${name} needs at least one function, got an empty list: it would never settle`);
  const parent = scopeOf(options?.signal);
  const reason = reasonOf(parent);
  if (reason !== undefined) throw reason;
  const named = { name: options?.name ?? name };
  const whole = new Operation<unknown>(
    parent,
    named,
    { timeout: options?.timeout ?? Infinity, layer: "timeout", grace: Infinity, graceFromCancel: true },
    site,
  );
  const limits = { timeout: Infinity, layer: "timeout", grace: options?.grace, graceFromCancel: true } as const;
  return await whole.start(async () => {
    const failures: unknown[] = [];
    const late: unknown[] = [];
    let winner: Result<unknown> | undefined;
    const enter = async ([key, run]: readonly [string, Run<unknown>]): Promise<void> => {
      // One that started before it may have cancelled all: then it is not called.
      if (reasonOf(whole) !== undefined) return;
      let result: Result<unknown>;
      try {
        result = {
          ok: true,
          value: await new Operation<unknown>(whole, { name: run.name || key }, limits, site).start(run),
        };
      } catch (error) {
        result = { ok: false, error };
      }
      if (!result.ok && echoOf(result.error, whole) !== undefined) return;
      if (winner !== undefined) {
        if (!result.ok) late.push(result.error);
      } else if (result.ok || name === "race") {
        winner = result;
        cancel(whole, "sibling", `${named.name} was decided by ${run.name || key}`);
      } else failures.push(result.error);
    };
    await Promise.all(entries.map(enter));
    return conclude(named.name, whole, winner, failures, late, { name, count: entries.length });
  });
}

function conclude(
  title: string,
  whole: Scope,
  winner: Result<unknown> | undefined,
  failures: readonly unknown[],
  late: readonly unknown[],
  { name, count }: { readonly name: string; readonly count: number },
): unknown {
  if (winner?.ok === true) {
    for (const error of late) reportLateError(error, title);
    return winner.value;
  }
  if (winner !== undefined) {
    suppress(winner.error, late, title);
    throw winner.error;
  }
  const reason = reasonOf(whole);
  // Real errors go first: when all have failed, nothing was cut short.
  if (reason === undefined || failures.length === count)
    throw new ErrorGroup(distinct(failures), `all ${count} of ${name} failed`);
  suppress(reason, failures, title);
  throw reason;
}

/**
 * Calls all functions and settles as the first of them that settles. The others are cancelled and waited for, as long as their grace lasts. What they throw afterwards goes to `onLateError`, or to the error's
 * `suppressedErrors` when an error won.
 *
 * `timeout`: milliseconds until one must have settled. `grace`: milliseconds that the losers have to stop before they are abandoned; default 1,000, or 0 for one that never looked at its signal.
 *
 * @throws the first error, if that came before the first value
 * @throws {TimeoutError} layer "timeout"
 * @throws {RangeError} for an empty list
 */
export async function race<T extends readonly unknown[] | []>(
  runs: { readonly [K in keyof T]: Run<T[K]> },
  options?: CombineOptions,
): Promise<Awaited<T[number]>> {
  // Holds: what won is what one of them returned.
  return (await contest("race", runs as readonly Run<unknown>[], options, callSite(race))) as Awaited<T[number]>;
}

/**
 * As {@link race}, for the first that succeeds: failures before it are tolerated.
 *
 * @throws {ErrorGroup} of all errors, in their order, when all have failed
 * @throws {TimeoutError} layer "timeout"
 * @throws {RangeError} for an empty list
 */
export async function any<T extends readonly unknown[] | []>(
  runs: { readonly [K in keyof T]: Run<T[K]> },
  options?: CombineOptions,
): Promise<Awaited<T[number]>> {
  // Holds: what won is what one of them returned.
  return (await contest("any", runs as readonly Run<unknown>[], options, callSite(any))) as Awaited<T[number]>;
}
