/**
 * What is on the screen, from what is known of a process and what its watcher has chosen. Nothing but text comes out, and nothing but its arguments goes in.
 *
 * VIEW-1: there are no more lines than rows, and none is wider than the columns.
 */
import { findWarnings } from "holdfast/inspect";
import type { LiveGauges, LiveSnapshot, ProcessDump } from "holdfast/inspect";
import { formatDuration } from "../duration.ts";
import { count, counted, rateText } from "../progress/status-text.ts";
import { clip, printable } from "../terminal-text.ts";
import { sortRows, taskRows } from "./task-rows.ts";
import type { TaskRow } from "./task-rows.ts";
import { taskTable } from "./task-table.ts";
import type { ViewState } from "./view-state.ts";

/** What is known of a process at some moment. */
export interface Watched {
  readonly pid: number;
  readonly gauges: LiveGauges | undefined;
  readonly snapshot: LiveSnapshot | undefined;
  /** The one before: some warnings compare. */
  readonly before: ProcessDump | undefined;
  /** Milliseconds from snapshot to snapshot. */
  readonly interval: number;
  /** Milliseconds for which it has not answered; undefined while it does, or has had no time yet. */
  readonly silence: number | undefined;
  /** What its main thread runs meanwhile, the innermost first, where that was asked; or why it was not. */
  readonly blockedBy: readonly string[] | string | undefined;
}

