/**
 * Waits that will not end by themselves: whoever could end one is gone, or was given up.
 */
import type { DumpedWait, ProcessDump } from "./process-dump.ts";
import { at, titleOf, type Warning, warning } from "./warning.ts";

export function stuckWaits(dump: ProcessDump): readonly Warning[] {
  const { scopes } = dump;
  /** By lock: the abandoned task that holds it. */
  const abandoned = new Map<number, number>();
  /** The nearest abandoned task of each scope. */
  const within: (number | undefined)[] = [];
  for (const [index, { parent, state, holds }] of scopes.entries()) {
    const task = state === "abandoned" ? index : parent === undefined ? undefined : within[parent];
    within.push(task);
    if (task !== undefined) for (const lock of holds) abandoned.set(lock, task);
  }
  const whyOf = ({ isLost, kind, resource }: DumpedWait): string | undefined => {
    if (isLost) return LOST[kind];
    const holder = resource === undefined ? undefined : abandoned.get(resource);
    return holder === undefined
      ? undefined
      : `${titleOf(dump, holder)} holds it, which was told to stop, did not, and was abandoned`;
  };
  const found = (wait: DumpedWait, index: number | undefined): readonly Warning[] => {
    const why = whyOf(wait);
    if (why === undefined) return [];
    const who = index === undefined ? "a call outside of any task" : titleOf(dump, index);
    const times = wait.count > 1 ? `, ${wait.count} times` : "";
    const what = `${wait.kind === "permit" ? "" : `${wait.kind}: `}${wait.what}`;
    const message = `${who} waits for ${what}${times}${at(dump, wait)}, and ${why}`;
    return [warning("stuck-wait", message, index === undefined ? [] : [index])];
  };
  return [
    ...scopes.flatMap(({ waits }, index) => waits.flatMap((wait) => found(wait, index))),
    ...dump.outside.flatMap((wait) => found(wait, undefined)),
  ];
}

const LOST: Readonly<Record<string, string>> = {
  permit: "nobody has its permit any more who could give it back; use run, or release it in a finally",
  get: "nobody has a sender any more, though not all were closed; close each when its task is done",
  put: "nobody has a receiver any more, though not all were closed; close each when its task is done",
};
