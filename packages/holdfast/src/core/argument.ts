/**
 * What is said to a caller who passed something that can't be: the name of the argument, what it must be, the value and its type.
 */

/** What a caller's mistake is in a function that returns a promise: a rejection. A throw inside `Promise.all([a(), b()])` would orphan `a()`. */
export function rejecting<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}

function describe(value: unknown): string {
  if (typeof value === "string") return `${JSON.stringify(value)} (string)`;
  if (typeof value === "function") return "a function";
  if (typeof value === "object") return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
  return value === undefined ? "undefined" : `${String(value)} (${typeof value})`;
}

/** `owner` is whose option it is. Apart from the name, so that no text is made as long as all is well. */
function titleOf(name: string, owner: string | undefined): string {
  return owner === undefined ? name : `${owner}: ${name}`;
}

/** A duration in milliseconds: a number from `least` to Infinity. @throws {TypeError} for no number. @throws {RangeError} for NaN and what is below. */
export function checkDuration(name: string, value: unknown, least = 0, owner?: string): void {
  if (typeof value === "number" && value >= least) return;
  const message = `${titleOf(name, owner)} must be a number of milliseconds >= ${least} or Infinity, got ${describe(value)}`;
  throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
}

/** An integer from `least` up, or Infinity. @throws {TypeError} for no number. @throws {RangeError} for any other number. */
export function checkCount(name: string, value: unknown, least: number, owner?: string): void {
  if (typeof value === "number" && value >= least && (value === Infinity || Number.isInteger(value))) return;
  const message = `${titleOf(name, owner)} must be an integer >= ${least} or Infinity, got ${describe(value)}`;
  throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
}

/** A function, and not the promise that calling one has made. @throws {TypeError} */
export function checkFunction(name: string, value: unknown, owner?: string): void {
  if (typeof value === "function") return;
  const isPromise = typeof (value as PromiseLike<unknown> | undefined)?.then === "function";
  const title = titleOf(name, owner);
  throw new TypeError(
    isPromise
      ? `${title} takes a function, got a promise: its work runs already and can't be cancelled; pass () => work() instead of work()`
      : `${title} takes a function, got ${describe(value)}`,
  );
}

/** One of `values`, or undefined. @throws {TypeError} */
export function checkOneOf(name: string, value: unknown, values: readonly string[], owner?: string): void {
  if (value === undefined || (typeof value === "string" && values.includes(value))) return;
  throw new TypeError(
    `${titleOf(name, owner)} must be one of ${values.map((one) => `"${one}"`).join(", ")}, got ${describe(value)}`,
  );
}

/** A list or a record of functions, as pairs of key and function, in order. @throws {TypeError} naming what is none; a hole of a list is, too, and moves nothing */
export function checkEntries<F>(
  name: string,
  runs: readonly F[] | Readonly<Record<string, F>>,
): (readonly [string, F])[] {
  const refuse = (got: string): never => {
    throw new TypeError(`${name} takes a list or a record of functions, got ${got}`);
  };
  if (typeof runs !== "object" || runs === null) return refuse(runs === null ? "null" : typeof runs);
  // Neither has entries: each would be taken for an empty record.
  if (runs instanceof Promise) return refuse("a promise; await it");
  if (!Array.isArray(runs) && Symbol.iterator in runs) return refuse("something iterable; pass [...it]");
  const entries = Array.isArray(runs)
    ? Array.from(runs, (run: F, index) => [String(index), run] as const)
    : Object.entries<F>(runs);
  for (const [key, run] of entries) checkFunction(`${name}: ${JSON.stringify(key)}`, run);
  return entries;
}
