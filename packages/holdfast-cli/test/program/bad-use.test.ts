/** What a user can get wrong before the first item runs: one readable message and the exit code that says whose fault it is. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { Workplace, numbers } from "./holdfast-process.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write("echo.mjs", "export default (item) => item;\n");
  place.write("five.txt", numbers(5));
});
afterEach(() => place.remove());

const hint = "  holdfast run --help lists the options\n";

describe("options", () => {
  const wrong: readonly (readonly [args: readonly string[], message: string])[] = [
    [["--conurrency", "3"], `unknown option --conurrency; did you mean --concurrency?\n${hint}`],
    [["--xyzzy"], `unknown option --xyzzy\n${hint}`],
    [["-z"], `unknown option -z\n${hint}`],
    [["--concurrency", "0"], '--concurrency must be a whole number of at least 1, got "0"\n'],
    [["-j", "many"], '--concurrency must be a whole number of at least 1, got "many"\n'],
    [["--timeout", "banana"], '--timeout must be a duration like 500ms, 10s, 5m or 2h, at least 1ms, got "banana"\n'],
    [["--timeout", "10"], '--timeout must be a duration like 500ms, 10s, 5m or 2h, at least 1ms, got "10"\n'],
    [["--drain", "-1s"], '--drain must be a duration like 500ms, 10s, 5m or 2h, got "-1s"\n'],
    [["--retries", "-1"], '--retries must be a whole number of at least 0, got "-1"\n'],
    [["--limit", "1.5"], '--limit must be a whole number of at least 1, got "1.5"\n'],
    [
      ["--backoff", "exp:2s..1s"],
      '--backoff must be none, fixed:DURATION or exp:BASE..MAX, like exp:500ms..30s,jitter=full, got "exp:2s..1s"\n',
    ],
    [["--rate", "50"], '--rate must be a number above 0 per s, m or h, like 50/s, got "50"\n'],
    [["--rate", "0/s"], '--rate must be a number above 0 per s, m or h, like 50/s, got "0/s"\n'],
    [["--max-failures", "120%"], '--max-failures must be a whole number like 20 or a percentage like 5%, got "120%"\n'],
    [["--format", "xml"], '--format must be one of lines, ndjson, json, csv, got "xml"\n'],
    [["--resume", "maybe"], '--resume must be one of auto, never, require, got "maybe"\n'],
    [["--key", "--fresh"], "--key needs a value (FIELD), got the option --fresh\n"],
    [["--journal"], "--journal needs a value (FILE)\n"],
    [["--fresh=yes"], '--fresh is a switch and takes no value, got "yes"\n'],
    [["--fresh", "--resume", "require"], "--fresh starts again and --resume require goes on; keep one\n"],
    [["--input", "other.txt"], 'the input is named twice: "five.txt" and --input "other.txt"; keep one\n'],
    [["third.txt"], `holdfast run takes a handler and an input, got also "third.txt"\n${hint}`],
  ];
  test.each(wrong)("%j is refused with 64, naming the option and what it wants", async (args, message) => {
    expect(await place.run(["run", "echo.mjs", "five.txt", ...args])).toEqual({
      code: 64,
      signal: null,
      stdout: "",
      stderr: `holdfast: ${message}`,
    });
  });

  test("a run without a handler, an input, or a journal for standard input is refused with 64", async () => {
    expect(await place.run(["run"])).toMatchObject({
      code: 64,
      stderr: `holdfast: holdfast run needs a handler: holdfast run <handler.ts> <input>\n${hint}`,
    });
    expect(await place.run(["run", "echo.mjs"])).toMatchObject({
      code: 64,
      stderr: `holdfast: holdfast run needs an input: a file after the handler, or - for standard input\n${hint}`,
    });
    expect(await place.run(["run", "echo.mjs", "-"])).toMatchObject({
      code: 64,
      stderr: "holdfast: standard input has no file to put the journal beside; name one with --journal FILE\n",
    });
  });

  test("an unknown command is refused with 64 and the nearest one", async () => {
    expect(await place.run(["rnu", "echo.mjs"])).toMatchObject({
      code: 64,
      stderr: "holdfast: unknown command rnu; did you mean holdfast run?\n  holdfast --help lists the commands\n",
    });
    expect(await place.run([])).toMatchObject({ code: 64, stdout: expect.stringContaining("usage\n") });
  });
});

describe("input", () => {
  test("a missing input is refused with 66", async () => {
    expect(await place.run(["run", "echo.mjs", "nowhere.txt"])).toMatchObject({
      code: 66,
      stderr: expect.stringContaining("nowhere.txt"),
    });
  });

  test("a folder as input is refused with 66", async () => {
    mkdirSync(join(place.path, "folder.txt"));
    expect(await place.run(["run", "echo.mjs", "folder.txt"])).toMatchObject({
      code: 66,
      stderr: expect.stringContaining("folder.txt"),
    });
  });

  test("an empty input is a finished run of no items", async () => {
    place.write("empty.txt", "");
    expect(await place.summary(["run", "echo.mjs", "empty.txt"])).toMatchObject({
      code: 0,
      summary: { state: "finished", total: 0, succeeded: 0, left: 0 },
    });
  });

  test("a broken line ends the run with 65, names file and line, and loses nothing before it", async () => {
    place.write("broken.ndjson", '{"id":1}\n{"id":2}\n{"id":\n{"id":4}\n');
    const ended = await place.run(["run", "echo.mjs", "broken.ndjson", "--output", "out", "-j", "1"]);
    expect([ended.code, place.ndjson("out")]).toEqual([65, [{ id: 1 }, { id: 2 }]]);
    expect(ended.stderr).toMatch(/^holdfast: .*broken\.ndjson:3.*$/m);
    expect(ended.stderr).toMatch(/^stopped \(.*\): 2 of 4 succeeded, 0 dead letters, 2 left$/m);
  });

  test("items in flight when the input breaks still finish", async () => {
    place.write("broken.ndjson", "1\n2\n3\nfour\n");
    place.write("later.mjs", "export default (item) => new Promise((resolve) => setTimeout(resolve, 20, item));");
    const ended = await place.run(["run", "later.mjs", "broken.ndjson", "--output", "out"]);
    expect([ended.code, new Set(place.ndjson("out"))]).toEqual([65, new Set([1, 2, 3])]);
  });
});

describe("handler", () => {
  const bad: readonly (readonly [what: string, code: string, message: RegExp])[] = [
    [
      "with a syntax error",
      "export default (",
      /^holdfast: handler bad\.mjs does not load: SyntaxError: .+ \(.*bad\.mjs:1\)\n$/,
    ],
    [
      "that throws while it loads",
      "throw new Error('no database');",
      /^holdfast: handler bad\.mjs does not load: Error: no database\n$/,
    ],
    [
      "that imports what is not there",
      'import "./gone.mjs";',
      /^holdfast: handler bad\.mjs does not load: Error: Cannot find module .*gone\.mjs/,
    ],
    [
      "without a default export",
      "export const handler = () => 1;",
      /^holdfast: handler bad\.mjs has no default export\n {2}write: export default async/,
    ],
    [
      "whose default export is no function",
      "export default 42;",
      /^holdfast: handler bad\.mjs has a default export that is no function \(number\)\n/,
    ],
    [
      "whose setup is no function",
      "export const setup = 1; export default () => 1;",
      /^holdfast: handler bad\.mjs exports setup that is no function \(number\)\n$/,
    ],
    [
      "whose setup throws",
      "export const setup = () => { throw new Error('refused'); }; export default () => 1;",
      /^holdfast: the handler's setup failed: Error: refused\n$/,
    ],
  ];
  test.each(bad)("a handler %s is refused with 78", async (_what, code, message) => {
    place.write("bad.mjs", code);
    const ended = await place.run(["run", "bad.mjs", "five.txt"]);
    expect([ended.code, ended.stderr]).toEqual([78, expect.stringMatching(message)]);
  });

  test("a missing handler is refused with 78", async () => {
    expect(await place.run(["run", "gone.ts", "five.txt"])).toMatchObject({
      code: 78,
      stderr: "holdfast: handler gone.ts does not exist\n",
    });
  });
});

describe("journal", () => {
  test("a journal of another input is refused with 65 and the way out", async () => {
    await place.run(["run", "echo.mjs", "five.txt"]);
    place.write("five.txt", numbers(6));
    const ended = await place.run(["run", "echo.mjs", "five.txt"]);
    expect([ended.code, ended.stderr]).toEqual([65, expect.stringMatching(/five\.txt[^]*--(fresh|key|journal)/)]);
  });

  test("a journal of another handler is refused with 65", async () => {
    await place.run(["run", "echo.mjs", "five.txt"]);
    place.write("other.mjs", "export default () => 1;");
    expect(await place.run(["run", "other.mjs", "five.txt"])).toMatchObject({
      code: 65,
      stderr: expect.stringContaining("echo.mjs"),
    });
  });

  test("a file that is no journal is refused with 65 and left as it is", async () => {
    place.write("notes.db", "my notes, not a journal");
    const ended = await place.run(["run", "echo.mjs", "five.txt", "--journal", "notes.db", "--fresh"]);
    expect([ended.code, place.read("notes.db")]).toEqual([65, "my notes, not a journal"]);
    expect(ended.stderr).toContain("notes.db");
  });

  test("a corrupted journal is refused with 65 and the way out", async () => {
    place.write("many.txt", numbers(2_000));
    await place.run(["run", "echo.mjs", "many.txt"]);
    const path = join(place.path, "many.txt.holdfast.db");
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4_096);
    writeFileSync(path, bytes);
    const ended = await place.run(["run", "echo.mjs", "many.txt"]);
    expect([ended.code, ended.stderr]).toEqual([65, expect.stringMatching(/many\.txt\.holdfast\.db[^]*--fresh/)]);
  });

  test("a journal whose folder does not exist is refused with 73", async () => {
    const ended = await place.run(["run", "echo.mjs", "five.txt", "--journal", "no/such/folder.db"]);
    expect([ended.code, ended.stderr]).toEqual([73, expect.stringContaining("no/such/folder.db")]);
  });

  test("a journal on a file system that takes no files is refused with 73", async () => {
    const ended = await place.run(["run", "echo.mjs", "five.txt", "--journal", "/proc/holdfast.db"]);
    expect([ended.code, ended.stderr]).toEqual([73, expect.stringContaining("/proc/holdfast.db")]);
  });

  test("a journal in use is refused with 75", async () => {
    place.write("hold.mjs", "export default (item, { log, sleep }) => { log('holding'); return sleep(60_000); };");
    place.write("one.txt", "1\n");
    const holder = place.start(["run", "hold.mjs", "one.txt"]);
    await holder.saysOnStderr(/holding/);
    const ended = await place.run(["run", "hold.mjs", "one.txt"]);
    holder.kill("SIGKILL");
    expect([ended.code, ended.stderr]).toEqual([75, expect.stringContaining("one.txt.holdfast.db")]);
    await holder.ended;
  });

  test("an output that is the input, the handler or the journal is refused with 64, and nothing is overwritten", async () => {
    place.write("five.txt.holdfast.db", "");
    symlinkSync("five.txt", join(place.path, "link.txt"));
    for (const [output, what] of [
      ["five.txt", "input"],
      ["./five.txt", "input"],
      ["link.txt", "input"],
      ["echo.mjs", "handler"],
      ["five.txt.holdfast.db", "journal"],
    ]) {
      expect(await place.run(["run", "echo.mjs", "five.txt", "--output", output ?? ""])).toMatchObject({
        code: 64,
        stderr: `holdfast: --output ${output} is the ${what} itself and would overwrite it; name another file\n`,
      });
    }
    expect([place.read("five.txt"), place.read("echo.mjs")]).toEqual([numbers(5), "export default (item) => item;\n"]);
  });

  test("an output whose folder does not exist is refused with 73", async () => {
    const ended = await place.run(["run", "echo.mjs", "five.txt", "--output", "no/such/out.ndjson"]);
    expect([ended.code, ended.stderr]).toEqual([73, expect.stringContaining("no/such/out.ndjson")]);
  });

  test("a disk that is full ends the run with 74, and what was acknowledged stays", async () => {
    place.write("many.txt", numbers(20_000));
    place.write("fat.mjs", "export default (item) => item.padEnd(200);");
    const bin = fileURLToPath(new URL("../../bin/holdfast.js", import.meta.url));
    // A file may grow to 1,000 blocks of 1,024 bytes; without the trap the signal would end the program before it can say so.
    const script = 'ulimit -f 1000; trap "" XFSZ; exec "$0" "$1" run fat.mjs many.txt --progress none';
    const full = spawnSync("bash", ["-c", script, process.execPath, bin], { cwd: place.path, encoding: "utf8" });
    expect([full.status, full.stderr]).toEqual([74, expect.stringMatching(/^holdfast: .*many\.txt\.holdfast\.db.*$/m)]);
    const { code, summary } = await place.summary(["run", "fat.mjs", "many.txt"]);
    expect([code, summary.succeeded, summary.thisRun.skipped > 0]).toEqual([0, 20_000, true]);
  });

  test("an output that can't be written ends the run with 74", async () => {
    const ended = await place.run(["run", "echo.mjs", "five.txt", "--output", "/dev/full"]);
    expect([ended.code, ended.stderr]).toEqual([74, expect.stringContaining("/dev/full")]);
  });

  test("a write that fails aborts what is in flight: it is not waited for until somebody else finishes", async () => {
    place.write(
      "hang.mjs",
      `export default (item, { signal }) => item === "1" ? item : new Promise((_, reject) => {
        const working = setInterval(() => {}, 1_000);
        signal.addEventListener("abort", () => reject(signal.reason, clearInterval(working)));
      });`,
    );
    const ended = await place.run(["run", "hang.mjs", "five.txt", "--output", "/dev/full"]);
    expect([ended.code, ended.stderr]).toEqual([
      74,
      expect.stringContaining("0 of 5 succeeded, 0 dead letters, 5 left"),
    ]);
  });
});
