/**
 * A function over many items, where the first failure ends it.
 */
import { checkCount, checkDuration, checkFunction } from "./argument.ts";
import { echoOf, type Scope, scopeOf } from "./cancel.ts";
import { checkItems, type ItemRun, type Items, LaneGroup, type Step } from "./lanes.ts";
import { type Limits, Operation } from "./operation.ts";
import { callSite } from "./spawn-site.ts";
import type { CallOptions } from "./timeout.ts";

/** How many items at a time, and what a failure does. */
export interface MapOptions extends CallOptions {
  /** How many at a time: an integer from 1 up; no default on purpose. Infinity is allowed. */
  readonly concurrency: number;
  /** Default true: the first failure cancels the rest, and is thrown itself. false: all run, then an ErrorGroup of all failures is thrown. */
  readonly stopOnError?: boolean | undefined;
  /** Milliseconds for each item; then it fails with a TimeoutError, layer "item". Default: none. */
  readonly timeout?: number | undefined;
  /**
   * Milliseconds that an item has to stop before it is abandoned and its lane goes on. Default: after its timeout 1,000, or 0 if it never looked at its signal; when all is
   * cancelled, as long as it takes.
   */
  readonly grace?: number | undefined;
}

/** The lanes for a call of `map` and its like; `outer` goes around each call of `run`. @throws {TypeError | RangeError} for a caller's mistake */
export function lanesFor<T, R>(
  name: string,
  items: Items<T>,
  run: ItemRun<T, R>,
  options: MapOptions,
  site: string | undefined,
  results?: unknown[],
  outer?: (step: Step<T>) => Step<T>,
): LaneGroup<T> {
  checkItems(name, items);
  checkFunction(name, run);
  checkCount("concurrency", options?.concurrency, 1, name);
  const { concurrency, stopOnError = true, timeout = Infinity, grace, signal } = options;
  checkDuration("timeout", timeout, 0, name);
  if (grace !== undefined) checkDuration("grace", grace, 0, name);
  const title = options.name ?? (run.name || name);
  let step: Step<T> = run;
  if (timeout !== Infinity || grace !== undefined) {
    const limits: Limits = { timeout, layer: "item", grace, graceFromCancel: grace !== undefined };
    const named = { name: title };
    // Holds: the context that a lane is given is its own task.
    step = (item, index, context) =>
      new Operation(context as unknown as Scope, named, limits, undefined).start((inner) => run(item, index, inner));
  }
  if (outer !== undefined) step = outer(step);
  const group: LaneGroup<T> = new LaneGroup<T>(
    { name: title, concurrency, stopOnError, parent: scopeOf(signal), site },
    stopOnError ? step : collecting(step),
    results,
  );
  return group;

  /** Failures are noted, and the lane goes on. */
  function collecting(inner: Step<T>): Step<T> {
    return async (item, index, context) => {
      try {
        return await inner(item, index, context);
      } catch (error) {
        // Holds: the context that a lane is given is its own task. Asked of that: it is the lane whose signal was handed out.
        if (echoOf(error, context as unknown as Scope) !== undefined) throw error;
        group.failed(error);
        return undefined;
      }
    };
  }
}

/**
 * Calls `run` for every item, at most `concurrency` at a time, and resolves with the results in the order of the items. Items are taken only when there is a free place, so an endless
 * or slow input is fine. The first failure cancels the rest: no further item starts, the running ones see their signal abort and are waited for, then that error is thrown, itself; errors that came after it
 * are in `suppressedErrors`. An input that was not read to its end is closed (`return()`).
 *
 * @param run is given the item, its index, and a {@link Context} (shared by the items of a lane, unless they have a `timeout`)
 * @throws the first error of `run` or of the input, the same object
 * @throws {ErrorGroup} of all failures, with `stopOnError: false`: for one as for many
 * @throws the reason of `signal`, when that cut something short and nothing failed
 * @throws {RangeError} when `concurrency` is below 1
 */
export async function map<T, R>(items: Items<T>, run: ItemRun<T, R>, options: MapOptions): Promise<R[]> {
  const results: R[] = [];
  await lanesFor("map", items, run, options, callSite(map), results).consume(items);
  return results;
}

/** As {@link map}, without keeping results: memory does not grow with the number of items. */
export async function forEach<T>(items: Items<T>, run: ItemRun<T, unknown>, options: MapOptions): Promise<void> {
  await lanesFor("forEach", items, run, options, callSite(forEach)).consume(items);
}
