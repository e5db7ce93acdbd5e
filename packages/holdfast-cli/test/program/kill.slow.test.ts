/**
 * kill -9, at the worst points and at any: nothing acknowledged is lost or done twice, no result is missing or there
 * twice, and what runs again is bounded.
 */
import { DatabaseSync } from "@photostructure/sqlite";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { Workplace, numbers } from "./holdfast-process.ts";

const items = 20_000;
const concurrency = 100;
/** Rows of the largest commit. */
const commitWindow = 500;

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write("items.txt", numbers(items));
  // Says each call twice: in a file that a kill can't take back, and on standard output for whoever waits for one.
  place.write(
    "work.mjs",
    `import { appendFileSync, writeSync } from "node:fs";
    export default async (item) => {
      appendFileSync("calls.txt", item + "\\n");
      if (process.env.DOTS) writeSync(1, ".");
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { n: Number(item) };
    };`,
  );
});
afterEach(() => place.remove());

const args = [
  "run",
  "work.mjs",
  "items.txt",
  "-j",
  String(concurrency),
  "--output",
  "results.ndjson",
  "--progress",
  "none",
];

interface Counted {
  readonly rows: number;
  readonly succeeded: number;
  readonly integrity: string;
}

function journal(): Counted {
  const database = new DatabaseSync(join(place.path, "items.txt.holdfast.db"), { readOnly: true });
  const counts: unknown = database
    .prepare(
      "SELECT count(*) AS rows, count(DISTINCT item_index) AS items, sum(state = 'succeeded') AS succeeded FROM item",
    )
    .get();
  const integrity: unknown = database.prepare("PRAGMA integrity_check").get();
  database.close();
  const { rows, items: distinct, succeeded } = Object(counts);
  expect(rows).toBe(distinct);
  return { rows: Number(rows), succeeded: Number(succeeded), integrity: String(Object(integrity).integrity_check) };
}

function calls(): string[] {
  return place.read("calls.txt").trimEnd().split("\n");
}

/** Runs until killed, by the seam or after so many calls; how many items were called and not acknowledged. */
async function runUntilKilled(kill: { readonly at: string } | { readonly afterCalls: number }): Promise<number> {
  const running = place.start(args, { env: "at" in kill ? { HOLDFAST_TEST_KILL: kill.at } : { DOTS: "1" } });
  if ("afterCalls" in kill) {
    running.child.stdout.on("data", () => {
      if (running.stdout.length >= kill.afterCalls) running.kill("SIGKILL");
    });
  }
  expect((await running.ended).signal).toBe("SIGKILL");
  const { rows, succeeded, integrity } = journal();
  expect([integrity, succeeded]).toEqual(["ok", rows]);
  return new Set(calls()).size - rows;
}

/** Numbers that look random and are the same in every run. */
function* seeded(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

test("a run of 20,000 items that is killed seven times does each acknowledged item once and ends complete", async () => {
  const unacknowledged: number[] = [];
  for (const at of ["before-begin:20", "before-commit:20", "after-commit:20", "after-output:20"]) {
    unacknowledged.push(await runUntilKilled({ at }));
  }
  const random = seeded(20_261_121);
  for (let kill = 0; kill < 3; kill += 1) {
    const afterCalls = 500 + Math.floor(random.next().value * 3_000);
    unacknowledged.push(await runUntilKilled({ afterCalls }));
  }
  const before = { calls: calls().length, ...journal() };
  const { code, summary } = await place.summary(args);

  expect([code, journal()]).toEqual([0, { rows: items, succeeded: items, integrity: "ok" }]);
  expect(summary).toMatchObject({
    state: "finished",
    total: items,
    succeeded: items,
    dead: 0,
    left: 0,
    thisRun: { succeeded: items - before.rows, skipped: before.rows },
  });
  const results = place.ndjson("results.ndjson").map((result) => Number(Object(result).n));
  expect(results.toSorted((a, b) => a - b)).toEqual(Array.from({ length: items }, (_, index) => index + 1));

  // What was called and not acknowledged when a kill came is all that runs again.
  expect(unacknowledged.filter((count) => count > concurrency + commitWindow)).toEqual([]);
  expect(unacknowledged.every((count) => count > 0)).toBe(true);
  expect(calls().length - items).toBe(before.calls - before.rows);
  expect(calls().length - items).toBeLessThanOrEqual(7 * (concurrency + commitWindow));
});

test("what the report calls re-run had run before, and most of it is found", async () => {
  await runUntilKilled({ at: "before-commit:30" });
  const ranBefore = new Set(calls()).size;
  const { rows } = journal();
  const { summary } = await place.summary(args);
  const ranAgain = calls().length - new Set(calls()).size;
  expect(ranAgain).toBe(ranBefore - rows);
  // A lower bound: of what was started after the last acknowledged item there is no trace.
  expect([summary.thisRun.rerun !== undefined && summary.thisRun.rerun <= ranAgain, summary.succeeded]).toEqual([
    true,
    items,
  ]);
});

test("SESSION-3: what is not committed is not done: a kill just before the first commit leaves nothing that counts", async () => {
  const running = place.start([...args, "--progress", "json", "--limit", "5"], {
    env: { HOLDFAST_TEST_KILL: "before-commit:1" },
  });
  expect((await running.ended).signal).toBe("SIGKILL");
  expect([journal().rows, running.stderr.includes('"done":5'), calls().length]).toEqual([0, false, 5]);
});
