import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { Workplace } from "./holdfast-process.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

test("a million items with journal and output run in a heap of 96 MB", async () => {
  const file = openSync(join(place.path, "items.ndjson"), "w");
  for (let thousand = 0; thousand < 1_000; thousand += 1) {
    writeSync(
      file,
      Array.from(
        { length: 1_000 },
        (_, index) => `{"id":${thousand * 1_000 + index},"url":"https://example.test/page"}\n`,
      ).join(""),
    );
  }
  closeSync(file);
  place.write("noop.mjs", "export default (item) => item.id;");
  const heap = ["--max-old-space-size=96"];
  const args = ["run", "noop.mjs", "items.ndjson", "--output", "out", "--progress", "none"];
  expect(await place.summary(args, { nodeOptions: heap })).toMatchObject({
    code: 0,
    summary: { total: 1_000_000, succeeded: 1_000_000, left: 0 },
  });
  const results = place.read("out").trimEnd().split("\n").map(Number);
  expect(results.length).toBe(1_000_000);
  expect(results.toSorted((a, b) => a - b).every((id, index) => id === index)).toBe(true);
  // All of it again, from the journal: the set of what is done must be as small.
  expect(await place.summary(args, { nodeOptions: heap })).toMatchObject({
    code: 0,
    summary: { thisRun: { succeeded: 0, skipped: 1_000_000 } },
  });
});
