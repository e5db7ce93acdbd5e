import { lineBlocks } from "../../src/input/line-blocks.ts";
import type { LineBlock } from "../../src/input/line-blocks.ts";
import { streamSource } from "../../src/input/byte-source.ts";
import { expect, test } from "../harness.ts";
import { chunked, refusal } from "./reading.ts";

async function blocksOf(content: string, chunk: number, longest?: number): Promise<LineBlock[]> {
  const blocks: LineBlock[] = [];
  for await (const block of lineBlocks(streamSource("stdin", chunked(content, chunk)), longest)) blocks.push(block);
  return blocks;
}

test("line blocks: each is as many whole lines as a chunk ends, with the number of the first", async () => {
  expect(await blocksOf("a\nbb\nccc\nd", 4)).toEqual([
    { text: "a\n", line: 1 },
    { text: "bb\n", line: 2 },
    { text: "ccc\n", line: 3 },
    { text: "d", line: 4 },
  ]);
});

test("line blocks: a line longer than the limit is refused before it fills the memory", async () => {
  expect(await refusal(() => blocksOf(`ok\n${"x".repeat(100)}`, 8, 50))).toEqual([
    65,
    "stdin:2 is longer than 50 bytes; is it text with an item on each line?",
  ]);
});
