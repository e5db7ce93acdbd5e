/**
 * A dump as a person reads it: a tree, with a line for each that runs, and below it what it waits for and where. Siblings that differ in nothing but their number are one entry; warnings come last.
 */
import type { DumpedScope, DumpedWait, ProcessDump } from "./process-dump.ts";
import { listIn } from "./list-in.ts";
import { count, durationText, placeOf, printable } from "./text.ts";
import { findWarnings } from "./warnings.ts";

/** How {@link formatDump} writes. */
export interface FormatDumpOptions {
  /** Frames of each stack, an integer from 0 up. Default 20. */
  readonly frames?: number | undefined;
}

/** So many siblings that are alike are written out. */
const ALIKE = 3;

/** What {@link dump} has found, as text of several lines without one at the end. */
export function formatDump(dump: ProcessDump, options?: FormatDumpOptions): string {
  const writer = new Writer(dump, options?.frames ?? 20);
  return writer.text();
}

class Writer {
  readonly #dump: ProcessDump;
  readonly #frames: number;
  readonly #lines: string[] = [];
  /** By the index of the parent, -1 for the top. */
  readonly #below = new Map<number, number[]>();

  constructor(dump: ProcessDump, frames: number) {
    this.#dump = dump;
    this.#frames = frames;
    for (const [index, { parent = -1 }] of dump.scopes.entries()) listIn(this.#below, parent).push(index);
  }

  text(): string {
    const { pid, node, scopes, omitted, outside, stacks, notes } = this.#dump;
    const running = scopes.filter(({ kind }) => kind === "task").length + omitted;
    this.#lines.push(`process ${pid}, node ${node}: ${count(running, "task")}`);
    this.#writeTree();
    if (omitted > 0) this.#lines.push(`${count(omitted, "task")} not shown: there are too many`);
    const total = outside.reduce((sum, wait) => sum + wait.count, 0);
    if (total > 0) this.#lines.push(`outside of any task: ${count(total, "wait")}`);
    for (const wait of outside) this.#writeWait(wait, "  ");
    const most = stacks.filter((stack) => stack.count > ALIKE).toSorted((left, right) => right.count - left.count);
    for (const { frames, count: times } of most.slice(0, 5))
      this.#lines.push(`${times} waits at ${frames.map((frame) => this.#place(frame)).join(" < ")}`);
    for (const { code, message, page } of findWarnings(this.#dump))
      this.#lines.push(`warning (${code}): ${message} (${page})`);
    for (const note of notes) this.#lines.push(`note: ${note}`);
    return this.#lines.join("\n");
  }

  /** Without recursion: groups nest as deep as programs do. */
  #writeTree(): void {
    const open = this.#entriesBelow(-1, "");
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      const { index, alike, prefix, isLast } = entry;
      const scope = this.#dump.scopes[index];
      if (scope === undefined) continue;
      this.#lines.push(`${prefix}${isLast ? "└─ " : "├─ "}${this.#title(scope)}`);
      const inner = `${prefix}${isLast ? "   " : "│  "}`;
      const rail = `${inner}${this.#below.has(index) ? "│  " : "   "}`;
      if (alike.length > 0) this.#lines.push(`${rail}and ${alike.length} more like it: ${this.#idsOf(alike)}`);
      for (const wait of scope.waits) this.#writeWait(wait, rail);
      if (scope.awaitedAt.length > 0) this.#writeFrames("awaited outside of any task", scope.awaitedAt, rail);
      if (scope.omitted > 0) this.#lines.push(`${rail}${count(scope.omitted, "task")} below it not shown`);
      open.push(...this.#entriesBelow(index, inner));
    }
  }

  /** The last first: they are taken from the end. */
  #entriesBelow(
    parent: number,
    prefix: string,
  ): { index: number; alike: readonly number[]; prefix: string; isLast: boolean }[] {
    const groups = new Map<string, number[]>();
    for (const index of this.#below.get(parent) ?? []) {
      const key = this.#below.has(index) ? String(index) : this.#likeness(index);
      listIn(groups, key).push(index);
    }
    const entries = [...groups.values()].flatMap((alike) =>
      alike.length > ALIKE
        ? [{ index: alike[0] ?? 0, alike: alike.slice(1) }]
        : alike.map((index) => ({ index, alike: [] })),
    );
    // In the order of their start again.
    return entries
      .toSorted((left, right) => right.index - left.index)
      .map((entry, position) => ({ ...entry, prefix, isLast: position === 0 }));
  }

  /** The same for scopes that differ in their numbers only. */
  #likeness(index: number): string {
    const { kind, name, state, spawnedAt, functionAt, waits, cancelled } = this.#dump.scopes[index] ?? {};
    const waiting = waits?.map((wait) => [wait.kind, wait.what?.replaceAll(/\d+/gu, "#"), wait.stack, wait.hasSignal]);
    const title = name?.replaceAll(/\d+/gu, "#");
    return JSON.stringify([kind, title, state, spawnedAt, functionAt, waiting, cancelled?.kind]);
  }

