import { expect, test } from "../harness.ts";
import { itemsOf, readBytes } from "./reading.ts";

test("json: each element of the top-level array is an item", async () => {
  expect(await itemsOf('[{"a":[1,{"b":2}]}, [3], "x", 7, null, true, {}]', { format: "json" })).toEqual([
    { a: [1, { b: 2 }] },
    [3],
    "x",
    7,
    null,
    true,
    {},
  ]);
});

test("json: an empty array has no items", async () => {
  expect(await readBytes(" \n[ ]\n", { format: "json" })).toEqual({ items: [], error: undefined });
});

test("json: wherever chunks end, nothing is torn", async () => {
  const values = [{ name: "grün" }, 12345.5, "日本語", -3, { face: "😀" }];
  const content = `\ufeff \n${JSON.stringify(values, null, 2)}\n\n`;
  for (const chunk of [1, 2, 3, 5, 7, 1000]) {
    expect(await itemsOf(content, { format: "json", chunk }), `chunks of ${chunk}`).toEqual(values);
  }
});

for (const [title, content, message] of [
  [
    "an object at the top",
    ' {"a":1}',
    "stdin holds an object at its top level; a JSON input must be an array of items",
  ],
  ["a value at the top", "7", "stdin holds no array at its top level; a JSON input must be an array of items"],
  ["an empty file", " \n", "stdin is empty; a JSON input must be an array"],
] as const) {
  test(`json: ${title} is refused`, async () => {
    expect(await readBytes(content, { format: "json" })).toEqual({ items: [], error: [65, message] });
  });
}

for (const chunk of [1, 1000]) {
  test(`json: a broken element is named by its line, after every item before it (chunks of ${chunk})`, async () => {
    const { items, error } = await readBytes('[\n{"a":1},\n{"a":2},\n{"a":x},\n{"a":4}]', { format: "json", chunk });
    expect(items.map(({ item }) => item)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(error?.[0]).toBe(65);
    expect(error?.[1]).toMatch(/^stdin:4 is not JSON: /);
  });

  test(`json: what is broken at the beginning of a line is on that line (chunks of ${chunk})`, async () => {
    for (const content of ["[\n1,\noops]", '[\n"a"\n"b"]', "\n \n[oops]"]) {
      const { error } = await readBytes(content, { format: "json", chunk });
      expect(error?.[1].split(" ")[0]).toBe("stdin:3");
    }
  });

  test(`json: an array that does not end is refused, after every item before (chunks of ${chunk})`, async () => {
    expect(await readBytes('[\n1,\n{"a":', { format: "json", chunk })).toEqual({
      items: [{ index: 0, key: undefined, item: 1 }],
      error: [65, "stdin:3 is not JSON: the file ends inside the array"],
    });
  });

  test(`json: what stands behind the array is refused, not dropped (chunks of ${chunk})`, async () => {
    const { items, error } = await readBytes("[1]\n[2]", { format: "json", chunk });
    expect(items.map(({ item }) => item)).toEqual([1]);
    expect(error?.[0]).toBe(65);
    expect(error?.[1]).toMatch(/^stdin:2 is not JSON: /);
  });
}

for (const chunk of [1, 1000]) {
  test(`json: an item without its key is named by its line and its place in the array (chunks of ${chunk})`, async () => {
    const { items, error } = await readBytes('[\n{"id":1},\n{"no":2}\n]', { format: "json", key: "id", chunk });
    expect(items.map(({ key }) => key)).toEqual(["1"]);
    expect(error).toEqual([65, 'stdin:3 (element [1]) has no field "id"; --key needs it in every item']);
  });
}
