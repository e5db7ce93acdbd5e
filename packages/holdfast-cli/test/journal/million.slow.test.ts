import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { temporaryFolder } from "../input/reading.ts";
import { runChild } from "./child.ts";
import { query } from "./recording.ts";

const MILLION_ITEMS = new URL("./children/million-items.ts", import.meta.url);

const ITEMS = 1_000_000;
const folder = temporaryFolder();
const path = join(folder.path, "items.ndjson");

beforeAll(async () => {
  const file = createWriteStream(path);
  for (let index = 0; index < ITEMS; index += 1000) {
    let text = "";
    for (let n = index; n < index + 1000; n++) text += `{"id":"user-${n}","url":"https://example.com/${n}"}\n`;
    if (!file.write(text)) await once(file, "drain");
  }
  file.end();
  await finished(file);
});
afterAll(() => folder.clean());

for (const [title, key, growth] of [
  ["by index", undefined, 40],
  ["by key, at 12 bytes a slot in each of two sets", "id", 120],
] as const) {
  test(`a million items are read and recorded ${title}, in a heap of 96 MB`, async () => {
    const options = { nodeOptions: ["--max-old-space-size=96"] };
    const own = temporaryFolder();
    const { lines, ended, errors } = await runChild(
      MILLION_ITEMS,
      [own.path, path, ...(key === undefined ? [] : [key])],
      options,
    );
    expect(ended, errors).toBe(0);
    const { grewBy, ...rest } = JSON.parse(lines[0] ?? "") as { grewBy: number };
    expect(rest).toEqual({ items: ITEMS, acknowledged: ITEMS, totals: { succeeded: ITEMS, dead: 0 } });
    // Megabytes between the 200,000th item and the 900,000th.
    expect(grewBy).toBeLessThan(growth);
    expect(query(join(own.path, "run.db"), "SELECT count(*) AS items FROM item")).toEqual([{ items: ITEMS }]);
    own.clean();
  });
}
