/** The invariants named in source headers and those named in test titles are the same list. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "../harness.ts";

const packages = fileURLToPath(new URL("../../..", import.meta.url));

/** A line of a header: ` * - GROUP-1: settles only after …`. */
const declared = /^ \* (?:- )?(?<id>[A-Z]+(?:-[A-Z]+)*-\d+): /gmu;
/** A title, of a test or of a group of tests, that begins with an id, or with several that a comma divides, and a colon. */
const tested = /\b(?:test|describe)\(\s*["'`](?<ids>[A-Z]+(?:-[A-Z]+)*-\d+(?:, [A-Z]+(?:-[A-Z]+)*-\d+)*): /gu;

for (const name of ["holdfast", "holdfast-cli"]) {
  describe(name, () => {
    const inHeaders = sources(join(packages, name, "src")).flatMap(({ path, text }) =>
      [...text.matchAll(declared)].map((match) => ({ id: String(match.groups?.["id"]), path })),
    );
    const inTitles = sources(join(packages, name, "test"))
      .filter(({ path }) => path.endsWith(".test.ts"))
      .flatMap(({ text }) => [...text.matchAll(tested)].flatMap((match) => String(match.groups?.["ids"]).split(", ")));

    test("an invariant is declared in one header", () => {
      const places = groupPaths(inHeaders);
      expect([...places].filter(([, paths]) => paths.length > 1)).toEqual([]);
    });

    test("every invariant that a header names is named by a test, and every one that a test names by a header", () => {
      const headers = new Set(inHeaders.map(({ id }) => id));
      const titles = new Set(inTitles);
      expect({
        untested: [...headers].filter((id) => !titles.has(id)).toSorted(),
        undeclared: [...titles].filter((id) => !headers.has(id)).toSorted(),
      }).toEqual({ untested: [], undeclared: [] });
    });
  });
}

function sources(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));
}

function groupPaths(entries: readonly { id: string; path: string }[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const { id, path } of entries) places.set(id, [...(places.get(id) ?? []), path]);
  return places;
}
