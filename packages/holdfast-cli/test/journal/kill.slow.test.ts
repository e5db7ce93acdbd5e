import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { temporaryFolder } from "../input/reading.ts";
import { runChild } from "./child.ts";
import { query } from "./recording.ts";

const RECORD_ITEMS = new URL("./children/record-items.ts", import.meta.url);

const ITEMS = 2600;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.clean());

/** Fails unless journal and output are whole, and hold all that was acknowledged. */
function check(acknowledged: readonly number[]): { readonly items: number } {
  const path = join(folder.path, "run.db");
  expect(query(path, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  const ids = new Set((query(path, "SELECT id FROM item") as { id: number }[]).map(({ id }) => id));
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
  return { items: ids.size };
}

function outputIndexes(): number[] {
  const text = readFileSync(join(folder.path, "out.ndjson"), "utf8");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { n: number }).n);
}

describe("kill -9 in the middle of the third commit, then a resume", () => {
  for (const [point, committed, written] of [
    ["before-begin", 1000, 1000],
    ["after-output", 1000, 1500],
    ["before-commit", 1000, 1500],
    ["after-commit", 1500, 1500],
  ] as const) {
    test(`${point}: every item is acknowledged, recorded and written exactly once`, async () => {
      const killed = await runChild(RECORD_ITEMS, [folder.path, String(ITEMS)], {
        environment: { HOLDFAST_TEST_KILL: `${point}:3` },
      });
      expect(killed.ended, killed.errors).toBe("SIGKILL");
      const first = killed.lines.map(Number);
      expect(first.length).toBe(1000);
      expect(check(first)).toEqual({ items: committed });
      expect(outputIndexes().length).toBe(written * 0.9);

      const resumed = await runChild(RECORD_ITEMS, [folder.path, String(ITEMS)]);
      expect(resumed.ended, resumed.errors).toBe(0);
      // What was committed but not yet told is not done again, and not told again: its journal says it.
      const second = resumed.lines.map(Number);
      expect(second).toEqual(Array.from({ length: ITEMS - committed }, (_, n) => committed + n));
      expect(check([...first, ...second])).toEqual({ items: ITEMS });
      const expected = Array.from({ length: ITEMS }, (_, index) => index).filter((index) => index % 10 !== 9);
      expect(outputIndexes()).toEqual(expected);
      const path = join(folder.path, "run.db");
      expect(query(path, "SELECT count(*) AS attempts, count(DISTINCT item_id) AS items FROM attempt")).toEqual([
        { attempts: ITEMS / 5, items: ITEMS / 10 },
      ]);
      expect(query(path, "SELECT state FROM run ORDER BY id")).toEqual([{ state: "killed" }, { state: "finished" }]);
    });
  }
});

test("kill -9 in every commit, one run after another, ends with every item exactly once", async () => {
  const acknowledged: number[] = [];
  let runs = 0;
  for (let ended: number | string | null = "SIGKILL"; ended === "SIGKILL"; runs++) {
    const point = (["before-commit", "after-commit"] as const)[runs % 2];
    const run = await runChild(RECORD_ITEMS, [folder.path, String(ITEMS)], {
      environment: { HOLDFAST_TEST_KILL: `${point}:2` },
    });
    acknowledged.push(...run.lines.map(Number));
    ended = run.ended;
    check(acknowledged);
  }
  expect(runs).toBeGreaterThan(2);
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  expect(outputIndexes()).toEqual(
    Array.from({ length: ITEMS }, (_, index) => index).filter((index) => index % 10 !== 9),
  );
});
