import { dump } from "holdfast/inspect";
import type { Look } from "../../src/inspect/look.ts";
import type { Found } from "../../src/inspect/look-into.ts";
import { heapNote, threadsNote, windowNote } from "../../src/inspect/look-notes.ts";
import { expect, test } from "../harness.ts";

const look: Look = {
  dump: dump({ stacks: false }),
  heap: 300 * 1024 * 1024,
  isTooLarge: true,
  pause: 20,
  loop: { active: 0, idle: 0 },
  running: [],
  resources: {},
  handles: [],
};

const found: Found = { ...look, threads: [], threadsProblem: undefined, before: undefined, window: 12, busy: 0 };

test("a heap that was too large is told with what a search of it would cost", () => {
  expect(heapNote(found)).toEqual([
    "the heap was not searched: of 300 MB (more than 250) each search would stop the process for about 3.0 s; --force does it",
  ]);
  expect(heapNote({ ...found, isTooLarge: false })).toEqual([]);
});

test("workers whose heaps were too large are counted", () => {
  const worker = { id: 1, name: "", url: "file:///w.mjs", problem: undefined };
  const threads = [
    { ...worker, look },
    { ...worker, id: 2, look: { ...look, isTooLarge: false } },
    { ...worker, id: 3, look: undefined, problem: "it has not answered" },
  ];
  expect(threadsNote({ ...found, threads })).toEqual([
    "the heaps of 1 worker were too large to be searched; --force does it",
  ]);
  expect(threadsNote(found)).toEqual([]);
});

test("it is said how long the process stood still, in each of the looks, and how long its port was open", () => {
  expect(windowNote(found)).toEqual(["the process stood still for 20 ms; its port was open for less than 12 ms"]);
  expect(
    windowNote({ ...found, window: undefined, before: { ...look, pause: 30, threads: [], threadsProblem: undefined } }),
  ).toEqual(["the process stood still for 30 ms, and a second later for 20 ms; its inspector was open before"]);
});
