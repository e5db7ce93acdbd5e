/** The page that compares says of each feature whether it is here, and what it says is so. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "../harness.ts";
import { hasTitle, testsIn } from "./titles.ts";

const tests = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(new URL("../../../../docs/guide/compare.md", import.meta.url), "utf8");
const rows = [
  ...page.matchAll(/^\| (?<feature>.+?) +\| (?<verdict>yes|in part|no) +\| (?<why>.+?) +\| (?<others>.+?) +\|$/gmu),
].map(({ groups }) => ({
  feature: String(groups?.["feature"]),
  verdict: String(groups?.["verdict"]),
  why: String(groups?.["why"]),
}));

function withVerdict(verdict: string): typeof rows {
  return rows.filter((row) => row.verdict === verdict);
}

/** Without what names tests. */
function reason(why: string): string {
  return why.replaceAll(/\[[^\]]+\]\([^)]*\)(?:,? "[^"]+")*/gu, "");
}

test("there is a table for each group, and every line of a table is a row", () => {
  expect([...page.matchAll(/^## (?<group>.+)$/gmu)].map(({ groups }) => groups?.["group"])).toEqual([
    "Tasks / scopes",
    "Errors / groups",
    "Timeouts / cancellation",
    "Resources",
    "Retry / backoff",
    "Resilience policies",
    "Aggregation / batch",
    "Queues / channels",
    "Debugging / inspection",
    "Production handler / metrics / OTel",
    "Shutdown",
    "Testing",
    "Typing of errors",
    "Runtime",
    "Docs",
    "When another one is the better choice",
  ]);
  const lines = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:feature|-+) /u.test(line));
  expect(lines.length).toBe(rows.length);
  expect(new Set(rows.map(({ feature }) => feature)).size).toBe(rows.length);
});

test("each yes, and each in part, names a test that is there", () => {
  const unshown = rows.filter(({ verdict, why }) => {
    const named = testsIn(why);
    return (
      verdict !== "no" &&
      (named.length === 0 ||
        !named.every(
          ({ file, title }) => existsSync(tests + file) && hasTitle(readFileSync(tests + file, "utf8"), title),
        ))
    );
  });
  expect(unshown).toEqual([]);
});

test("what is not here, or only in part, says why", () => {
  expect(rows.filter(({ verdict, why }) => verdict !== "yes" && reason(why).length < 20)).toEqual([]);
});

test("the counts in the text are those of the tables", () => {
  expect(page).toContain(
    `Of ${rows.length} features ${withVerdict("yes").length} are here, ${withVerdict("in part").length} in part, ${withVerdict("no").length} are not`,
  );
});

test("the library has no dependencies", () => {
  // Holds: it is the manifest of a package.
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as object;
  expect(Object.keys(manifest).filter((key) => /dependencies/iu.test(key))).toEqual([]);
});
