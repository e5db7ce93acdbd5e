/**
 * An error as text: everything that is known about a failure, as a tree. Groups with their errors, causes, what failed besides, the attempts, and
 * the tasks that it failed with where those were spawned.
 *
 *   ErrorGroup: 2 errors
 *       at async main (file:///app.ts:30:3)
 *   ├─ 1 of 2: TypeError: connection reset
 *   │      at query (file:///app.ts:4:50)
 *   │      at task "load-user" in group "request", 12 ms (file:///app.ts:12:9)
 *   │  └─ cause: Error: ECONNRESET
 *   └─ 2 of 2: …
 *
 * Invariants
 * - FORMAT-2: an error object is printed in full once; where it turns up again, a cycle included, it is named and said to be above.
 * - FORMAT-3: whatever is thrown, the text has at most 100 errors, of each at most 20 lines of message and the frames that were asked for.
 */
import { attemptsOf, suppressedErrors, type TaskFrame, tasksOf } from "../core/index.ts";
import { checkCount, now } from "../core/lowlevel.ts";
import {
  detailsOf,
  durationText,
  errorsOf,
  innerErrorsOf,
  oneLine,
  readProperty,
  titleOf,
} from "./format-error-facts.ts";
import { userFramesOf } from "./format-error-frames.ts";

/** How much is printed, and how. */
export interface FormatErrorOptions {
  /** With the colours of a terminal. Default false. */
  readonly color?: boolean | undefined;
  /** How many levels of errors in errors. Default 8; Infinity is bounded by the number of errors. */
  readonly depth?: number | undefined;
  /** How many stack frames of each error, those of this package and of Node's insides not counted. Default 10. */
  readonly frames?: number | undefined;
}

const MOST_ERRORS = 100;
const MOST_TITLE_LINES = 20;
/** Of a history that is longer, the first and the last are shown. */
const MOST_ATTEMPTS = 10;

type Style = "title" | "label" | "frame" | "task" | "branch";
type Paint = (style: Style, text: string) => string;

const COLORS: Readonly<Record<Style, string>> = { title: "31;1", label: "33", frame: "2", task: "36", branch: "2" };

function plain(_style: Style, text: string): string {
  return text;
}

function colored(style: Style, text: string): string {
  return `\u001b[${COLORS[style]}m${text}\u001b[0m`;
}

/** An error inside another. */
interface Child {
  readonly label: string;
  readonly error: unknown;
  /** Only its title: it is in the way of something more important. */
  readonly isBrief: boolean;
}

/**
 * The text of `error`, whatever it is: an Error, a group, a primitive, a proxy that refuses. Never throws for it. Several lines, without a newline at the end.
 *
 * @throws {TypeError | RangeError} for options that can't be
 */
export function formatError(error: unknown, options?: FormatErrorOptions): string {
  const { color = false, depth = 8, frames = 10 } = options ?? {};
  if (typeof color !== "boolean") throw new TypeError(`formatError: color must be true or false, got ${typeof color}`);
  checkCount("formatError: depth", depth, 0);
  checkCount("formatError: frames", frames, 0);
  const printer = new Printer(color ? colored : plain, depth, frames);
  printer.print({ label: "", error, isBrief: false }, "", "", [], 0);
  return printer.lines.join("\n");
}

class Printer {
  readonly lines: string[] = [];
  readonly #paint: Paint;
  readonly #depth: number;
  readonly #frames: number;
  readonly #seen: Set<unknown> = new Set();
  #left: number = MOST_ERRORS;

  constructor(paint: Paint, depth: number, frames: number) {
    this.#paint = paint;
    this.#depth = depth;
    this.#frames = frames;
  }

