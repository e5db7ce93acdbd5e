import { readFileSync } from "node:fs";
import { exitCodeMeanings } from "../../src/exit-code.ts";
import { optionTable } from "../../src/options/option-table.ts";
import { expect, test } from "../harness.ts";

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
const guide = read("docs/guide/runner.md");
const named = (text: string): Set<string> =>
  new Set([...text.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, name]) => name ?? ""));

test("the guide explains every option of the runner but -q, -i and -h, and names none that is not there", () => {
  const spoken = optionTable.map(({ name }) => name).filter((name) => name !== "quiet" && name !== "input");
  expect(named(guide)).toEqual(new Set(spoken));
});

test("the readme names no option that is not there", () => {
  const known = new Set([...optionTable.map(({ name }) => name), "help"]);
  expect([...named(read("packages/holdfast-cli/README.md"))].filter((name) => !known.has(name))).toEqual([]);
});

test("the guide lists the exit codes that the program has", () => {
  const table = guide.slice(guide.indexOf("## Exit codes"));
  const listed = [...table.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, codes]) =>
    (codes ?? "").split(", ").map(Number),
  );
  expect(listed).toEqual(exitCodeMeanings.flatMap(([codes]) => codes.split(", ").map(Number)));
});
