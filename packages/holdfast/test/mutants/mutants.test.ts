/** What `npm run test:mutants` needs: that its edits still apply. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "../harness.ts";

interface Mutant {
  readonly rule: string;
  readonly file: string;
  readonly search: string;
  readonly law?: number;
}

const library = new URL("../../", import.meta.url);

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, library)), "utf8");
}

// Holds: it is the file beside this one, and the tests below fail for any other shape.
const mutants = JSON.parse(read("test/mutants/mutants.json")) as readonly Mutant[];

for (const { rule, file, search } of mutants)
  test(`the place that a mutant of ${rule} edits is in ${file} once: ${search.trim()}`, () => {
    expect(read(file).split(search)).toHaveLength(2);
  });

test("every rule of the core has a mutant", () => {
  const rules = Array.from({ length: 28 }, (_, index) => `R${index + 1}`).filter((rule) => rule !== "R25");
  expect([...new Set(mutants.map(({ rule }) => rule))].toSorted()).toEqual(rules.toSorted());
});

test("every law has a mutant that it must catch", () => {
  const laws = new Set(mutants.flatMap(({ law }) => (law === undefined ? [] : [law])));
  expect([...laws].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
});
