/** README.md has a row for each complaint, and the tests that it names are there. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "../harness.ts";
import { hasTitle, testsIn } from "./titles.ts";

const tests = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${tests}complaints/README.md`, "utf8");
const rows = [
  ...readme.matchAll(
    /^\| (?<number>\d+) +\| (?<what>.+?) +\| (?<verdict>tested|in part|not yet) +\| (?<where>.+?) +\|$/gmu,
  ),
].map(({ groups }) => ({
  number: Number(groups?.["number"]),
  verdict: String(groups?.["verdict"]),
  where: String(groups?.["where"]),
}));

test("there is a row for each of the twenty-five", () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
});

test("a row that says tested, or in part, names tests", () => {
  expect(rows.filter(({ verdict, where }) => verdict !== "not yet" && testsIn(where).length === 0)).toEqual([]);
});

test("every test that is named is there", () => {
  const named = testsIn(readme);
  const missing = named.filter(
    ({ file, title }) => !existsSync(tests + file) || !hasTitle(readFileSync(tests + file, "utf8"), title),
  );
  expect(missing).toEqual([]);
  expect(named.length).toBeGreaterThan(50);
});

describe("the check itself", () => {
  const source =
    'test("p-limit#25: one", f);\n  describe(`ways of ${name} to \\`end\\``, g);\ntest(\n  "two \\"2\\"",\n h)';

  test("finds a title in its source, and no other text", () => {
    const found = ["p-limit#25", "one", "ways of ", " to `end`", 'two "2"', "name", "three", "test"].filter((text) =>
      hasTitle(source, text),
    );
    expect(found).toEqual(["p-limit#25", "one", "ways of ", " to `end`", 'two "2"']);
  });

  test("reads the tests that a text names", () => {
    expect(testsIn('[a/b.test.ts](x) "one", "two"; [c.slow.test.ts](y) "three", and [d.test.ts](z)')).toEqual([
      { file: "a/b.test.ts", title: "one" },
      { file: "a/b.test.ts", title: "two" },
      { file: "c.slow.test.ts", title: "three" },
    ]);
  });
});
