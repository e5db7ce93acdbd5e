/**
 * Each option of `holdfast run --help` has a test here that shows what it does; the last test compares the two lists.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { Workplace, numbers, parseLines } from "./holdfast-process.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write("echo.mjs", "export default (item) => item;\n");
  place.write("five.txt", numbers(5));
});
afterEach(() => place.remove());

const shown = new Set<string>();

/** A test of what `option` does. */
function effect(option: string, does: string, body: () => Promise<void>): void {
  shown.add(option);
  test(`${option} ${does}`, body);
}

describe("input", () => {
  effect("--input", "names the items' file", async () => {
    expect(await place.summary(["run", "echo.mjs", "--input", "five.txt"])).toMatchObject({
      code: 0,
      summary: { total: 5, succeeded: 5 },
    });
  });

  effect("--format", "reads a file of another ending as asked", async () => {
    place.write("items.dat", '{"id":1}\n{"id":2}\n');
    place.write("id.mjs", "export default (item) => item.id;\n");
    const ended = await place.run(["run", "id.mjs", "items.dat", "--format", "ndjson", "--output", "out", "-j", "1"]);
    expect([ended.code, place.read("out")]).toEqual([0, "1\n2\n"]);
  });

  effect("--key", "lets the input change: done keys are skipped, wherever they are now", async () => {
    place.write("a.ndjson", '{"id":"x"}\n{"id":"y"}\n');
    place.write("key.mjs", "export default (item, { key }) => key;\n");
    const args = ["run", "key.mjs", "a.ndjson", "--key", "id", "--output", "out", "-j", "1"];
    expect(await place.summary(args)).toMatchObject({ code: 0, summary: { succeeded: 2 } });
    const first = await place.summary([...args, "--journal", "other.db"]);
    // What ran again is told by the items' order, which a key makes meaningless.
    expect("rerun" in first.summary.thisRun).toBe(false);
    place.write("a.ndjson", '{"id":"new"}\n{"id":"y"}\n{"id":"x"}\n');
    expect(await place.summary(args)).toMatchObject({
      code: 0,
      summary: { succeeded: 3, thisRun: { succeeded: 1, skipped: 2 } },
    });
    expect(place.ndjson("out")).toEqual(["x", "y", "new"]);
  });

  effect("--limit", "takes that many items and leaves the rest for the next run", async () => {
    const args = ["run", "echo.mjs", "five.txt", "--limit", "2", "-o", "out", "-j", "1"];
    expect(await place.summary(args)).toMatchObject({
      code: 75,
      summary: { stoppedBy: "limit of 2 reached", total: 5, succeeded: 2, left: 3 },
    });
    expect(await place.summary(args)).toMatchObject({ code: 75, summary: { succeeded: 4, left: 1 } });
    expect(await place.summary(args)).toMatchObject({ code: 0, summary: { succeeded: 5, left: 0 } });
    expect(place.ndjson("out")).toEqual(["1", "2", "3", "4", "5"]);
  });
});

describe("running", () => {
  effect("--concurrency", "is how many items are in flight at a time", async () => {
    place.write(
      "active.mjs",
      `let active = 0, most = 0;
      export default async () => {
        most = Math.max(most, ++active);
        await new Promise((resolve) => setTimeout(resolve, 5));
        active -= 1;
        return most;
      };`,
    );
    place.write("twenty.txt", numbers(20));
    await place.run(["run", "active.mjs", "twenty.txt", "--concurrency", "3", "--output", "out"]);
    expect(place.ndjson("out").at(-1)).toBe(3);
  });

  effect("--timeout", "aborts the attempt's signal and fails the attempt", async () => {
    place.write(
      "hang.mjs",
      "export default (item, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));",
    );
    expect(await place.summary(["run", "hang.mjs", "five.txt", "--timeout", "20ms", "--retries", "0"])).toMatchObject({
      code: 1,
      summary: {
        dead: 5,
        deadLetters: [
          { error: "TimeoutError", code: "ERR_TIMEOUT", count: 5, message: 'item "0" timed out after 20 ms' },
        ],
        abandoned: { count: 0 },
      },
    });
  });

  effect("--retries", "is how many attempts follow the first", async () => {
    place.write("throw.mjs", "export default () => { throw new Error('no'); };");
    expect(await place.summary(["run", "throw.mjs", "five.txt", "--retries", "2", "--backoff", "none"])).toMatchObject({
      code: 1,
      summary: { attempts: [{ attempts: 3, succeeded: 0, dead: 5 }], failedAttempts: { count: 15 } },
    });
  });

  effect("--backoff", "is how long the next attempt waits", async () => {
    place.write(
      "times.mjs",
      `let first;
      export default (item, { attempt }) => {
        if (attempt === 1) { first = performance.now(); throw new Error("again"); }
        return performance.now() - first;
      };`,
    );
    place.write("one.txt", "1\n");
    await place.run(["run", "times.mjs", "one.txt", "--backoff", "fixed:150ms", "--retries", "1", "--output", "out"]);
    const [gap] = place.ndjson("out");
    expect(Number(gap) >= 149).toBe(true);
  });

  effect("--rate", "spaces the starts, so that five at 25/s take four twenty-fifths of a second", async () => {
    const { summary } = await place.summary(["run", "echo.mjs", "five.txt", "--rate", "25/s"]);
    expect([summary.succeeded, summary.thisRun.duration >= 155]).toEqual([5, true]);
  });
});

