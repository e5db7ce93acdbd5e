import { type Context, type Policy, type PolicyCallOptions, timeout } from "holdfast";

/** A policy that notes when it is entered and left. */
export function noting(log: string[], title: string): Policy {
  const run = async <T>(fn: (context: Context) => T | PromiseLike<T>, options?: PolicyCallOptions): Promise<T> => {
    log.push(`${title} in`);
    try {
      return await timeout(Infinity, fn, options);
    } finally {
      log.push(`${title} out`);
    }
  };
  return {
    run,
    wrap:
      (fn) =>
      async (...parameters) =>
        await run(() => fn.apply(undefined as never, parameters)),
  };
}