  #idsOf(indexes: readonly number[]): string {
    const names = indexes.slice(0, 8).map((index) => {
      const { id, name } = this.#dump.scopes[index] ?? {};
      return String(id ?? name);
    });
    return printable(names.join(", ") + (indexes.length > names.length ? ", …" : ""));
  }

  #title(scope: DumpedScope): string {
    const { kind, id, name, state, age, item, timeLeft, cancelled, sawSignal, spawnedAt, functionAt } = scope;
    const parts = [id === undefined ? `${kind} "${name}"` : `task ${id} "${name}"`];
    if (state !== undefined) parts.push(age === undefined ? state : `${state} for ${durationText(age)}`);
    if (item !== undefined) parts.push(`item ${item}`);
    if (scope.isOpen) parts.push("open until close()");
    if (timeLeft !== undefined)
      parts.push(timeLeft < 0 ? `deadline ${durationText(-timeLeft)} ago` : `deadline in ${durationText(timeLeft)}`);
    if (cancelled !== undefined) {
      const { age: since, by, message } = cancelled;
      parts.push(
        `cancelled${since === undefined ? "" : ` ${durationText(since)} ago`}${by === undefined ? "" : ` by ${this.#place(by)}`}: ${message}`,
      );
      if (kind === "task" && !sawSignal) parts.push("never looked at its signal");
    }
    if (spawnedAt !== undefined) parts.push(`${kind === "task" ? "spawned" : "called"} ${this.#place(spawnedAt)}`);
    else if (functionAt !== undefined) parts.push(`its function is ${this.#place(functionAt)}`);
    return printable(parts.join(", "));
  }

  #writeWait({ kind, what, timeLeft, hasSignal, stack, count: times }: DumpedWait, prefix: string): void {
    const left = timeLeft === undefined ? "" : `, ${durationText(timeLeft)} left`;
    const forgotten = hasSignal || kind === "promise" ? "" : ", without a signal";
    const title = `waits for ${subjectOf(kind, what)}${left}${forgotten}${times > 1 ? `, ${times} times` : ""}`;
    this.#writeFrames(title, stack === undefined ? [] : (this.#dump.stacks[stack]?.frames ?? []), prefix);
  }

  #writeFrames(title: string, frames: readonly string[], prefix: string): void {
    this.#lines.push(printable(`${prefix}${title}`));
    for (const frame of frames.slice(0, this.#frames))
      this.#lines.push(printable(`${prefix}    at ${this.#place(frame)}`));
    if (frames.length > this.#frames) this.#lines.push(`${prefix}    and ${frames.length - this.#frames} more`);
  }

  #place(frame: string): string {
    return placeOf(frame, this.#dump.folder);
  }
}

function subjectOf(kind: string, what: string | undefined): string {
  switch (kind) {
    case "tasks":
      return `the tasks of group ${what}`;
    case "promise":
      return "a promise";
    case "join":
      return `${what}`;
    case "call":
      return `call ${what}`;
    case "sleep":
      return kind;
    default:
      return what === undefined ? kind : `${kind}: ${what}`;
  }
}
