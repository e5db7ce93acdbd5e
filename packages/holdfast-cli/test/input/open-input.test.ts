import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { openInput } from "../../src/input/index.ts";
import type { Input } from "../../src/input/index.ts";
import { Readable } from "node:stream";
import { createHash } from "node:crypto";
import { afterAll, expect, test } from "../harness.ts";
import { chunked, readAll, readBytes, refusal, temporaryFolder, toPair } from "./reading.ts";

const folder = temporaryFolder();
afterAll(() => folder.clean());

function open(path: string, key?: string): Promise<Input> {
  return openInput({ path, format: undefined, key });
}

test("input: the ending of the file names its format, in any case", async () => {
  const formats: string[] = [];
  for (const name of ["a.txt", "a.list", "a.ndjson", "a.JSONL", "a.json", "a.csv", "a.tsv"]) {
    formats.push((await open(folder.file(name, "[]"))).format);
  }
  expect(formats).toEqual(["lines", "lines", "ndjson", "ndjson", "json", "csv", "csv"]);
});

test("input: --format goes before the ending", async () => {
  const path = folder.file("format.txt", '{"a":1}');
  expect((await readAll(await openInput({ path, format: "ndjson", key: undefined }))).items).toEqual([
    { index: 0, key: undefined, item: { a: 1 } },
  ]);
});

test("input: stdin is lines unless --format says else", async () => {
  expect((await openInput({ path: "-", format: undefined, key: undefined, stdin: Readable.from([]) })).format).toBe(
    "lines",
  );
});

test("input: an ending that names no format is a usage error that lists the formats", async () => {
  const path = folder.file("data.xml", "");
  expect(await refusal(() => open(path))).toEqual([
    64,
    `the ending of input ${path} names no format; add --format lines, ndjson, json or csv`,
  ]);
  const bare = folder.file("data", "");
  expect((await refusal(() => open(bare)))[0]).toBe(64);
});

test("input: a missing file and a directory are told apart", async () => {
  const missing = join(folder.path, "missing.txt");
  expect(await refusal(() => open(missing))).toEqual([66, `input ${missing} does not exist`]);
  const directory = join(folder.path, "directory.txt");
  mkdirSync(directory);
  expect(await refusal(() => open(directory))).toEqual([66, `input ${directory} is a directory; name a file`]);
});

test("input: --key with lines is a usage error", async () => {
  const path = folder.file("key.txt", "a\n");
  expect(await refusal(() => open(path, "id"))).toEqual([
    64,
    `--key id needs items with fields, and the lines of ${path} have none; name --format ndjson, json or csv`,
  ]);
  expect(await refusal(() => openInput({ path: "-", format: "ndjson", key: "", stdin: Readable.from([]) }))).toEqual([
    64,
    "--key needs the name of a field, got an empty one",
  ]);
});

