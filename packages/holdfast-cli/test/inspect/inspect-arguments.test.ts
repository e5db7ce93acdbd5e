import { CliError } from "../../src/cli-error.ts";
import { inspectHelp, parseInspectArguments } from "../../src/options/inspect-arguments.ts";
import type { InspectCommand } from "../../src/options/inspect-arguments.ts";
import { expect, test } from "../harness.ts";

test("switches may stand before and after the process", () => {
  expect(parseInspectArguments("dump", ["--deep", "42", "--json"])).toEqual({
    pid: 42,
    deep: true,
    force: false,
    json: true,
    sort: "id",
    interval: 1000,
    count: Infinity,
  });
});

test("options with values are read, and the last of one counts", () => {
  expect(
    parseInspectArguments("top", ["42", "--interval", "250ms", "--count=3", "--sort", "name", "--sort", "age"]),
  ).toEqual({ pid: 42, deep: false, force: false, json: false, sort: "age", interval: 250, count: 3 });
});

test.each<[InspectCommand, string[], string]>([
  ["dump", [], "holdfast dump needs a process id: holdfast dump <pid>"],
  ["dump", ["x1"], 'a process id is a whole number of at least 1, got "x1"'],
  ["dump", ["1", "2"], 'holdfast dump does not take "2"'],
  ["dump", ["1", "--depe"], "unknown option --depe; did you mean --deep?"],
  ["dump", ["1", "--json=yes"], '--json is a switch and takes no value, got "yes"'],
  ["dump", ["1", "--force"], "--force is about the search of --deep; add --deep"],
  ["doctor", ["1", "--verbose"], "unknown option --verbose"],
  ["ps", ["1", "--sort", "weight"], '--sort must be one of id, age, name, group, state, wait, got "weight"'],
  ["ps", ["1", "--sort"], "--sort needs a value: --sort id|age|name|group|state|wait"],
  ["ps", ["1", "--force"], "--force is about the search of --deep; add --deep"],
  ["top", ["1", "--interval", "50ms"], '--interval must be a duration from 100ms to 1d, as in 500ms or 2s, got "50ms"'],
  ["top", ["1", "--count", "0"], '--count must be a whole number of at least 1, got "0"'],
  ["top", ["1", "--verbose"], "unknown option --verbose"],
  ["ls", ["1"], 'holdfast ls does not take "1"'],
])("%s %j is refused: %s", (command, args, message) => {
  let thrown: unknown;
  try {
    parseInspectArguments(command, args);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(CliError);
  expect(thrown).toMatchObject({ exitCode: 64, message });
});

test("the help of each command names its switches and no others", () => {
  const named = (["ls", "dump", "ps", "top", "doctor"] as const).map((command) =>
    [...inspectHelp(command).matchAll(/^ {6}--([a-z]+)(?: |$)/gmu)].map(([, name]) => name),
  );
  expect(named).toEqual([
    ["json"],
    ["deep", "force", "json"],
    ["sort", "deep", "force", "json"],
    ["interval", "count", "sort", "json"],
    ["force", "json"],
  ]);
});

test("the help of each command names its exit codes and no others", () => {
  const codesOf = (command: InspectCommand): string[] =>
    [...inspectHelp(command).matchAll(/^ {2}(\d+(?:, \d+)*) +\S/gmu)].flatMap(([, codes]) => codes ?? []);
  const looking = ["64", "66", "69", "75", "77", "130, 143"];
  expect([codesOf("ls"), codesOf("dump"), codesOf("ps"), codesOf("top"), codesOf("doctor")]).toEqual([
    ["0", "64", "69"],
    ["0", ...looking],
    ["0", ...looking],
    ["0", ...looking, "141"],
    ["0", "1", ...looking],
  ]);
});
