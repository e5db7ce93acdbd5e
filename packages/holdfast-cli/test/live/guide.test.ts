import { readFileSync } from "node:fs";
import { inspectHelp } from "../../src/options/inspect-arguments.ts";
import { viewState } from "../../src/live/view-state.ts";
import { draw } from "../../src/live/view.ts";
import { expect, test } from "../harness.ts";
import { fakeWatched } from "./fake-watched.ts";

const guide = readFileSync(new URL("../../../../docs/guide/top.md", import.meta.url), "utf8");
const compare = (left: string = "", right: string = ""): number => left.localeCompare(right);
const named = (text: string): Set<string> =>
  new Set([...text.matchAll(/(?<![\w-])--([a-z][a-z-]+)/gu)].map(([, name]) => name ?? ""));

test("the guide names every option of ps and top but those of the heap's size and the help, and no other of the tool's", () => {
  const known = new Set([...named(inspectHelp("ps")), ...named(inspectHelp("top"))]);
  known.delete("help");
  known.delete("force");
  const spoken = named(guide);
  // One of Node's.
  spoken.delete("import");
  expect(spoken).toEqual(known);
});

test("the guide explains every key that the last line of the screen names", () => {
  const last = draw(viewState("id"), fakeWatched(), { columns: 200, rows: 20 }).at(-1)?.text ?? "";
  const keys = [...last.matchAll(/(?:^| {2,})(\S) [a-z]+/gu)].map(([, key]) => key);
  const table = guide.slice(guide.indexOf("| key "), guide.indexOf("`--interval"));
  const explained = [...table.matchAll(/^\| (\S)[ ,|]/gmu)].map(([, key]) => key);
  expect(explained.filter((key) => key !== "-").toSorted(compare)).toEqual(keys.toSorted(compare));
});

test("the guide lists the exit codes that top has beyond those of dump", () => {
  const shared = new Set(["64", "66", "75", "77"]);
  const listed = [...guide.matchAll(/^\| (\d[\d, ]*\d|\d) +\|/gmu)].map(([, codes]) => codes ?? "");
  const known = [...inspectHelp("top").matchAll(/^ {2}(\d[\d, ]*\d|\d) {2,}\S/gmu)].map(([, codes]) => codes ?? "");
  expect(listed).toEqual(known.filter((code) => !shared.has(code)));
});
