/**
 * What is wrong with a process, judged by its await stacks, by what its main thread does and by what it waits for. None of this can be proved from outside: each finding says what was seen.
 */
import { findWarnings } from "holdfast/inspect";
import type { DumpedWait } from "holdfast/inspect";
import { functionKey, parseFrame } from "./frame.ts";
import type { Look } from "./look.ts";

export interface Stack {
  readonly frames: readonly string[];
  readonly count: number;
}

export type Finding =
  /** Of the library, about its own tasks. */
  | { readonly kind: "warning"; readonly code: string; readonly message: string }
  /** The main thread runs JavaScript and has done nothing else for a while: the frames it is in. */
  | { readonly kind: "blocked-loop"; readonly busy: number; readonly frames: readonly string[] }
  /** All calls of one function that are suspended wait for locks. */
  | { readonly kind: "lock-deadlock"; readonly calls: number; readonly stacks: readonly Stack[] }
  /** Suspended calls that no async function and no module awaits. */
  | { readonly kind: "floating-call"; readonly calls: number; readonly stacks: readonly Stack[] };

/** Share of the time above which an interrupted thread counts as blocked. */
const BLOCKED = 0.9;

const LOCK = /(?:^|[.\s#])(?:acquire|lock|runExclusive|withLock|waitForLock|enter)\w*$/iu;

/** The worst first; empty when nothing was found. */
export function findingsOf(look: Look, busy: number): readonly Finding[] {
  const stacks = outsideStacks(look);
  const findings: Finding[] = [];
  if (look.running.length > 0 && busy >= BLOCKED) findings.push({ kind: "blocked-loop", busy, frames: look.running });
  for (const { code, message } of findWarnings(look.dump)) findings.push({ kind: "warning", code, message });
  findings.push(...lockDeadlocks(stacks));
  const floating = stacks.filter(isFloating);
  if (floating.length > 0) findings.push({ kind: "floating-call", calls: total(floating), stacks: floating });
  return findings;
}

/** What is suspended outside of the library's tasks. */
export function outsideStacks({ dump }: Look): readonly Stack[] {
  return dump.outside.flatMap((wait) => stackOf(wait, dump.stacks));
}

function stackOf({ stack, count }: DumpedWait, stacks: readonly { readonly frames: readonly string[] }[]): Stack[] {
  const frames = stack === undefined ? undefined : stacks[stack]?.frames;
  return frames === undefined || frames.length === 0 ? [] : [{ frames, count }];
}

/**
 * Somebody who holds a lock and does something else would be suspended elsewhere in the function that takes locks. When all its calls wait for a lock, each waits for one that another
 * holds, or one was never given back.
 */
function lockDeadlocks(stacks: readonly Stack[]): (Finding & { readonly kind: "lock-deadlock" })[] {
  const byTaker = new Map<string, Stack[]>();
  for (const stack of stacks) {
    const [first, taker] = [stack.frames[0], takerOf(stack)];
    if (first === undefined || taker === undefined) continue;
    const known = byTaker.get(taker);
    if (known === undefined) byTaker.set(taker, [stack]);
    else known.push(stack);
  }
  return [...byTaker].flatMap(([taker, waiting]) => {
    const isElsewhere = stacks.some(
      (stack) => !waiting.includes(stack) && stack.frames.some((frame) => functionKey(frame) === taker),
    );
    const calls = total(waiting);
    return calls < 2 || isElsewhere ? [] : [{ kind: "lock-deadlock" as const, calls, stacks: waiting }];
  });
}

/** The function that waits for a lock: the first below those that are the lock's own. */
function takerOf({ frames }: Stack): string | undefined {
  if (!LOCK.test(parseFrame(frames[0] ?? "").name ?? "")) return undefined;
  const taker = frames.find((frame) => !LOCK.test(parseFrame(frame).name ?? ""));
  return taker === undefined ? undefined : functionKey(taker);
}

/** A stack that ends in a module is awaited by the program itself. */
function isFloating({ frames }: Stack): boolean {
  const last = frames.at(-1);
  return last !== undefined && parseFrame(last).name !== undefined;
}

function total(stacks: readonly Stack[]): number {
  return stacks.reduce((sum, { count }) => sum + count, 0);
}