describe("results and journal", () => {
  effect("--output", "gets the results as lines of JSON", async () => {
    await place.run(["run", "echo.mjs", "five.txt", "--output", "results.ndjson", "-j", "1"]);
    expect(place.read("results.ndjson")).toBe('"1"\n"2"\n"3"\n"4"\n"5"\n');
  });

  effect("--journal", "names the journal, which else lies beside the input", async () => {
    await place.run(["run", "echo.mjs", "five.txt", "--journal", "elsewhere.db"]);
    expect([
      existsSync(join(place.path, "elsewhere.db")),
      existsSync(join(place.path, "five.txt.holdfast.db")),
    ]).toEqual([true, false]);
    await place.run(["run", "echo.mjs", "five.txt"]);
    expect(existsSync(join(place.path, "five.txt.holdfast.db"))).toBe(true);
  });

  effect("--resume", "never refuses an existing journal, require a missing one", async () => {
    const args = ["run", "echo.mjs", "five.txt", "--resume"];
    expect((await place.run([...args, "require"])).code).toBe(66);
    expect((await place.run([...args, "never"])).code).toBe(0);
    expect((await place.run([...args, "never"])).code).toBe(73);
    expect((await place.run([...args, "require"])).code).toBe(0);
  });

  effect("--fresh", "runs every item again", async () => {
    await place.run(["run", "echo.mjs", "five.txt"]);
    expect(await place.summary(["run", "echo.mjs", "five.txt"])).toMatchObject({
      summary: { thisRun: { succeeded: 0, skipped: 5 } },
    });
    expect(await place.summary(["run", "echo.mjs", "five.txt", "--fresh"])).toMatchObject({
      summary: { thisRun: { succeeded: 5, skipped: 0 } },
    });
  });
});

