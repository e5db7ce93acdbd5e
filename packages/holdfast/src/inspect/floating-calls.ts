/**
 * Calls that run outside of all tasks and that no async function awaits: their stacks end in a function. What waits below a module is awaited by the program itself.
 */
import type { ProcessDump } from "./process-dump.ts";
import { listIn } from "./list-in.ts";
import { count, placeOf } from "./text.ts";
import { type Warning, warning } from "./warning.ts";

/** So many are told apart; a server that handles requests outside of tasks has one for each route. */
const MOST = 5;

export function floatingCalls({ outside, stacks, folder }: ProcessDump): readonly Warning[] {
  /** By the outermost function, how many are suspended where. */
  const calls = new Map<string, { readonly frame: string; readonly times: number }[]>();
  for (const { stack, count: times } of outside) {
    const frames = stack === undefined ? [] : (stacks[stack]?.frames ?? []);
    const outermost = functionOf(frames.at(-1) ?? "");
    if (outermost !== undefined) listIn(calls, outermost).push({ frame: frames[0] ?? "", times });
  }
  return [...calls].slice(0, MOST).map(([name, places]) => {
    const total = places.reduce((sum, { times }) => sum + times, 0);
    const lines = places.slice(0, 3).map(({ frame }) => placeOf(frame, folder));
    const message = `${count(total, "call")} of ${name} outside of any task, awaited by no async function, at ${lines.join(", and ")}: unless an event has started it, await it, or spawn it in a group`;
    return warning("floating-call", message, []);
  });
}

/** undefined for code outside of functions. */
function functionOf(frame: string): string | undefined {
  return /^(?<name>.+) \(.*\)$/u.exec(frame)?.groups?.["name"];
}
