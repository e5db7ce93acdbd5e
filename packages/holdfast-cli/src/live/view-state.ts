/**
 * What the one who watches has chosen, and what a key changes in it.
 */
import { sortKeys } from "./task-rows.ts";
import type { SortKey, TaskRow } from "./task-rows.ts";

export interface ViewState {
  readonly sort: SortKey;
  readonly isTree: boolean;
  /** The list stays as it is. */
  readonly isPaused: boolean;
  /** Only tasks with this somewhere in what is shown of them. */
  readonly filter: string;
  /** What keys mean: "filter": its text is written; "confirm": whether to cancel the chosen task. */
  readonly mode: "list" | "filter" | "confirm" | "help";
  /** The id of the chosen task. */
  readonly chosen: number | undefined;
  /** Said in the last line until the next key. */
  readonly message: string | undefined;
}

export interface Key {
  /** The letter, or "up", "return", …: as `node:readline` calls it. */
  readonly name: string | undefined;
  /** What was typed. */
  readonly text: string | undefined;
  readonly isControl: boolean;
}

export type Wish =
  | { readonly kind: "quit" | "interrupt" | "resume" }
  | { readonly kind: "cancel"; readonly id: number };

export interface Pressed {
  readonly state: ViewState;
  readonly wish?: Wish | undefined;
}

/** Rows that PageUp and PageDown move by. */
const PAGE = 10;

export function viewState(sort: SortKey): ViewState {
  return { sort, isTree: false, isPaused: false, filter: "", mode: "list", chosen: undefined, message: undefined };
}

/** `rows`: those that are shown, in their order. */
export function press(before: ViewState, key: Key, rows: readonly TaskRow[], allowsCancel: boolean): Pressed {
  const state = { ...before, message: undefined };
  if (key.isControl) return key.name === "c" ? { state, wish: { kind: "interrupt" } } : { state };
  switch (state.mode) {
    case "help":
      return { state: { ...state, mode: "list" } };
    case "filter":
      return { state: writeFilter(state, key) };
    case "confirm": {
      const listed = { ...state, mode: "list" as const };
      return key.name === "y" && state.chosen !== undefined
        ? { state: listed, wish: { kind: "cancel", id: state.chosen } }
        : { state: listed };
    }
    case "list":
      return pressInList(state, key, rows, allowsCancel);
  }
}

function pressInList(state: ViewState, key: Key, rows: readonly TaskRow[], allowsCancel: boolean): Pressed {
  // The text first: "?" and "/" have no name on every keyboard.
  switch (key.text === "?" || key.text === "/" ? key.text : key.name) {
    case "q":
      return { state, wish: { kind: "quit" } };
    case "t":
      return { state: { ...state, isTree: !state.isTree } };
    case "p":
    case "space":
      return state.isPaused
        ? { state: { ...state, isPaused: false }, wish: { kind: "resume" } }
        : { state: { ...state, isPaused: true } };
    case "s":
      return { state: { ...state, sort: next(state.sort), isTree: false } };
    case "/":
      return { state: { ...state, mode: "filter" } };
    case "?":
    case "h":
      return { state: { ...state, mode: "help" } };
    case "escape":
      return { state: { ...state, filter: "", chosen: undefined } };
    case "c":
      return { state: askToCancel(state, rows, allowsCancel) };
    case "up":
    case "k":
      return { state: move(state, rows, -1) };
    case "down":
    case "j":
      return { state: move(state, rows, 1) };
    case "pageup":
      return { state: move(state, rows, -PAGE) };
    case "pagedown":
      return { state: move(state, rows, PAGE) };
    default:
      return { state };
  }
}

function next(sort: SortKey): SortKey {
  return sortKeys[(sortKeys.indexOf(sort) + 1) % sortKeys.length] ?? sort;
}

function askToCancel(state: ViewState, rows: readonly TaskRow[], allowsCancel: boolean): ViewState {
  if (!allowsCancel)
    return {
      ...state,
      message: "the process does not allow it; start it with HOLDFAST_INSPECT=allow-cancel",
    };
  if (!rows.some(({ id }) => id === state.chosen))
    return { ...state, message: "choose a task with the arrow keys first" };
  return { ...state, mode: "confirm" };
}

function move(state: ViewState, rows: readonly TaskRow[], by: number): ViewState {
  const at = rows.findIndex(({ id }) => id === state.chosen);
  // From nowhere downwards is the first, upwards the last.
  const to = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
  return { ...state, chosen: rows[to]?.id };
}

function writeFilter(state: ViewState, { name, text }: Key): ViewState {
  switch (name) {
    case "return":
    case "enter":
      return { ...state, mode: "list" };
    case "escape":
      return { ...state, mode: "list", filter: "" };
    case "backspace":
      return { ...state, filter: [...state.filter].slice(0, -1).join("") };
    default:
      return text === undefined || /\p{Cc}/u.test(text) ? state : { ...state, filter: state.filter + text };
  }
}
