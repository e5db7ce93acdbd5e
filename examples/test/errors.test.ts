/** The guide shows one failing program as four libraries print it: each output on the page is what its program prints. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "../../packages/holdfast/test/harness.ts";
import { lasting, missingFor, outputOf, outputOnPage, programs } from "../errors/outputs.ts";
import type { ProgramName } from "../errors/outputs.ts";

// Holds: those are its keys.
const names = Object.keys(programs) as ProgramName[];

describe("docs/guide/errors.md", () => {
  // Python 3.11 and the benchmarks' packages are not everywhere; holdfast and Node are.
  for (const name of names.filter((each) => missingFor(each) === undefined))
    test(`shows what ${programs[name].file} prints`, () => {
      expect(lasting(outputOf(name))).toBe(lasting(outputOnPage(name)));
    });

  test("shows the traceback of the Python program as it stands, line by line", () => {
    const source = readFileSync(new URL("../errors/python.py", import.meta.url), "utf8").split("\n");
    const shown = outputOnPage("python")
      .split("\n")
      .map((line) => line.replace(/^[\s|+-]+/u, ""));
    const frames = shown.flatMap((line, index) => {
      const number = /^File "python\.py", line (?<number>\d+)/u.exec(line)?.groups?.["number"];
      return number === undefined ? [] : [[Number(number), shown[index + 1]]];
    });
    expect(frames.length).toBeGreaterThan(10);
    expect(frames).toEqual(frames.map(([number]) => [number, source[Number(number) - 1]?.trim()]));
  });

  test("names task, group, attempts and cause of every error where holdfast prints it", () => {
    const text = outputOnPage("holdfast");
    const told = [
      'task "loadCart" in group "order"',
      'task "loadPrices" in group "cart"',
      'task "holdStock" in group "order"',
      "cleanup of order",
      "after 3 attempts",
      "cause: Error: connect ECONNREFUSED",
      "attempt 1, ",
      "attempt 2, ",
      "Error: no prices",
      "Error: the stock was not released",
      "Error: the database was gone",
    ];
    expect(told.filter((what) => !text.includes(what))).toEqual([]);
  });
});
