/** README.md says of each name in names.json what has become of it, and what it says is so. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "../harness.ts";
import { titlesOf } from "./titles.ts";

interface Row {
  readonly name: string;
  readonly verdict: string;
  readonly note: string;
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const verdicts = ["ported", "we differ on purpose", "does not apply"] as const;

const readme = readFileSync(`${folder}README.md`, "utf8");
// Holds: the script that writes the file writes this.
const names = JSON.parse(readFileSync(`${folder}names.json`, "utf8")) as { name: string }[];
const rows = rowsOf(readme);
const titles = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => [file, titlesOf(readFileSync(folder + file, "utf8"))]),
);

/** `| name | verdict | where, or why |` below a head that begins with "test". A name that has backticks is in double ones. */
function rowsOf(text: string): Row[] {
  return [
    ...text.matchAll(
      /^\| (?:`` (?<quoted>.+?) ``|`(?<plain>[^`]+)`) +\| (?<verdict>[^|]+?) +\| (?<note>[^|]+?) +\|$/gmu,
    ),
  ].map(({ groups }) => ({
    name: groups?.["quoted"] ?? String(groups?.["plain"]),
    verdict: String(groups?.["verdict"]),
    note: String(groups?.["note"]),
  }));
}

/** Whether a test of `file` carries the name: the suite's in front, its own as a whole word behind it. */
function isTested(name: string, file: string): boolean {
  const [suite = "", ...words] = name.split(" ");
  const own = words.join(" ");
  return (titles.get(file) ?? []).some((title) => {
    const at = title.indexOf(own);
    return title.startsWith(`${suite} `) && at > 0 && !/^\w/u.test(title.slice(at + own.length));
  });
}

/** The files that a note names. */
function filesIn(note: string): string[] {
  return note.match(/[\w-]+(?:\.slow)?\.test\.ts/gu) ?? [];
}

function withVerdict(verdict: (typeof verdicts)[number]): Row[] {
  return rows.filter((row) => row.verdict === verdict);
}

test("every name has exactly one row, and every row is of a name", () => {
  expect(rows.map(({ name }) => name)).toEqual(names.map(({ name }) => name));
  expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
});

test("every row has one of three verdicts", () => {
  expect(rows.filter(({ verdict }) => !verdicts.some((known) => known === verdict))).toEqual([]);
});

test("what was ported is in the title of a test in each of the files that the row names", () => {
  const untested = withVerdict("ported").filter(
    ({ name, note }) => filesIn(note).length === 0 || !filesIn(note).every((file) => isTested(name, file)),
  );
  expect(untested).toEqual([]);
});

test("where we differ, the row names a rule and a test that shows what we do", () => {
  const unshown = withVerdict("we differ on purpose").filter(({ name, note }) => {
    // Either the test of that name, or one that the row names: "see `anyio test_a`".
    const shown = /see `(?<other>[^`]+)`/u.exec(note)?.groups?.["other"] ?? name;
    const hasRule = /^(?:R\d+|[A-Z]+-\d+|api): /u.test(note);
    return !hasRule || filesIn(note).length === 0 || !filesIn(note).every((file) => isTested(shown, file));
  });
  expect(unshown).toEqual([]);
});

test("a rule that a row names is in the design, or an invariant in the head of a source file", () => {
  const source = fileURLToPath(new URL("../../src/", import.meta.url));
  const heads = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(source + file, "utf8"));
  const design = readFileSync(fileURLToPath(new URL("../../../../docs/design.md", import.meta.url)), "utf8");
  const isKnown = (rule: string): boolean =>
    design.includes(`**${rule}**`) || heads.some((head) => head.includes(` * - ${rule}: `));
  const named = withVerdict("we differ on purpose").flatMap(({ note }) => /^[A-Z]+-?\d+(?=: )/u.exec(note)?.[0] ?? []);
  expect([named.length > 0, named.filter((rule) => !isKnown(rule))]).toEqual([true, []]);
});

test("what does not apply has a reason", () => {
  expect(withVerdict("does not apply").filter(({ note }) => note.length < 20)).toEqual([]);
});

test("at least 300 are ported, and at most 15 % do not apply", () => {
  expect(withVerdict("ported").length).toBeGreaterThanOrEqual(300);
  expect(withVerdict("does not apply").length / rows.length).toBeLessThanOrEqual(0.15);
});

test("the counts in the text are those of the table", () => {
  const percent = (count: number): string => `${Math.round((count / rows.length) * 100)} %`;
  const stated = [...readme.matchAll(/^- \*\*(?<verdict>[^*]+)\*\*: (?<count>\d+) \((?<share>\d+ %)\)/gmu)].map(
    ({ groups }) => [groups?.["verdict"], Number(groups?.["count"]), groups?.["share"]],
  );
  expect(stated).toEqual(
    verdicts.map((verdict) => [verdict, withVerdict(verdict).length, percent(withVerdict(verdict).length)]),
  );
});
