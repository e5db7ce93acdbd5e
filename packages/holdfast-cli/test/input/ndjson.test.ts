import { expect, test } from "../harness.ts";
import { itemsOf, readBytes } from "./reading.ts";

test("ndjson: each line is a JSON value of any kind", async () => {
  expect(await itemsOf('{"a":1}\n[1,2]\r\n"x"\n7\nnull\ntrue', { format: "ndjson" })).toEqual([
    { a: 1 },
    [1, 2],
    "x",
    7,
    null,
    true,
  ]);
});

test("ndjson: lines of white space are skipped and take no index", async () => {
  const { items, error } = await readBytes('\n{"a":1}\n \t\r\n\n{"a":2}\n\n', { format: "ndjson" });
  expect(error).toBe(undefined);
  expect(items).toEqual([
    { index: 0, key: undefined, item: { a: 1 } },
    { index: 1, key: undefined, item: { a: 2 } },
  ]);
});

test("ndjson: a broken line is named by its number, empty lines counted, after every item before it", async () => {
  const { items, error } = await readBytes('{"a":1}\n\n{"a":2}\n{"a":\n{"a":4}\n', { format: "ndjson" });
  expect(items.map(({ item }) => item)).toEqual([{ a: 1 }, { a: 2 }]);
  expect(error?.[0]).toBe(65);
  expect(error?.[1]).toMatch(/^stdin:4 is not JSON: .*JSON/);
});

test("ndjson: the line number is right in every chunk", async () => {
  const content = `${'{"n":1}\n'.repeat(20)}oops\n`;
  for (const chunk of [1, 3, 8, 64, 1000]) {
    const { items, error } = await readBytes(content, { format: "ndjson", chunk });
    expect([items.length, error?.[1].split(" ")[0]], `chunks of ${chunk}`).toEqual([20, "stdin:21"]);
  }
});

test("ndjson: wherever chunks end, nothing is torn", async () => {
  const values = [{ name: "grün" }, "日本語", { face: "😀", nested: [1, { x: "ü" }] }];
  const content = `\ufeff${values.map((value) => JSON.stringify(value)).join("\n")}`;
  for (const chunk of [1, 2, 3, 5, 7]) {
    expect(await itemsOf(content, { format: "ndjson", chunk }), `chunks of ${chunk}`).toEqual(values);
  }
});