test("INPUT-1: the same bytes give the same indexes, however often they are read", async () => {
  const input = await open(folder.file("twice.ndjson", "1\n\n2\n3\n"));
  const first = await readAll(input);
  expect(first.items.map(({ index, item }) => [index, item])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  expect(await readAll(input)).toEqual(first);
});

test("INPUT-2: a broken record rejects one call, after every item before it; then the input has ended", async () => {
  const items = (await open(folder.file("broken.ndjson", "1\n2\nx\n4\n"))).items();
  const seen: unknown[] = [];
  for (let n = 0; n < 5; n++) {
    seen.push(
      await items.next().then(
        (step) => (step.done === true ? "end" : step.value.item),
        (error: unknown) => toPair(error)[0],
      ),
    );
  }
  expect(seen).toEqual([1, 2, 65, "end", "end"]);
});

test("INPUT-3: the second item with a key is skipped and counted", async () => {
  const input = await open(
    folder.file(
      "duplicates.ndjson",
      '{"id":1,"n":1}\n{"id":2,"n":2}\n{"id":"1","n":3}\n{"id":3,"n":4}\n{"id":2,"n":5}\n',
    ),
    "id",
  );
  expect(await readAll(input)).toEqual({
    items: [
      { index: 0, key: "1", item: { id: 1, n: 1 } },
      { index: 1, key: "2", item: { id: 2, n: 2 } },
      { index: 3, key: "3", item: { id: 3, n: 4 } },
    ],
    error: undefined,
  });
  expect(input.duplicates).toBe(2);
});

test("input: callers that share the iterator get items of their own, in the order of their calls", async () => {
  const items = (
    await openInput({ path: "-", format: undefined, key: undefined, stdin: chunked("a\nb\nc\nd\n", 4) })
  ).items();
  const steps = await Promise.all(Array.from({ length: 6 }, () => items.next()));
  expect(steps.map((step) => (step.done === true ? "end" : step.value.item))).toEqual([
    "a",
    "b",
    "c",
    "d",
    "end",
    "end",
  ]);
});

test("input: of callers that wait together, the first gets the failure and the others find the end", async () => {
  const items = (await openInput({ path: "-", format: "json", key: undefined, stdin: chunked("{}", 2) })).items();
  const results = await Promise.allSettled([items.next(), items.next(), items.next()]);
  expect(
    results.map((result) => (result.status === "rejected" ? toPair(result.reason)[0] : result.value.done)),
  ).toEqual([65, true, true]);
});

test("input: return() ends a wait for stdin", async () => {
  const stdin = new Readable({ read: () => undefined });
  const items = (await openInput({ path: "-", format: undefined, key: undefined, stdin })).items();
  const waiting = items.next();
  expect(await items.return?.()).toEqual({ done: true, value: undefined });
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(stdin.destroyed).toBe(true);
});

test("facts: size, hash, and the items where a line is one", async () => {
  const content = "\ufeff{}\n\n\r\n \r\n[1]\r\n2";
  const sha256 = createHash("sha256").update(content).digest("hex");
  const size = Buffer.byteLength(content);
  expect(await (await open(folder.file("facts.ndjson", content))).facts()).toEqual({ size, sha256, items: 3 });
  expect(await (await open(folder.file("facts.txt", content))).facts()).toEqual({ size, sha256, items: 4 });
  expect(await (await open(folder.file("facts.csv", content))).facts()).toEqual({ size, sha256, items: undefined });
  expect(
    await (await openInput({ path: "-", format: undefined, key: undefined, stdin: Readable.from([]) })).facts(),
  ).toBe(undefined);
});

test("facts: the count is the number of items that are handed out, across chunks too", async () => {
  // Lines of 1,000 bytes and a CRLF, so that line endings fall on both sides of the 256 kB where a chunk ends.
  for (const [name, ending] of [
    ["crlf.txt", "\r\n"],
    ["lf.ndjson", "\n \r\n"],
  ] as const) {
    const input = await open(folder.file(name, `"${"x".repeat(1000)}"${ending}`.repeat(1000)));
    expect([(await input.facts())?.items, (await readAll(input)).items.length]).toEqual([1000, 1000]);
  }
});

test("input: a file that changes after facts() is refused, because its indexes name other items", async () => {
  const path = folder.file("changing.ndjson", "1\n2\n");
  const input = await open(path);
  await input.facts();
  const items = input.items();
  expect(await items.next()).toEqual({ done: false, value: { index: 0, key: undefined, item: 1 } });
  appendFileSync(path, "3\n");
  const rest = async (): Promise<void> => {
    while ((await items.next()).done !== true);
  };
  expect(await refusal(rest)).toEqual([
    65,
    `input ${path} was changed while it was read; run again on a file that holds still`,
  ]);
});

test("input: with a key a file may change", async () => {
  const path = folder.file("growing.ndjson", '{"id":1}\n');
  const input = await open(path, "id");
  await input.facts();
  appendFileSync(path, '{"id":2}\n');
  expect((await readAll(input)).items.map(({ key }) => key)).toEqual(["1", "2"]);
});

test("input: stdin that fails is named with the reason", async () => {
  const stdin = new Readable({
    read() {
      this.destroy(new Error("pipe burst"));
    },
  });
  const input = await openInput({ path: "-", format: undefined, key: undefined, stdin });
  expect((await readAll(input)).error).toEqual([66, "input stdin can't be read: pipe burst"]);
});

test("input: without a key nothing is a duplicate", async () => {
  expect((await readBytes("a\na\n")).items.length).toBe(2);
});
