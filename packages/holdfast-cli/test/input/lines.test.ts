import { expect, test } from "../harness.ts";
import { itemsOf, readBytes } from "./reading.ts";

test("lines: each line is an item, numbered from 0, without its line ending", async () => {
  expect(await readBytes("a\nb\r\nc")).toEqual({
    items: [
      { index: 0, key: undefined, item: "a" },
      { index: 1, key: undefined, item: "b" },
      { index: 2, key: undefined, item: "c" },
    ],
    error: undefined,
  });
});

test("lines: a last line with and without a newline is the same item", async () => {
  expect(await itemsOf("a\nb\n")).toEqual(["a", "b"]);
  expect(await itemsOf("a\nb")).toEqual(["a", "b"]);
});

test("lines: empty lines are skipped and take no index, blanks are kept", async () => {
  const { items } = await readBytes("\na\n\r\n  \n\nb\n");
  expect(items.map(({ index, item }) => [index, item])).toEqual([
    [0, "a"],
    [1, "  "],
    [2, "b"],
  ]);
});

test("lines: an empty input has no items", async () => {
  expect(await readBytes("")).toEqual({ items: [], error: undefined });
  expect(await readBytes("\n\r\n")).toEqual({ items: [], error: undefined });
  expect(await readBytes("\ufeff")).toEqual({ items: [], error: undefined });
});

test("lines: the byte order mark is no part of the first item", async () => {
  for (const chunk of [1, 5, 100]) {
    expect(await itemsOf("\ufeffa\n\ufeffb\n", { chunk })).toEqual(["a", "\ufeffb"]);
  }
});

test("lines: wherever chunks end, no character and no line is torn", async () => {
  const content = "\ufeffgrün\r\n\n日本語\n😀😀\nlast";
  for (const chunk of [1, 2, 3, 4, 5, 7]) {
    expect(await itemsOf(content, { chunk }), `chunks of ${chunk}`).toEqual(["grün", "日本語", "😀😀", "last"]);
  }
});

test("lines: what is not UTF-8 is refused by line, after the lines before it", async () => {
  const bytes = Buffer.concat([Buffer.from("good\nfine\nbro"), Buffer.from([0xe4]), Buffer.from("ken\nafter\n")]);
  for (const chunk of [1, 5, 100]) {
    expect(await readBytes(bytes, { chunk })).toEqual({
      items: [
        { index: 0, key: undefined, item: "good" },
        { index: 1, key: undefined, item: "fine" },
      ],
      error: [65, "stdin:3 is not UTF-8"],
    });
  }
});

test("lines: UTF-16 is called by its name", async () => {
  expect((await readBytes(Buffer.from("\ufeffabc\n", "utf16le"))).error).toEqual([
    65,
    "stdin:1 is not UTF-8 but UTF-16",
  ]);
});
