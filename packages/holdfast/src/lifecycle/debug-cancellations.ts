/**
 * Who was told to stop and goes on: what a group says after five seconds, sooner, of every cancellation, and with the lines at which it waits.
 *
 * Invariants
 * - DEBUG-1: what is named still runs when it is named, and its cancellation has reached it; it is named once.
 */
import {
  kidsOf,
  messageOf,
  now,
  reasonOf,
  SAW_SIGNAL,
  Scope,
  SETTLED,
  SHIELDED,
  startWatchdog,
} from "../core/lowlevel.ts";
import type { Dump } from "./debug-inspect.ts";
import { durationText, oneLine } from "./format-error-facts.ts";
import { isOpenGroup, isTask } from "./task-scope.ts";

/** Milliseconds from the cancellation: work that stops does it sooner, or says by a shield that it cleans up. */
const PATIENCE = 1000;
/** Of those that are named at a time. */
const MOST = 20;
const MOST_WAITS = 3;

/** What waits of this kind are for is in the tree itself. */
const STRUCTURE: ReadonlySet<string> = new Set(["tasks", "call"]);

export class Cancellations {
  readonly #write: (text: string) => void;
  /** Where each task waits; undefined where that can't be read. */
  readonly #dump: (() => Dump) | undefined;
  /** In the order in which they came. */
  #told: { readonly scope: Scope; readonly at: number }[] = [];
  readonly #named: WeakSet<object> = new WeakSet();

  constructor(write: (text: string) => void, dump: (() => Dump) | undefined) {
    this.#write = write;
    this.#dump = dump;
  }

  /** `scope` was cancelled just now, and all below it. */
  add(scope: Scope): void {
    this.#told.push({ scope, at: now() });
    if (this.#told.length === 1) startWatchdog(() => this.#look(), PATIENCE);
  }

  stop(): void {
    this.#told = [];
  }

  #look(): void {
    const time = now();
    // Hosts count whole milliseconds and may fire a fraction early.
    const due = this.#told.filter(({ at }) => time - at > PATIENCE - 1);
    this.#told = this.#told.slice(due.length);
    const [next] = this.#told;
    if (next !== undefined) startWatchdog(() => this.#look(), next.at + PATIENCE - time);
    /** By why they were told. */
    const found = new Map<string, Scope[]>();
    let age = 0;
    for (const { scope, at } of due)
      for (const busy of workBelow(scope)) {
        if (this.#named.has(busy)) continue;
        this.#named.add(busy);
        age = Math.max(age, time - at);
        const reason = messageOf(reasonOf(busy));
        found.set(reason, [...(found.get(reason) ?? []), busy]);
      }
    if (found.size === 0) return;
    const dump = this.#read();
    for (const [reason, scopes] of found) {
      const lines = scopes.slice(0, MOST).flatMap((scope) => linesOf(scope, dump));
      if (scopes.length > MOST) lines.push(`  and ${scopes.length - MOST} more`);
      const sentence = oneLine(`${reason}; ${durationText(age)} later this still runs`);
      this.#write([sentence, ...lines].join("\n"));
    }
  }

  #read(): Dump | undefined {
    try {
      return this.#dump?.();
    } catch {
      // What was cancelled is worth its lines, and not the program: a process may be forbidden to look into itself.
      return undefined;
    }
  }
}

/** The innermost work at and below `scope` that a cancellation has reached. */
function workBelow(scope: Scope): Scope[] {
  const found: Scope[] = [];
  const open = [scope];
  for (const one of open) {
    if ((one.bits & SETTLED) !== 0) continue;
    let isWaiting = false;
    for (const kid of kidsOf(one)) {
      if (!(kid instanceof Scope)) continue;
      if ((kid.bits & SHIELDED) !== 0) {
        // Whoever cleans up, or shields what must be done, does what it is to do. A service serves on until it is told itself.
        if (!isTask(kid)) isWaiting = true;
      } else if (!isIdle(kid)) {
        isWaiting = true;
        open.push(kid);
      }
    }
    if (!isWaiting && reasonOf(one) !== undefined && isWork(one)) found.push(one);
  }
  return found;
}

/** A group without a body in which nothing runs. */
function isIdle(scope: Scope): boolean {
  return isOpenGroup(scope) && !kidsOf(scope).some((kid) => kid instanceof Scope);
}

function isWork(scope: Scope): boolean {
  if (isTask(scope)) return scope.state === "running" || scope.state === "abandoned";
  // Where a foreign signal comes in nothing runs, and a group without a body is closed by somebody else.
  return "signal" in scope && !("close" in scope);
}

function linesOf(scope: Scope, dump: Dump | undefined): string[] {
  let task: Scope | undefined = scope;
  while (task !== undefined && !isTask(task)) task = task.parent;
  const known = task && dump?.scopes.find(({ id, name }) => id === task.id && name === task.name);
  const waits = known?.waits.filter(({ kind }) => !STRUCTURE.has(kind)) ?? [];
  const inner = task === undefined || task === scope ? "" : `, in task ${JSON.stringify(task.name)}`;
  const lines = [`  ${titleOf(scope)}${inner}, ${hintOf(scope)}`];
  for (const { kind, what, hasSignal, stack } of waits.slice(0, MOST_WAITS)) {
    const frame = stack === undefined ? undefined : dump?.stacks[stack]?.frames[0];
    const parts = [`waits for ${what ?? kind}`, ...(hasSignal ? [] : ["without a signal"])];
    lines.push(`      ${[...parts, ...(frame === undefined ? [] : [`at ${frame}`])].join(", ")}`);
  }
  if (scope.site !== undefined) lines.push(`      ${isTask(scope) ? "spawned" : "called"} ${scope.site}`);
  return lines.map(oneLine);
}

function titleOf(scope: Scope): string {
  if (isTask(scope)) return `task ${JSON.stringify(scope.name)} in group ${JSON.stringify(scope.group.name)}`;
  return `${"spawn" in scope ? "the body of group" : "call"} ${JSON.stringify(scope.name)}`;
}

function hintOf(scope: Scope): string {
  if ((scope.bits & SAW_SIGNAL) !== 0) return "has its signal, and goes on";
  return "never looked at its signal; pass ({ signal }) on";
}
