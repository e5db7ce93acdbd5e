/** However a run ends: what the journal, the report and the handler's own cleanup see of it. */
import { DatabaseSync } from "@photostructure/sqlite";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { Workplace, numbers } from "./holdfast-process.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write("ten.ndjson", numbers(10));
  place.write("broken.ndjson", `${numbers(6)}{\n`);
  // END says what happens at item 5.
  place.write(
    "end.mjs",
    `export const setup = () => "up";
    export const teardown = (shared, { log }) => log("teardown of", shared);
    const ends = {
      signal: () => { process.kill(process.pid, "SIGTERM"); return new Promise((resolve) => setTimeout(resolve, 5)); },
      exit: () => process.exit(0),
      stray: () => { void Promise.reject(new Error("stray")); return new Promise((resolve) => setTimeout(resolve, 60_000)); },
      fail: () => { throw new Error("no"); },
    };
    export default (item) => (item === 5 ? ends[process.env.END]?.() : item);`,
  );
});
afterEach(() => place.remove());

interface Ending {
  readonly name: string;
  readonly end?: string;
  readonly args?: readonly string[];
  readonly input?: string;
  readonly code: number;
  readonly state: string;
  readonly torn: number;
}

const endings: readonly Ending[] = [
  { name: "finished", code: 0, state: "finished", torn: 1 },
  { name: "with a dead letter", end: "fail", code: 1, state: "finished", torn: 1 },
  { name: "limited", args: ["--limit", "3"], code: 75, state: "stopped", torn: 1 },
  { name: "too many failures", end: "fail", args: ["--max-failures", "0"], code: 75, state: "stopped", torn: 1 },
  { name: "signalled", end: "signal", code: 143, state: "stopped", torn: 1 },
  { name: "broken input", input: "broken.ndjson", code: 65, state: "failed", torn: 1 },
  { name: "ended from inside", end: "exit", code: 70, state: "failed", torn: 0 },
  { name: "a stray rejection", end: "stray", code: 70, state: "failed", torn: 0 },
];

async function endOf({ end, args, input }: Ending) {
  const file = input ?? "ten.ndjson";
  const command = [
    "run",
    "end.mjs",
    file,
    "-j",
    "1",
    "--retries",
    "0",
    "--fresh",
    "--summary",
    "json",
    ...(args ?? []),
  ];
  const ended = await place.run(command, end === undefined ? {} : { env: { END: end } });
  const database = new DatabaseSync(join(place.path, `${file}.holdfast.db`), { readOnly: true });
  const row: unknown = database.prepare("SELECT state, ended_at IS NOT NULL AS has_ended FROM run").get();
  database.close();
  return { ...ended, row, torn: ended.stderr.split("teardown of up").length - 1 };
}

test("SESSION-1: the journal's run ends as finished, stopped or failed", async () => {
  for (const ending of endings) {
    const { code, row } = await endOf(ending);
    expect([ending.name, code, { ...Object(row) }]).toEqual([
      ending.name,
      ending.code,
      { state: ending.state, has_ended: 1 },
    ]);
  }
});

test("SESSION-2: teardown is called once after a setup that succeeded, unless the process is ended from inside", async () => {
  for (const ending of endings) expect([ending.name, (await endOf(ending)).torn]).toEqual([ending.name, ending.torn]);
});

test("SUMMARY-1: succeeded, dead and left are the total", async () => {
  const reported = endings.filter(({ code }) => code !== 70);
  for (const ending of reported) {
    const { total, succeeded, dead, left } = JSON.parse((await endOf(ending)).stdout);
    expect([ending.name, succeeded + dead + left]).toEqual([ending.name, total]);
  }
});
