/** The lesson's eleven programs print what the Python programs printed, as recorded; in no time, on a fake clock. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { consoleReporter, errorHandler } from "holdfast/lifecycle";
import { useFakeClock } from "../../packages/holdfast/test/clock/fake-clock.ts";
import { describe, expect, test } from "../../packages/holdfast/test/harness.ts";

interface Recorded {
  readonly stdout: readonly string[];
  readonly drawn: readonly number[];
}
interface Program {
  /** Most take nothing. */
  readonly main: (...args: unknown[]) => Promise<void>;
}

const clock = useFakeClock();
const folder = new URL("../lesson/", import.meta.url);
const programs = readdirSync(folder)
  .filter((file) => /^\d\d-.*\.ts$/u.test(file))
  .toSorted();

function recorded(file: string): Recorded {
  // Holds: scripts/lesson-record.mjs writes them.
  return JSON.parse(readFileSync(new URL(`recorded/${file.replace(".ts", ".json")}`, folder), "utf8")) as Recorded;
}

/** What a program prints. */
async function printed(file: string, ...args: unknown[]): Promise<string[]> {
  // Holds: each is a program of this folder.
  const { main } = (await import(new URL(file, folder).href)) as Program;
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(...line.split("\n"));
  try {
    await clock.run(() => main(...args));
  } finally {
    console.log = log;
  }
  return lines;
}

/** Python writes its literals in its own way. */
function asJson(line: string): string {
  return line.replaceAll("'", '"').replaceAll(/(?<=[,:]) (?=["\d{[])/gu, "");
}

test("there are eleven programs, each with what its Python original printed", () => {
  expect(programs.map((file) => file.slice(0, 2))).toEqual([
    "01",
    "02",
    "03",
    "04",
    "05",
    "06",
    "07",
    "08",
    "09",
    "10",
    "11",
  ]);
  for (const file of programs) expect(recorded(file).stdout.length).toBeGreaterThan(0);
});

describe("line by line", () => {
  for (const file of programs.filter((name) => !/^(?:07|10|11)/u.test(name)))
    test(`${file} prints what the Python program printed`, async () => {
      expect(await printed(file)).toEqual(recorded(file).stdout);
    });
});

test("07-retry.ts prints what the Python program printed, with the same luck", async () => {
  const { drawn, stdout } = recorded("07-retry.ts");
  const luck = drawn.values();
  const lines = await printed("07-retry.ts", () => {
    const { value, done } = luck.next();
    if (done === true) throw new Error("more calls than the Python program made");
    return value;
  });
  expect(lines.map(asJson)).toEqual(stdout.map(asJson));
  expect(luck.next().done).toBe(true);
});

test("10-debugging.ts prints what the Python program printed, in the shape of this language", async () => {
  const { stdout } = recorded("10-debugging.ts");
  const lines = await printed("10-debugging.ts");
  const headings = /^(?:Full async traceback|Exception (?:type|value)|Stack trace|Pending tasks)/u;
  const [traceback, ...rest] = lines.filter((line) => headings.test(line));
  const theirs = stdout.filter((line) => headings.test(line));
  // Python counts the task that asks; here a program that is no task asks.
  expect([traceback, ...rest.slice(0, -1)]).toEqual(theirs.slice(0, -1));
  expect([theirs.at(-1), rest.at(-1)]).toEqual(["Pending tasks: 3", "Pending tasks: 2"]);
  const above = (heading: string): string => lines.slice(0, lines.indexOf(heading)).join("\n");
  expect(above("Exception type: ValueError")).toMatch(
    /ValueError: Something went wrong\n.*at problematic .*10-debugging/u,
  );
  expect(lines.slice(lines.indexOf("Stack trace:"), lines.indexOf("Pending tasks: 2")).join("\n")).toContain(
    "problematic",
  );
  expect(lines.slice(lines.indexOf("Pending tasks: 2") + 1).map((line) => line.replace(/, spawned .*/u, ""))).toEqual([
    'group "pending"',
    '├─ task "ten seconds", running for 0 ms, waits for sleep',
    '└─ task "twenty seconds", running for 0 ms, waits for sleep',
  ]);
});

test("11-production-handler.ts prints what the Python program printed, with statistics that are filled", async () => {
  const { stdout } = recorded("11-production-handler.ts");
  const lines = await printed("11-production-handler.ts", errorHandler({ reporters: [] }));
  expect(lines.slice(0, -1)).toEqual(stdout.slice(0, -1));
  expect(asJson(stdout.at(-1) ?? "")).toBe('Stats:{"total_errors":1,"errors_by_type":{}}');
  expect(lines.at(-1)).toBe('Stats: {"total_errors":1,"errors_by_type":{"ValueError":1}}');
});

test("11-production-handler.ts reports to the console what the Python program logged", async () => {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text) > 0 };
  await printed("11-production-handler.ts", errorHandler({ reporters: [consoleReporter({ output, color: false })] }));
  expect(written.join("")).toContain("ValueError: failed");
  expect(written.join("")).toContain("at fail");
});

test("npm run docs:lesson has nothing to do: each page shows its program as it is", () => {
  const script = fileURLToPath(new URL("../../scripts/lesson-pages.mjs", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
