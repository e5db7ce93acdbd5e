/**
 * What was found in each thread of a process.
 */
import { findingsOf } from "./findings.ts";
import type { Finding, Seen } from "./findings.ts";
import type { Found } from "./look-into.ts";
import type { Look } from "./look.ts";

export interface ThreadReport {
  /** undefined for the main thread. */
  readonly worker:
    | {
        readonly id: number | undefined;
        readonly name: string;
        readonly url: string;
        readonly problem: string | undefined;
      }
    | undefined;
  /** undefined when it has not answered. */
  readonly seen: Seen | undefined;
  readonly findings: readonly Finding[];
}

/** The main thread first, then each worker. */
export function threadReports(found: Found): readonly ThreadReport[] {
  const { before, busy, threads } = found;
  const main: Seen = { look: found, before, busy, isAlone: threads.length === 0 };
  return [
    { worker: undefined, seen: main, findings: findingsOf(main) },
    ...threads.map(({ look, ...worker }): ThreadReport => {
      if (look === undefined) return { worker, seen: undefined, findings: [] };
      const earlier = before?.threads.find(({ id }) => id !== undefined && id === worker.id)?.look;
      const between = earlier === undefined ? undefined : busyBetween(earlier, look);
      const seen = { look, before: earlier, busy: between, isAlone: false };
      return { worker, seen, findings: findingsOf(seen) };
    }),
  ];
}

/** Share of the time between two looks. */
function busyBetween(before: Look, after: Look): number | undefined {
  const active = after.loop.active - before.loop.active;
  const all = active + after.loop.idle - before.loop.idle;
  return all > 0 ? active / all : undefined;
}