  /** `first` begins its first line, `rest` all others. `above`: the tasks that are printed with what it is in. */
  print(child: Child, first: string, rest: string, above: readonly TaskFrame[], level: number): void {
    const { label, error, isBrief } = child;
    this.#left--;
    const isObject = typeof error === "object" && error !== null;
    const isKnown = isObject && this.#seen.has(error);
    this.#title(child, `${first}${label && this.#paint("label", label)}`, rest, isKnown);
    if (isKnown || isBrief || !isObject) return;
    this.#seen.add(error);
    const write = (style: Style, text: string): void => void this.lines.push(`${rest}    ${this.#paint(style, text)}`);
    const frames = userFramesOf(error);
    for (const frame of frames.slice(0, this.#frames)) write("frame", oneLine(frame));
    if (frames.length > this.#frames) write("frame", `… ${frames.length - this.#frames} more frames`);
    const tasks = tasksOf(error);
    // What it is in has failed the outer ones of the same tasks.
    for (const frame of tasks.slice(0, tasks.length - sharedEnd(tasks, above))) write("task", taskLine(frame));
    for (const note of notesOf(error)) write("task", note);
    this.#children(error, rest, tasks.length > 0 ? tasks : above, level);
  }

  #title({ error, isBrief }: Child, first: string, rest: string, isKnown: boolean): void {
    const [head = "", ...more] = titleOf(error).split("\n");
    this.lines.push(`${first}${this.#paint("title", head)}${isKnown ? " (shown above)" : ""}`);
    if (isKnown || isBrief) return;
    for (const line of more.slice(0, MOST_TITLE_LINES - 1)) this.lines.push(`${rest}  ${this.#paint("title", line)}`);
    if (more.length >= MOST_TITLE_LINES) this.lines.push(`${rest}  … ${more.length - MOST_TITLE_LINES + 1} more lines`);
  }

  #children(error: object, rest: string, above: readonly TaskFrame[], level: number): void {
    const children = childrenOf(error);
    const isTooDeep = level >= this.#depth;
    const shown = isTooDeep ? [] : children.slice(0, Math.max(0, this.#left));
    for (const [index, child] of shown.entries()) {
      if (this.#left <= 0) {
        this.#more(rest, children.length - index);
        return;
      }
      const isLast = index === children.length - 1;
      const branch = this.#paint("branch", isLast ? "└─" : "├─");
      this.print(
        child,
        `${rest}${branch} `,
        `${rest}${isLast ? "  " : this.#paint("branch", "│ ")} `,
        above,
        level + 1,
      );
    }
    if (shown.length < children.length) this.#more(rest, children.length - shown.length);
  }

  #more(rest: string, count: number): void {
    this.lines.push(`${rest}${this.#paint("branch", "└─")} … ${count} more ${count === 1 ? "error" : "errors"}`);
  }
}

/** How many frames at the end of both are the same tasks. */
function sharedEnd(tasks: readonly TaskFrame[], above: readonly TaskFrame[]): number {
  let count = 0;
  for (;;) {
    const [own, outer] = [tasks.at(-1 - count), above.at(-1 - count)];
    if (own === undefined || own.task !== outer?.task || own.spawnedAt !== outer.spawnedAt) return count;
    count++;
  }
}

/** In the form of a stack frame, so that tools can read it. */
export function taskLine({ task, group, spawnedAt, age, item }: TaskFrame): string {
  const place = spawnedAt === undefined ? "" : ` (${placeOf(spawnedAt)})`;
  const inGroup = group === "group" || group === "root" ? "" : ` in group ${JSON.stringify(group)}`;
  // A cleanup: its name says the group.
  if (age === undefined) return oneLine(`at ${task}${place}`);
  const what = `${item === undefined ? "" : `, item ${item}`}, ${durationText(age)}`;
  return oneLine(`at task ${JSON.stringify(task)}${inGroup}${what}${place}`);
}

/** "file:///app.ts:3:5" of "at main (file:///app.ts:3:5)". */
export function placeOf(site: string): string {
  return /\((?<inner>.*)\)$/u.exec(site)?.groups?.["inner"] ?? site.replace(/^at (?:async )?/u, "");
}

/** What our own classes know, in words, and an error's own data. */
function notesOf(error: object): string[] {
  const notes: string[] = [];
  const { code, by, at, unresponsive } = {
    code: readProperty(error, "code"),
    by: readProperty(error, "by"),
    at: readProperty(error, "at"),
    unresponsive: readProperty(error, "unresponsive"),
  };
  if (code === "ERR_CANCELLED") {
    const ago = typeof at === "number" ? ` ${durationText(Math.max(0, now() - at))} ago` : "";
    notes.push(`cancelled${ago}${typeof by === "string" ? ` by ${by.replace(/^at /u, "")}` : ""}`);
  }
  if (code === "ERR_TIMEOUT" && Array.isArray(unresponsive))
    for (const one of unresponsive.slice(0, 10)) {
      const spawnedAt = readProperty(one, "spawnedAt");
      const place = typeof spawnedAt === "string" ? ` (${placeOf(spawnedAt)})` : "";
      notes.push(`still running: ${JSON.stringify(readProperty(one, "task"))}${place}`);
    }
  const attempts = attemptsOf(error);
  const [begin, end] = [attempts[0], attempts.at(-1)];
  if (begin !== undefined && end !== undefined && attempts.length > 1)
    notes.push(`after ${end.attempt} attempts in ${durationText(end.startedAt + end.duration - begin.startedAt)}`);
  const details = detailsOf(error);
  if (details !== undefined) notes.push(details);
  return notes.map(oneLine);
}

function childrenOf(error: object): Child[] {
  const children: Child[] = [];
  const add = (label: string, inner: unknown, isBrief = false): void =>
    void children.push({ label: label && `${label}: `, error: inner, isBrief });
  const errors = errorsOf(error) ?? [];
  for (const [index, inner] of errors.entries())
    add(errors.length === 1 ? "" : `${index + 1} of ${errors.length}`, inner);
  const cause = readProperty(error, "cause");
  if (cause !== undefined && !isOwnDeadline(error, cause)) add("cause", cause);
  // What `using` throws when the block and the disposal fail: the later one first.
  if (readProperty(error, "name") === "SuppressedError") {
    add("error", readProperty(error, "error"));
    add("it suppressed", readProperty(error, "suppressed"));
  }
  for (const [key, inner] of innerErrorsOf(error)) add(oneLine(key), inner);
  for (const inner of suppressedErrors(error)) add("also failed", inner);
  addAttempts(error, add);
  return children;
}

/** The cancellation that a TimeoutError of ours has come from says the same once more. */
function isOwnDeadline(error: object, cause: unknown): boolean {
  const [code, inner, kind] = [readProperty(error, "code"), readProperty(cause, "code"), readProperty(cause, "kind")];
  return code === "ERR_TIMEOUT" && inner === "ERR_CANCELLED" && kind === "deadline";
}

/** All but the last, which is the error itself. */
function addAttempts(error: object, add: (label: string, inner: unknown, isBrief: boolean) => void): void {
  const attempts = attemptsOf(error);
  const title = titleOf(error);
  for (const [index, attempt] of attempts.entries()) {
    if (attempt.error === error && index === attempts.length - 1) continue;
    if (index >= MOST_ATTEMPTS / 2 && index < attempts.length - MOST_ATTEMPTS / 2) continue;
    const wait = attempt.delay === undefined ? "" : `, next one ${durationText(attempt.delay)} later`;
    add(
      `attempt ${attempt.attempt}, ${durationText(attempt.duration)}${wait}`,
      attempt.error,
      titleOf(attempt.error) === title,
    );
  }
}
