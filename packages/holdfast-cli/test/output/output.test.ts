import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openOutput, OutputClosedError } from "../../src/output/index.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { runChild } from "../journal/child.ts";
import { refusal, temporaryFolder } from "../input/reading.ts";

const FILL_OUTPUT = new URL("./children/fill-output.ts", import.meta.url);
const WRITE_LINES = new URL("./children/write-lines.ts", import.meta.url);
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.clean());

test("output: write returns the offset in bytes, behind what is there", () => {
  const path = folder.file("out.ndjson", "old\n");
  const output = openOutput(path);
  expect([output.path, output.size()]).toEqual([path, 4]);
  expect([output.write('"ü"\n'), output.write("1\n")]).toEqual([9, 11]);
  expect([readFileSync(path, "utf8"), output.size()]).toEqual(['old\n"ü"\n1\n', 11]);
  output.close();
  output.close();
});

test("output: truncate drops what is behind the offset, and writing goes on there", () => {
  const path = join(folder.path, "out.ndjson");
  const output = openOutput(path);
  output.write("1\n2\n3\n");
  output.truncate(2);
  expect(output.write("4\n")).toBe(4);
  output.sync?.();
  output.close();
  expect(readFileSync(path, "utf8")).toBe("1\n4\n");
});

test("OUTPUT-1: a large text arrives whole", () => {
  const path = join(folder.path, "out.ndjson");
  const output = openOutput(path);
  const text = `${"ü".repeat(3_000_000)}\n`;
  expect(output.write(text)).toBe(6_000_001);
  output.close();
  expect(readFileSync(path, "utf8") === text).toBe(true);
});

test("output: what can't be created is refused with the reason", async () => {
  const missing = join(folder.path, "missing", "out.ndjson");
  expect(await refusal(() => openOutput(missing))).toEqual([
    73,
    `output ${missing} can't be created: its folder does not exist`,
  ]);
  const directory = join(folder.path, "directory");
  mkdirSync(directory);
  expect(await refusal(() => openOutput(directory))).toEqual([
    73,
    `output ${directory} can't be created: it is a directory`,
  ]);
  const file = folder.file("file", "");
  expect((await refusal(() => openOutput(join(file, "out"))))[0]).toBe(73);
});

test("output: a device is written like stdout: nothing can be taken back", () => {
  const output = openOutput("/dev/null");
  expect([output.size(), output.write("1\n"), output.write("2\n")]).toEqual([undefined, 2, 4]);
  output.truncate(0);
  expect(output.write("3\n")).toBe(6);
  output.close();
});

test("output: a full disk is an I/O error with the reason", async () => {
  const output = openOutput("/dev/full");
  expect(await refusal(() => output.write("1\n"))).toEqual([74, "output /dev/full can't be written: the disk is full"]);
  output.close();
});

test("OUTPUT-1: a write that the system cuts short is taken back whole", async () => {
  const path = join(folder.path, "out.ndjson");
  const { lines, ended, errors } = await runChild(FILL_OUTPUT, [path], { largestFile: 100 * 1024 });
  expect([ended, errors]).toEqual([0, ""]);
  expect(lines).toEqual([`74: output ${path} can't be written: the file would be larger than allowed`, "2"]);
  expect(readFileSync(path, "utf8")).toBe("1\n");
});

test("OUTPUT-2: a reader that goes away is told once, and every later write is refused", () => {
  const path = join(folder.path, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let closed = 0;
  const output = openOutput(path, { onClosed: () => closed++ });
  expect(output.write("1\n")).toBe(2);
  const buffer = Buffer.alloc(10);
  expect(buffer.toString("utf8", 0, readSync(reader, buffer))).toBe("1\n");
  closeSync(reader);
  expect(() => output.write("2\n")).toThrow(OutputClosedError);
  expect(() => output.write("3\n")).toThrow(OutputClosedError);
  expect(closed).toBe(1);
  output.close();
});

test("OUTPUT-1: a pipe that is full and may not block holds the writer up, and loses nothing", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", fileURLToPath(WRITE_LINES)], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const told = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  // The pipe takes 64 kB: nobody reads before the writer has begun on its 2 MB.
  expect((await told.next()).value).toBe("writing");
  let expected = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (Number(line) !== expected++) expect.unreachable(`line ${expected - 1} is ${line}`);
  }
  expect([expected, (await told.next()).value]).toEqual([200_000, "2000000"]);
});

test("output: opening keeps the file as it is", () => {
  const path = join(folder.path, "out.ndjson");
  writeFileSync(path, "kept\n");
  openOutput(path).close();
  expect(readFileSync(path, "utf8")).toBe("kept\n");
});
