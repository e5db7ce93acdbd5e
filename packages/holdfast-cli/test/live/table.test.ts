import { tableLines } from "../../src/live/table.ts";
import type { Column } from "../../src/live/table.ts";
import { displayWidth } from "../../src/terminal-text.ts";
import { expect, test } from "../harness.ts";

type Row = readonly [string, string, string];

const columns: readonly Column<Row>[] = [
  { title: "n", text: ([first]) => first, isRight: true, least: 2, drop: 0 },
  { title: "name", text: ([, second]) => second, least: 5, drop: 0 },
  { title: "place", text: ([, , third]) => third, least: 6, drop: 1 },
];
const rows: readonly Row[] = [
  ["7", "load", "src/app.ts:10:5"],
  ["123", "a long name indeed", "-"],
];

test("with room for all, columns are as wide as what they hold", () => {
  expect(tableLines(columns, rows, Infinity)).toEqual([
    "  n  name                place",
    "  7  load                src/app.ts:10:5",
    "123  a long name indeed  -",
  ]);
});

test("with less, the widest give first", () => {
  expect(tableLines(columns, rows, 30)).toEqual([
    "  n  name          place",
    "  7  load          src/app.ts…",
    "123  a long name…  -",
  ]);
});

test("where they would be too narrow, the least important goes", () => {
  expect(tableLines(columns, rows, 14)).toEqual(["  n  name", "  7  load", "123  a long n…"]);
});

test("what does not fit is short instead, where there is such a thing", () => {
  const named: Column<Row> = {
    title: "where",
    text: ([, name, place]) => `${place} ${name}`,
    short: ([, , place]) => place,
    least: 5,
    drop: 0,
  };
  expect(tableLines([named], rows, 17)).toEqual(["where", "src/app.ts:10:5", "-"]);
  expect(tableLines([named], rows, 12)).toEqual(["where", "src/app.ts:…", "-"]);
});

test("TABLE-1: no line is wider than was asked for, however narrow that is", () => {
  const wide: readonly Row[] = [...rows, ["1", "漢字漢字漢字", "漢字漢字漢字漢字"]];
  for (let width = 1; width < 60; width += 1)
    expect(Math.max(...tableLines(columns, wide, width).map(displayWidth))).toBeLessThanOrEqual(width);
});
