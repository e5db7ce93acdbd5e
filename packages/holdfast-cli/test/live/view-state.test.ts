import { press, viewState } from "../../src/live/view-state.ts";
import type { Key, Pressed, ViewState } from "../../src/live/view-state.ts";
import { shownRows } from "../../src/live/view.ts";
import { describe, expect, test } from "../harness.ts";
import { fakeWatched } from "./fake-watched.ts";

const start = viewState("id");

/** A letter, or a key by its name. */
function keyOf(word: string): Key {
  if (word.startsWith("^")) return { name: word.slice(1), text: "\u0003", isControl: true };
  if (word.length > 1) return { name: word, text: word === "space" ? " " : "\u001B[", isControl: false };
  return { name: /[a-z]/u.test(word) ? word : undefined, text: word, isControl: false };
}

/** After these keys, one after the other. */
function after(words: readonly string[], allowsCancel: boolean = true, from: ViewState = start): Pressed {
  let pressed: Pressed = { state: from };
  for (const word of words)
    pressed = press(pressed.state, keyOf(word), shownRows(pressed.state, fakeWatched()), allowsCancel);
  return pressed;
}

describe("press", () => {
  test.each([
    [["q"], { kind: "quit" }],
    [["^c"], { kind: "interrupt" }],
    [["/", "^c"], { kind: "interrupt" }],
    [["p", "p"], { kind: "resume" }],
    [["down", "c", "y"], { kind: "cancel", id: 1 }],
    [["down", "c", "n"], undefined],
    [["^x"], undefined],
    [["z"], undefined],
  ])("%j wishes %j", (words, wish) => {
    expect(after(words).wish).toEqual(wish);
  });

  test.each<[string[], Partial<ViewState>]>([
    [["t"], { isTree: true }],
    [["t", "t"], {}],
    [["p"], { isPaused: true }],
    [["space"], { isPaused: true }],
    [["s"], { sort: "age" }],
    [["t", "s"], { sort: "age", isTree: false }],
    [["s", "s", "s", "s", "s", "s"], {}],
    [["?"], { mode: "help" }],
    [["?", "q"], {}],
    [["/", "l", "o", "x", "backspace"], { mode: "filter", filter: "lo" }],
    [["/", "q", "return"], { filter: "q" }],
    [["/", "l", "escape"], {}],
    [["/", "l", "return", "escape"], {}],
    [["/", "漢", "backspace", "backspace"], { mode: "filter" }],
    [["down"], { chosen: 1 }],
    [["down", "down"], { chosen: 2 }],
    [["down", "pagedown"], { chosen: 3 }],
    [["up"], { chosen: 3 }],
    [["down", "j", "k"], { chosen: 1 }],
    [["down", "pageup"], { chosen: 1 }],
    [["down", "escape"], {}],
    [["c"], { message: "choose a task with the arrow keys first" }],
    [["c", "down"], { chosen: 1 }],
    [["down", "c"], { chosen: 1, mode: "confirm" }],
    [
      ["down", "/", "p", "o", "l", "l", "return", "c"],
      { chosen: 1, filter: "poll", message: "choose a task with the arrow keys first" },
    ],
  ])("%j changes %j", (words, changes) => {
    expect(after(words).state).toEqual({ ...start, ...changes });
  });

  test("cancelling is not even asked about where the process does not allow it", () => {
    expect(after(["down", "c"], false).state).toEqual({
      ...start,
      chosen: 1,
      message: "the process does not allow it; start it with HOLDFAST_INSPECT=allow-cancel",
    });
  });
});
