/**
 * Failures that nobody has looked at: a group keeps them until it ends, and somebody has to wait for that.
 *
 * Invariants
 * - DEBUG-2: a failure is told as unseen only if its group has neither thrown it nor given it to `onTaskError`, and nobody has asked the task for it.
 */
import { now, type Scope, SETTLED, startWatchdog } from "../core/lowlevel.ts";
import { formatError } from "./format-error.ts";
import { durationText, oneLine } from "./format-error-facts.ts";
import { isOpenGroup, type TaskScope } from "./task-scope.ts";

/** Milliseconds from the failure. */
const PATIENCE = 1000;
/** What is kept, and with it the errors. */
const MOST = 1000;
/** Of those that are told at the exit. */
const MOST_TOLD = 10;
/** In a task's bits: somebody has been given its promise. */
const JOINED = 512;

interface Kept {
  readonly group: Scope;
  readonly task: string;
  readonly error: unknown;
  readonly at: number;
  isSeen: boolean;
}

/** What gives the failure of a task to whoever asks. */
const ASKING = ["join", "settled", "outcome"] as const;

export class Failures {
  readonly #write: (text: string) => void;
  #kept: Kept[] = [];

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** `task` has failed just now, and its group will throw that. */
  add(task: TaskScope): void {
    const outcome = task.outcome();
    if (outcome?.ok !== false || (task.bits & JOINED) !== 0 || (task.cold?.joiners?.size ?? 0) > 0) return;
    const { error } = outcome;
    if (this.#kept.length >= MOST) this.#kept = this.#kept.filter(isUnseen);
    if (this.#kept.length >= MOST) return;
    const kept: Kept = { group: task.group, task: task.name, error, at: now(), isSeen: false };
    this.#kept.push(kept);
    for (const name of ASKING) {
      const ask: unknown = Reflect.get(task, name);
      const value = (...args: unknown[]): unknown => {
        kept.isSeen = true;
        return typeof ask === "function" ? Reflect.apply(ask, task, args) : undefined;
      };
      Object.defineProperty(task, name, { value, writable: true, configurable: true });
    }
    // Any other group ends by itself, and whoever waits for it is told.
    if (isOpenGroup(task.group)) startWatchdog(() => this.#look(kept), PATIENCE);
  }

  stop(): void {
    this.#kept = this.#kept.filter(isUnseen);
  }

  #look(kept: Kept): void {
    if (!isUnseen(kept) || !isOpenGroup(kept.group)) return;
    kept.isSeen = true;
    const age = durationText(now() - kept.at);
    const what = `${titleOf(kept)} failed ${age} ago, and nobody has joined it, nor called close(), which throws this`;
    this.#write(`${oneLine(what)}: ${formatError(kept.error)}`);
  }

  /** At the exit. `isTold`: whether somebody was told by other means. */
  tellRest(isTold: (error: unknown) => boolean): void {
    const rest = this.#kept.filter((kept) => isUnseen(kept) && !isTold(kept.error));
    for (const kept of rest.slice(0, MOST_TOLD))
      this.#write(
        `${oneLine(`the process exits, and nobody was told that ${titleOf(kept)} had failed`)}: ${formatError(kept.error)}`,
      );
    if (rest.length > MOST_TOLD)
      this.#write(`the process exits, and nobody was told of ${rest.length - MOST_TOLD} more failures`);
  }
}

function isUnseen({ group, isSeen }: Kept): boolean {
  return !isSeen && (group.bits & SETTLED) === 0;
}

function titleOf({ task, group }: Kept): string {
  return `task ${JSON.stringify(task)} of group ${JSON.stringify(group.name)}`;
}