export interface Line {
  readonly text: string;
  readonly style: "plain" | "title" | "chosen" | "warning" | "keys";
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Warnings that are written out, and frames of what blocks it. */
const MOST_WARNINGS = 3;
const MOST_FRAMES = 6;
const MEGABYTE = 1024 * 1024;

const help: readonly string[] = [
  "up, down, PageUp, PageDown   choose a task",
  "t   tree: each task below the one that it runs in",
  "s   sort by the next of id, age, name, group, state, wait",
  "/   filter: type, then Enter; Escape shows all again",
  "p   pause: the list stays as it is, the numbers above go on",
  "c   cancel the chosen task, where the process allows that: HOLDFAST_INSPECT=allow-cancel",
  "q   quit",
];

export function draw(state: ViewState, watched: Watched, size: Size): readonly Line[] {
  const above = [...headerLines(state, watched), plain("")];
  const below = footerLine(state);
  const room = size.rows - above.length - 1;
  const body =
    state.mode === "help" ? help.map(plain) : listLines(state, watched, { columns: size.columns, rows: room });
  const filled = body.slice(0, Math.max(0, room));
  while (filled.length < room) filled.push(plain(""));
  // On a screen of a few rows the keys are what is left.
  const lines = [...above, ...filled].slice(0, Math.max(0, size.rows - 1));
  return [...lines, below].map(({ text, style }) => ({ text: clip(text, size.columns), style }));
}

/** The rows that are shown, in their order. */
export function shownRows({ sort, isTree, filter }: ViewState, { snapshot }: Watched): readonly TaskRow[] {
  if (snapshot === undefined) return [];
  const all = taskRows(snapshot.dump);
  const wanted = filter.toLowerCase();
  const rows = wanted === "" ? all : all.filter((row) => textOf(row).includes(wanted));
  return isTree ? rows : sortRows(rows, sort);
}

function textOf({ id, name, group, state, wait, where, spawnedAt }: TaskRow): string {
  return [id, name, group, state, wait, where, spawnedAt].join("\n").toLowerCase();
}

/** "busy 12%, …": what a line of the plain output says too. */
export function gaugesText({ busy, delay, heap, tasks, span }: LiveGauges): readonly [load: string, tasks: string] {
  const late =
    delay === undefined ? "" : `   loop delay ${formatDuration(delay.mean)}, at most ${formatDuration(delay.max)}`;
  const perSecond = (many: number): string => rateText((many * 1000) / Math.max(1, span));
  return [
    `busy ${Math.round(busy * 100)}%${late}   heap ${megabytes(heap.used)} of ${megabytes(heap.total)} MB`,
    `${counted(tasks.alive, "task")}   ${perSecond(tasks.started)} started, ${perSecond(tasks.finished)} ended`,
  ];
}

export function titleText({ pid, gauges, snapshot }: Watched): string {
  const node = snapshot === undefined ? "" : `, node ${snapshot.dump.node}`;
  return `process ${pid}${node}${gauges === undefined ? "" : `, up ${formatDuration(gauges.uptime)}`}`;
}

/** Why nothing new comes, where nothing does. */
export function silenceLines({ pid, silence, blockedBy }: Watched): readonly string[] {
  if (silence === undefined) return [];
  const first = `not answering for ${formatDuration(silence)}`;
  if (blockedBy === undefined) return [first];
  if (typeof blockedBy === "string") return [printable(`${first}: ${blockedBy}; holdfast doctor ${pid} may tell more`)];
  return [`${first}: its main thread runs`, ...blockedBy.slice(0, MOST_FRAMES).map((frame) => `    at ${frame}`)];
}

export function warningLines({ snapshot, before }: Watched): readonly string[] {
  if (snapshot === undefined) return [];
  const warnings = findWarnings(snapshot.dump, before);
  const more = warnings.length - MOST_WARNINGS;
  return [
    ...warnings.slice(0, MOST_WARNINGS).map(({ code, message }) => printable(`${code}: ${message}`)),
    ...(more > 0 ? [`and ${counted(more, "other warning")}`] : []),
  ];
}

function headerLines(state: ViewState, watched: Watched): Line[] {
  const { gauges, snapshot, interval } = watched;
  const [load, tasks] = gauges === undefined ? ["", ""] : gaugesText(gauges);
  const looks =
    snapshot === undefined ? "" : `   looked for ${formatDuration(snapshot.pause)}, every ${formatDuration(interval)}`;
  const lines = [
    { text: `${titleText(watched)}${state.isPaused ? "   paused" : looks}`, style: "title" as const },
    plain(load),
    plain(tasks),
  ];
  for (const text of [...silenceLines(watched), ...warningLines(watched)]) lines.push({ text, style: "warning" });
  return lines;
}

function listLines(state: ViewState, watched: Watched, { columns, rows: room }: Size): readonly Line[] {
  const { snapshot } = watched;
  if (snapshot === undefined) return [plain("waiting for the first answer")];
  const rows = shownRows(state, watched);
  const all = snapshot.dump.scopes.filter(({ kind }) => kind === "task").length;
  if (rows.length === 0)
    return [
      plain(
        all === 0
          ? "no task of the library runs"
          : `none of ${counted(all, "task")} has ${JSON.stringify(printable(state.filter))} in it`,
      ),
    ];
  const notes =
    snapshot.dump.omitted > 0 ? [`${counted(snapshot.dump.omitted, "task")} not listed: there are too many`] : [];
  // The titles, and what is below.
  const height = Math.max(1, room - 1 - notes.length);
  const chosen = rows.findIndex(({ id }) => id === state.chosen);
  const top = Math.max(0, Math.min(chosen - Math.floor(height / 2), rows.length - height));
  const [titles = "", ...lines] = taskTable(rows.slice(top, top + height), columns, state.isTree);
  return [
    { text: titles, style: "title" },
    ...lines.map((text, index): Line => ({ text, style: top + index === chosen ? "chosen" : "plain" })),
    ...notes.map(plain),
  ];
}

function footerLine(state: ViewState): Line {
  const { message, mode, filter, isPaused, isTree, sort, chosen } = state;
  if (message !== undefined) return { text: printable(message), style: "warning" };
  switch (mode) {
    case "filter":
      return { text: `filter: ${printable(filter)}_`, style: "keys" };
    case "confirm":
      return { text: `cancel task ${chosen}? y: yes, any other key: no`, style: "warning" };
    case "help":
      return { text: "any key: back", style: "keys" };
    case "list": {
      const order = isTree ? "tree" : `by ${sort}`;
      const only = filter === "" ? "" : `, only ${JSON.stringify(printable(filter))}`;
      return {
        text: `${order}${only}   q quit  t tree  s sort  / filter  p ${isPaused ? "go on" : "pause"}  c cancel  ? help`,
        style: "keys",
      };
    }
  }
}

function plain(text: string): Line {
  return { text, style: "plain" };
}

function megabytes(bytes: number): string {
  return count(Math.round(bytes / MEGABYTE));
}
