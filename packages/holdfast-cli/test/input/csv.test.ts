import { openInput } from "../../src/input/index.ts";
import { afterAll, expect, test } from "../harness.ts";
import { itemsOf, readAll, readBytes, temporaryFolder } from "./reading.ts";

const folder = temporaryFolder();
afterAll(() => folder.clean());

test("csv: the first row names the fields of every item", async () => {
  expect(await itemsOf("id,name\n1,Ann\n2,Bo\n", { format: "csv" })).toEqual([
    { id: "1", name: "Ann" },
    { id: "2", name: "Bo" },
  ]);
});

test("csv: quotes hold commas, newlines and quotes; empty lines are skipped; CRLF and a byte order mark are no data", async () => {
  expect(await itemsOf('\ufeffid,name\r\n1,"a, ""b""\nc"\r\n\r\n2,\r\n', { format: "csv" })).toEqual([
    { id: "1", name: 'a, "b"\nc' },
    { id: "2", name: "" },
  ]);
});

test("csv: a header alone, and nothing at all, have no items", async () => {
  expect(await readBytes("id,name\n", { format: "csv" })).toEqual({ items: [], error: undefined });
  expect(await readBytes("", { format: "csv" })).toEqual({ items: [], error: undefined });
});

test("csv: a .tsv file is cut at tabs", async () => {
  const path = folder.file("a.tsv", "id\tname\n1\ta,b\n");
  expect((await readAll(await openInput({ path, format: undefined, key: undefined }))).items).toEqual([
    { index: 0, key: undefined, item: { id: "1", name: "a,b" } },
  ]);
});

test("csv: wherever chunks end, nothing is torn", async () => {
  const content = '\ufeffid,name\n1,grün\n2,"日本\n語"\n3,😀';
  for (const chunk of [1, 2, 3, 5, 7]) {
    expect(await itemsOf(content, { format: "csv", chunk }), `chunks of ${chunk}`).toEqual([
      { id: "1", name: "grün" },
      { id: "2", name: "日本\n語" },
      { id: "3", name: "😀" },
    ]);
  }
});

for (const chunk of [1, 1000]) {
  test(`csv: a row with another number of fields is named by its line, after every item before it (chunks of ${chunk})`, async () => {
    const { items, error } = await readBytes("id,name\n1,a\n2,b\n3\n4,d\n", { format: "csv", chunk });
    expect(items.map(({ item }) => item)).toEqual([
      { id: "1", name: "a" },
      { id: "2", name: "b" },
    ]);
    expect(error?.[0]).toBe(65);
    expect(error?.[1]).toMatch(/^stdin:4 is not CSV: Invalid Record Length/);
  });
}

test("csv: a quote that is never closed is refused, after every item before it", async () => {
  const { items, error } = await readBytes('id,name\n1,a\n2,"b\n', { format: "csv" });
  expect(items.map(({ item }) => item)).toEqual([{ id: "1", name: "a" }]);
  expect(error?.[0]).toBe(65);
  expect(error?.[1]).toMatch(/^stdin:\d is not CSV: Quote Not Closed/);
});

test("csv: a field that is named twice or not at all is refused: its values would be lost", async () => {
  expect((await readBytes("id,id\n1,2\n", { format: "csv" })).error).toEqual([
    65,
    'stdin:1 names the field "id" twice; the first row must name each once',
  ]);
  expect((await readBytes("id,\n1,2\n", { format: "csv" })).error).toEqual([
    65,
    "stdin:1 names no field in column 2; the first row must name all",
  ]);
});

test("csv: what is not UTF-8 is refused by line, after the rows before it", async () => {
  const { items, error } = await readBytes(Buffer.from("id,name\n1,a\n2,b\xe4\n3,c\n", "latin1"), { format: "csv" });
  expect(items.map(({ item }) => item)).toEqual([{ id: "1", name: "a" }]);
  expect(error).toEqual([65, "stdin:3 is not UTF-8"]);
});

test("csv: an item without its key is named by its line", async () => {
  const { items, error } = await readBytes('id,name\n1,"a\nb"\n,c\n', { format: "csv", key: "id" });
  expect(items.map(({ key }) => key)).toEqual(["1"]);
  expect(error).toEqual([65, 'stdin:4 has an empty field "id"; --key needs it in every item']);
});
