/**
 * What is wrong with a thread, judged by its await stacks, by what it does and by what it waits for. None of this can be proved from outside, but for some warnings of the library: each finding says what was seen.
 */
import { findWarnings } from "holdfast/inspect";
import type { DumpedWait, ProcessDump } from "holdfast/inspect";
import { functionKey, parseFrame } from "./frame.ts";
import type { Look } from "./look.ts";
import { BLOCKED } from "./look-into.ts";

export interface Stack {
  readonly frames: readonly string[];
  readonly count: number;
  /** Milliseconds for which at least one of them has been there: the same promise in two looks. */
  readonly seenFor: number | undefined;
}

export type Finding =
  /** Of the library, about its own tasks. */
  | { readonly kind: "warning"; readonly code: string; readonly message: string; readonly page: string }
  /** The thread runs JavaScript and has done nothing else for a while: the frames it is in. */
  | { readonly kind: "blocked-loop"; readonly busy: number; readonly frames: readonly string[] }
  /** All calls of one function that are suspended wait for locks. */
  | { readonly kind: "lock-deadlock"; readonly calls: number; readonly stacks: readonly Stack[] }
  /** Calls that await the same promise in two looks, where nothing is open that could settle it but timers. */
  | {
      readonly kind: "unsettled-await";
      readonly calls: number;
      readonly seenFor: number;
      readonly timers: number;
      readonly stacks: readonly Stack[];
    }
  /** Suspended calls that no async function and no module awaits. */
  | { readonly kind: "floating-call"; readonly calls: number; readonly stacks: readonly Stack[] };

/** What one thread has shown. */
export interface Seen {
  readonly look: Look;
  /** An earlier look at the same thread. */
  readonly before: Look | undefined;
  /** Share of some time in which it was busy; undefined where that is not known. */
  readonly busy: number | undefined;
  /** Whether it is the only thread: another could send it what it waits for. */
  readonly isAlone: boolean;
}

const LOCK = /(?:^|[.\s#])(?:acquire|lock|runExclusive|withLock|waitForLock|enter)\w*$/iu;

/** The worst first; empty when nothing was found. */
export function findingsOf({ look, before, busy, isAlone }: Seen): readonly Finding[] {
  const stacks = outsideStacks(look);
  const findings: Finding[] = [];
  // The first look is the one that goes with how busy it was.
  const { running } = before ?? look;
  if (running.length > 0 && busy !== undefined && busy >= BLOCKED)
    findings.push({ kind: "blocked-loop", busy, frames: running });
  for (const { code, message, page } of findWarnings(look.dump, before?.dump))
    // Shown below, with the whole stacks.
    if (code !== "floating-call") findings.push({ kind: "warning", code, message, page });
  const locks = lockDeadlocks(stacks);
  findings.push(...locks);
  const floating = stacks.filter(isFloating);
  const told = new Set([...locks.flatMap((lock) => lock.stacks), ...floating].map(keyOf));
  if (isAlone) findings.push(...unsettledAwaits(look, before, told));
  if (floating.length > 0) findings.push({ kind: "floating-call", calls: total(floating), stacks: floating });
  return findings;
}

/** What is suspended outside of the library's tasks. */
export function outsideStacks({ dump }: Look): readonly Stack[] {
  return stacksOf(dump, dump.outside);
}

function stacksOf({ stacks }: ProcessDump, waits: readonly DumpedWait[]): readonly Stack[] {
  return waits.flatMap(({ stack, count, seenFor }) => {
    const frames = stack === undefined ? undefined : stacks[stack]?.frames;
    return frames === undefined || frames.length === 0 ? [] : [{ frames, count, seenFor }];
  });
}

/** Whatever else is open may yet bring what is waited for: a socket, a file, a child process, a message. */
const TIMERS: ReadonlySet<string> = new Set(["Timeout", "Immediate"]);

/** Those not in `told`. */
function unsettledAwaits(look: Look, before: Look | undefined, told: ReadonlySet<string>): Finding[] {
  const kinds = Object.entries(look.resources);
  const isOpen = kinds.some(([kind]) => !TIMERS.has(kind));
  if (before === undefined || isOpen || look.running.length > 0 || before.running.length > 0) return [];
  const waits = [look.dump.outside, ...look.dump.scopes.map((scope) => scope.waits)].flat();
  const kept = waits
    .filter(({ kind, seenBefore }) => kind === "promise" && seenBefore > 0)
    .map((wait) => ({ ...wait, count: wait.seenBefore }));
  const stacks = stacksOf(look.dump, kept).filter((stack) => !told.has(keyOf(stack)));
  if (stacks.length === 0) return [];
  const seenFor = stacks.reduce((least, stack) => Math.min(least, stack.seenFor ?? 0), Infinity);
  const timers = kinds.reduce((sum, [, times]) => sum + times, 0);
  return [{ kind: "unsettled-await", calls: total(stacks), seenFor, timers, stacks }];
}

function keyOf({ frames }: Stack): string {
  return frames.join("\n");
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
