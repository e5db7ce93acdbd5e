/** The page for people who come from other libraries names nothing of this one that is not there. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as library from "holdfast";
import * as sync from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";

const page = readFileSync(new URL("../../../../docs/guide/coming-from.md", import.meta.url), "utf8");

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
  "f g fn functions items body worker ms id minTime emitter E x events once limit n wrapped group".split(" "),
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

/** The names in the code of a cell, without what stands in quotes. */
function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`(?<code>[^`]+)`/gu)].flatMap(
    ({ groups }) =>
      String(groups?.["code"])
        .replaceAll(/"[^"]*"/gu, "")
        .match(/[A-Za-z_$][\w$]*/gu) ?? [],
  );
}

test("every name in the column of this library is in its source, or stands for something of the reader's", () => {
  const names = cellsHere(page).flatMap(namesIn);
  const keywords = new Set(["new", "await", "for", "throw", "error", "undefined", "Infinity", "true", "false", "null"]);
  expect([...new Set(names.filter((name) => !words.has(name) && !readers.has(name) && !keywords.has(name)))]).toEqual(
    [],
  );
  expect(names.length).toBeGreaterThan(200);
});

test("every function or class that is called there without an object is an export", () => {
  const members = new Set(
    "run wrap put get process spawn join close abort pause resume acquire open restore snapshot waitForIdle fn jitter tryPut tryGet delay onEvent once shouldRetry onFailedAttempt describe f".split(
      " ",
    ),
  );
  const called = cellsHere(page)
    .flatMap((cell) =>
      [...cell.matchAll(/(?<![.\w])(?<name>[A-Za-z]\w*)\(/gu)].map(({ groups }) => String(groups?.["name"])),
    )
    .filter((name) => !members.has(name) && !readers.has(name));
  expect([...new Set(called.filter((name) => !(name in library) && !(name in sync)))]).toEqual([]);
  expect(new Set(called).size).toBeGreaterThan(15);
});

describe("the check itself", () => {
  test("reads the second column, and the names in its code", () => {
    const text =
      '## a\n\n| theirs | here | differs |\n| --- | --- | --- |\n| `x \\| y` | `map(a, { b: "c" })` | `d` |\n\n## b\n\n| other |\n| --- |\n| `e` |\n';
    expect(cellsHere(text).flatMap(namesIn)).toEqual(["map", "a", "b"]);
  });
});
