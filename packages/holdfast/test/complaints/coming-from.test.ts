/** The pages for people who come from other libraries, and from Python, name nothing of this one that is not there. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as library from "holdfast";
import * as inspect from "holdfast/inspect";
import * as lifecycle from "holdfast/lifecycle";
import * as lowlevel from "holdfast/lowlevel";
import * as sync from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";

const read = (page: string): string => readFileSync(new URL(`../../../../docs/guide/${page}`, import.meta.url), "utf8");

/** Each with how many names its tables have at least, and how many different functions they call. */
const pages = [
  { page: "coming-from.md", names: 200, calls: 15 },
  { page: "from-python.md", names: 150, calls: 30 },
];

const exported = { ...library, ...sync, ...lifecycle, ...inspect, ...lowlevel };

/** Every word of the library's code, without comments: its exports, options, members and codes among them. */
const source = fileURLToPath(new URL("../../src", import.meta.url));
const words = new Set(
  readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap(
      (file) =>
        readFileSync(`${source}/${file}`, "utf8")
          .replaceAll(/\/\*[^]*?\*\/|\/\/.*/gu, "")
          .match(/[A-Za-z_$][\w$]*/gu) ?? [],
    ),
);

/** What stands for something of the reader's, or is the platform's. */
const readers = new Set(
  "f g fn functions items body worker ms id minTime emitter E x X events once limit n wrapped group main when aw ValueError PID AsyncLocalStorage worker_threads".split(
    " ",
  ),
);

/** The cells of the second column of each table that has one for this library. */
function cellsHere(text: string): string[] {
  return text
    .split(/\n(?=## )/u)
    .filter((section) => section.includes("| here"))
    .flatMap((section) =>
      [...section.matchAll(/^\| (?:[^|\\]|\\.)+\| (?<here>(?:[^|\\]|\\.)+)\|/gmu)].map(({ groups }) =>
        String(groups?.["here"]),
      ),
    );
}

/** The names in the code of a cell, without what stands in quotes, and without commands of the tool. */
function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`(?!holdfast )(?<code>[^`]+)`/gu)].flatMap(
    ({ groups }) =>
      String(groups?.["code"])
        .replaceAll(/"[^"]*"/gu, "")
        .match(/[A-Za-z_$][\w$]*/gu) ?? [],
  );
}

for (const { page, names: leastNames, calls } of pages) {
  test(`${page}: every name in the column of this library is in its source, or stands for something of the reader's`, () => {
    const names = cellsHere(read(page)).flatMap(namesIn);
    const keywords = new Set(
      "new await async using for throw error undefined Infinity true false null catch".split(" "),
    );
    expect([...new Set(names.filter((name) => !words.has(name) && !readers.has(name) && !keywords.has(name)))]).toEqual(
      [],
    );
    expect(names.length).toBeGreaterThan(leastNames);
  });

  test(`${page}: every function or class that is called there without an object is an export`, () => {
    const members = new Set(
      "run wrap put get process spawn join close abort pause resume acquire open restore snapshot waitForIdle fn jitter tryPut tryGet delay onEvent once shouldRetry onFailedAttempt describe f clone statistics".split(
        " ",
      ),
    );
    const called = cellsHere(read(page))
      .flatMap((cell) =>
        [...cell.matchAll(/(?<![.\w])(?<name>[A-Za-z]\w*)\(/gu)].map(({ groups }) => String(groups?.["name"])),
      )
      .filter((name) => !members.has(name) && !readers.has(name));
    expect([...new Set(called.filter((name) => !(name in exported)))]).toEqual([]);
    expect(new Set(called).size).toBeGreaterThan(calls);
  });
}

describe("the check itself", () => {
  test("reads the second column, and the names in its code", () => {
    const text =
      '## a\n\n| theirs | here | differs |\n| --- | --- | --- |\n| `x \\| y` | `map(a, { b: "c" })` | `d` |\n\n## b\n\n| other |\n| --- |\n| `e` |\n';
    expect(cellsHere(text).flatMap(namesIn)).toEqual(["map", "a", "b"]);
  });
});