describe("stopping", () => {
  effect("--max-failures", "stops the run when more have failed, and tolerates that many", async () => {
    place.write("odd.mjs", "export default (item) => { if (Number(item) % 2) throw new Error('odd'); return item; };");
    place.write("ten.txt", numbers(10));
    const args = ["run", "odd.mjs", "ten.txt", "--retries", "0", "-j", "1", "--max-failures"];
    expect(await place.summary([...args, "2"])).toMatchObject({
      code: 75,
      summary: { state: "stopped", stoppedBy: "more than 2 failures", dead: 3 },
    });
    expect(await place.summary([...args, "5", "--fresh"])).toMatchObject({
      code: 0,
      summary: { state: "finished", dead: 5 },
    });
    expect(await place.summary([...args, "50%", "--fresh"])).toMatchObject({ code: 0, summary: { dead: 5 } });
    expect(await place.summary([...args, "40%", "--fresh"])).toMatchObject({ code: 75, summary: { dead: 5 } });
  });

  effect("--drain", "is how long items in flight may go on after the first signal", async () => {
    place.write(
      "wait.mjs",
      `export default (item, { signal, stopping, log }) => new Promise((_, reject) => {
        let from;
        const working = setInterval(() => {}, 1_000);
        stopping.addEventListener("abort", () => (from = performance.now()));
        signal.addEventListener("abort", () => {
          clearInterval(working);
          log("drained for", Math.round(performance.now() - from));
          reject(signal.reason);
        });
        log("waiting");
      });`,
    );
    place.write("one.txt", "1\n");
    const running = place.start(["run", "wait.mjs", "one.txt", "--drain", "100ms"]);
    await running.saysOnStderr(/waiting/);
    running.kill("SIGTERM");
    const [, drained] = await running.saysOnStderr(/drained for (\d+)/);
    expect(Number(drained) >= 99 && Number(drained) < 5_000).toBe(true);
    expect((await running.ended).code).toBe(143);
  });

  effect("--dry-run", "says what would run and touches nothing", async () => {
    place.write("loud.mjs", "export default () => console.log('called');");
    const ended = await place.run(["run", "loud.mjs", "five.txt", "--dry-run", "--limit", "2", "--output", "out"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toBe(
      `would run  loud.mjs over five.txt
items      5 (lines), 0 done before, 2 would run
settings   100 at a time, up to 5 attempts (backoff 500 ms to 30.0 s), no timeout, at most 2 items
journal    five.txt.holdfast.db, new
results    out
item 0: "1"
item 1: "2"
`,
    );
    expect([existsSync(join(place.path, "five.txt.holdfast.db")), existsSync(join(place.path, "out"))]).toEqual([
      false,
      false,
    ]);
    await place.run(["run", "loud.mjs", "five.txt", "--limit", "3", "-q"]);
    const later = await place.run(["run", "loud.mjs", "five.txt", "--dry-run"]);
    expect(later.stdout).toContain("\nitems      5 (lines), 3 done before, 2 would run\n");
    expect(later.stdout).toContain("\njournal    five.txt.holdfast.db, gone on with\n");
    expect(later.stdout).toMatch(/\nitem 3: "4"\nitem 4: "5"\n$/);
    place.write("five.txt", numbers(6));
    expect((await place.run(["run", "loud.mjs", "five.txt", "--dry-run"])).code).toBe(65);
  });
});

describe("watching", () => {
  effect("--progress", "chooses the display", async () => {
    const events = await place.run(["run", "echo.mjs", "five.txt", "--progress", "json", "-q", "--fresh"]);
    expect(events.stderr).toBe("");
    const json = await place.run(["run", "echo.mjs", "five.txt", "--progress", "json", "--summary", "json", "--fresh"]);
    expect(parseLines(json.stderr)).toMatchObject([
      { event: "start", handler: "echo.mjs", total: 5 },
      { event: "end", done: 5, succeeded: 5, inFlight: 0 },
    ]);
    const plain = await place.run([
      "run",
      "echo.mjs",
      "five.txt",
      "--progress",
      "plain",
      "--summary",
      "json",
      "--fresh",
    ]);
    expect(plain.stderr.split("\n")).toEqual([
      expect.stringMatching(/^holdfast run echo\.mjs over five\.txt, 5 items; /),
      "",
    ]);
    const none = await place.run(["run", "echo.mjs", "five.txt", "--progress", "none", "--summary", "json", "--fresh"]);
    expect(none.stderr).toBe("");
  });

  effect("--summary", "json is one object on standard output", async () => {
    const ended = await place.run(["run", "echo.mjs", "five.txt", "--summary", "json"]);
    expect(parseLines(ended.stdout)).toMatchObject([
      { state: "finished", exitCode: 0, total: 5, succeeded: 5, dead: 0, left: 0, deadLetters: [] },
    ]);
    const text = await place.run(["run", "echo.mjs", "five.txt", "--summary", "text"]);
    expect([text.stdout, text.stderr.includes("finished: 5 of 5 succeeded, 0 dead letters, 0 left")]).toEqual([
      "",
      true,
    ]);
  });

  effect("--quiet", "says nothing when every item succeeded, and still reports failures", async () => {
    expect(await place.run(["run", "echo.mjs", "five.txt", "--quiet"])).toEqual({
      code: 0,
      signal: null,
      stdout: "",
      stderr: "",
    });
    place.write("throw.mjs", "export default () => { throw new Error('no'); };");
    const failing = await place.run(["run", "throw.mjs", "five.txt", "--quiet", "--retries", "0", "--fresh"]);
    expect(failing.stderr).toMatch(/^finished: 0 of 5 succeeded, 5 dead letters, 0 left\n/);
  });
});

describe("other", () => {
  effect("--help", "prints the options, with examples", async () => {
    const ended = await place.run(["run", "--help"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toMatch(/^usage: holdfast run <handler\.ts\|\.js> <input> \[options\]\n/);
    expect(ended.stdout).toMatch(/\nexamples\n {2}holdfast run /);
  });

  effect("--version", "prints the version", async () => {
    const manifest: unknown = JSON.parse(
      await import("node:fs").then(({ readFileSync }) =>
        readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
      ),
    );
    expect(await place.run(["--version"])).toMatchObject({ code: 0, stdout: `${String(Object(manifest).version)}\n` });
  });
});

test("every option of --help has a test of its effect", async () => {
  const { stdout } = await place.run(["run", "--help"]);
  const listed = [...stdout.matchAll(/^ {2}(?:-\w, | {4})(--[\w-]+)/gm)].map(([, name]) => name);
  expect(shown).toEqual(new Set(listed));
});
