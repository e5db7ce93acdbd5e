/**
 * Where something was started, as one line of text. Capturing a stack costs microseconds, so tasks share a budget; and an Error whose stack
 * was never formatted keeps the closures of its frames alive, so what is stored is the text.
 */

/** Tasks a second whose spawn site is recorded; those beyond have none. */
let budget = 1000;
let tokens = budget;
let refilledAt = 0;

/** Called with a time that was read anyway, so that spawning itself reads no clock. */
export function refillSpawnSites(time: number): void {
  if (time - refilledAt < 1000 && time >= refilledAt) return;
  refilledAt = time;
  tokens = budget;
}

/** Sets for how many tasks a second this copy of the library records where they were spawned, from 0 to Infinity; returns what it was before: 1,000 at first. */
export function limitSpawnSites(perSecond: number): number {
  const before = budget;
  tokens = budget = perSecond;
  return before;
}

/** The first frame above the function `above`, like "at main (file:///app.ts:10:5)"; undefined where the engine can't say. */
export function callSite(above: unknown): string | undefined {
  if (Error.captureStackTrace === undefined) return undefined;
  const holder: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 1;
    Error.captureStackTrace(holder, above);
    return holder.stack?.split("\n")[1]?.trim();
  } catch {
    // Somebody froze Error: its limit can't be set. Then there is no site, and no error of ours in their face.
    return undefined;
  } finally {
    try {
      if (limit !== undefined) Error.stackTraceLimit = limit;
    } catch {
      // As above.
    }
  }
}

/** As {@link callSite}, while the budget lasts. */
export function budgetedCallSite(above: unknown): string | undefined {
  return tokens > 0 && tokens-- > 0 ? callSite(above) : undefined;
}
