// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cases, findCase } from "./cases/index.mjs";
import { differences, toMarkdown } from "./record.mjs";

/** @import { PeerRecord } from "./types.d.ts" */

const folder = import.meta.dirname;
const seen = { case: "fail-fast", package: "p-map", way: undefined, version: "7.1.1", claim: "waits", seen: "waits" };

void test("a record has a table for each case that was observed, and says how many are not as claimed", () => {
  const record = {
    node: "20.20.2",
    date: "2026-11-21",
    observations: [seen, { ...seen, way: "other", seen: "runs on" }],
  };
  const lines = toMarkdown(cases, record).split("\n");
  assert.deepEqual(
    lines.filter((line) => line.startsWith("## ") || line.startsWith("| p-map") || line.startsWith("Node ")),
    [
      "Node 20.20.2, 2026-11-21: 2 observations, 1 of them not as the documentation says.",
      "## One of several fails",
      "| p-map 7.1.1 | waits |",
      "| p-map 7.1.1, other | runs on (the documentation says: waits) |",
    ],
  );
  assert.deepEqual(differences(record.observations), [record.observations[1]]);
});

void test("names of cases are unique, each has the library of this repository among its subjects, and an unknown one is refused", () => {
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  for (const { name, subjects } of cases)
    assert.ok(
      subjects.some((subject) => subject.package === "holdfast"),
      name,
    );
  assert.throws(() => findCase("nothing"), /there is no case "nothing"; there are fail-fast, losers/u);
});

void test("the test that a case names is there", () => {
  for (const {
    name,
    test: [file, title],
  } of cases) {
    const source = readFileSync(join(folder, "../../packages/holdfast/test", file), "utf8");
    assert.ok(source.includes(title), `${name}: "${title}" is not in ${file}`);
  }
});

void test("the record that is kept is of these cases, with these claims, and all of it as claimed", () => {
  // Holds: main.mjs writes it.
  const record = /** @type {PeerRecord} */ (JSON.parse(readFileSync(join(folder, "record.json"), "utf8")));
  const claims = cases.flatMap(({ name, subjects }) =>
    subjects.map((subject) => [name, subject.package, subject.way, subject.claim]),
  );
  assert.deepEqual(
    record.observations.map((one) => [one.case, one.package, one.way, one.claim]),
    claims,
  );
  assert.deepEqual(differences(record.observations), []);
  assert.equal(readFileSync(join(folder, "RECORD.md"), "utf8"), toMarkdown(cases, record));
});
