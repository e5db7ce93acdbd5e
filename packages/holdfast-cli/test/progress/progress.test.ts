import type { ItemOutcome } from "../../src/journal/index.ts";
import { chooseProgress, openProgress } from "../../src/progress/progress.ts";
import type { Progress, ProgressKind } from "../../src/progress/progress.ts";
import { RunStatus } from "../../src/progress/run-status.ts";
import { describe, expect, test } from "../harness.ts";
import { ManualClock } from "../manual-clock.ts";
import { FakeScreen } from "./fake-screen.ts";

const title = "holdfast run h.ts over in.txt, 1,000 items";

function open(
  kind: ProgressKind,
  env: Record<string, string> = {},
  known: { readonly total: number | undefined } = { total: 1_000 },
) {
  const { total } = known;
  const clock = new ManualClock();
  const screen = new FakeScreen(kind === "tty");
  const status = new RunStatus({ total, before: { succeeded: 0, dead: 0 }, now: 0, inFlight: () => 7 });
  const progress: Progress = openProgress(kind, screen, clock, env);
  progress.start({ title, facts: { handler: "h.ts", total } }, status);
  return { clock, screen, status, progress };
}

function outcomes(succeeded: number, dead = 0): ItemOutcome[] {
  const of = (state: "succeeded" | "dead") => ({
    index: 0,
    key: undefined,
    state,
    attempts: 1,
    startedAt: 0,
    duration: 1,
    output: "1",
    error: undefined,
    failedAttempts: [],
    sample: undefined,
  });
  return [
    ...Array.from({ length: succeeded }, () => of("succeeded")),
    ...Array.from({ length: dead }, () => of("dead")),
  ];
}

const boom = { errorName: "TypeError", errorCode: undefined, message: "boom\n\u001B[31mred" };
const refused = { errorName: "Error", errorCode: "ECONNREFUSED", message: "connect" };

describe("which display", () => {
  const tty = new FakeScreen(true);
  const pipe = new FakeScreen(false);
  test("auto is live on a terminal and plain lines anywhere else, under CI and with TERM=dumb", () => {
    expect([
      chooseProgress("auto", tty, { TERM: "xterm" }),
      chooseProgress("auto", pipe, { TERM: "xterm" }),
      chooseProgress("auto", tty, { TERM: "xterm", CI: "true" }),
      chooseProgress("auto", tty, { TERM: "xterm", CI: "false" }),
      chooseProgress("auto", tty, { TERM: "dumb" }),
    ]).toEqual(["tty", "plain", "plain", "tty", "plain"]);
  });
  test("tty is believed under CI, and still needs a terminal that understands it", () => {
    expect([
      chooseProgress("tty", tty, { CI: "1" }),
      chooseProgress("tty", pipe, {}),
      chooseProgress("tty", tty, { TERM: "dumb" }),
    ]).toEqual(["tty", "plain", "plain"]);
  });
  test("plain, json and none are what was asked", () => {
    expect([
      chooseProgress("plain", tty, {}),
      chooseProgress("json", tty, {}),
      chooseProgress("none", tty, {}),
    ]).toEqual(["plain", "json", "none"]);
  });
});

describe("plain", () => {
  test("says what runs, each error class once, and where it is every ten seconds", () => {
    const { clock, screen, status, progress } = open("plain");
    clock.advance(5_000);
    status.acknowledged(outcomes(240, 10), clock.now());
    status.failed(boom, 1, "item-3");
    status.failed(boom, 2, "item-3");
    clock.advance(5_000);
    status.phase = "stopping";
    clock.advance(10_000);
    progress.stop();
    clock.advance(60_000);
    expect(screen.text).toBe(
      `${title}
new error TypeError at item item-3: boom [31mred
250/1,000 (25%) after 10.0 s; 25/s; ETA 30 s; 7 in flight, 0 retrying, 10 failed; TypeError x 2
250/1,000 (25%) after 20.0 s; 0/s; stopping: no more items are taken, 7 in flight, 0 retrying, 10 failed; TypeError x 2
`,
    );
  });
  test("a total that is not known is not made up", () => {
    const { clock, screen, status } = open("plain", {}, { total: undefined });
    status.acknowledged(outcomes(50), clock.now());
    clock.advance(10_000);
    expect(screen.text.split("\n")[1]).toBe("50 done after 10.0 s; 5/s; 7 in flight, 0 retrying, 0 failed");
  });
});

describe("json", () => {
  test("is one event a line: start, error, log, progress twice a second, end", () => {
    const { clock, screen, status, progress } = open("json");
    status.failed(refused, 1, "a");
    progress.log("hello");
    status.acknowledged(outcomes(100), 400);
    clock.advance(500);
    progress.stop();
    progress.stop();
    const events = screen.writes.map((line): unknown => JSON.parse(line));
    const now = {
      time: expect.any(Number),
      phase: "running",
      total: 1_000,
      done: 100,
      succeeded: 100,
      dead: 0,
      doneNow: 100,
      inFlight: 7,
      retrying: 0,
      rate: 200,
      remaining: 4_500,
      elapsed: 500,
      errors: [{ label: "Error (ECONNREFUSED)", count: 1 }],
    };
    expect(events).toEqual([
      { event: "start", time: expect.any(Number), handler: "h.ts", total: 1_000 },
      {
        event: "error",
        time: expect.any(Number),
        class: "Error (ECONNREFUSED)",
        message: "connect",
        attempt: 1,
        key: "a",
      },
      { event: "log", time: expect.any(Number), message: "hello" },
      { event: "progress", ...now },
      { event: "end", ...now },
    ]);
  });
});

describe("tty", () => {
  test("shows a bar, what is in flight and the top errors, below the lines that were logged", () => {
    const { clock, screen, status, progress } = open("tty");
    clock.advance(1_000);
    status.acknowledged(outcomes(500, 4), clock.now());
    status.retrying = 2;
    status.failed(boom, 1, "x");
    status.failed(refused, 1, "y");
    status.failed(refused, 2, "y");
    progress.log("one line");
    clock.advance(1_000);
    expect(screen.rows).toEqual(
      [
        title,
        "new error TypeError at item x: boom [31mred",
        "new error Error (ECONNREFUSED) at item y: connect",
        "one line",
        "█████████████░░░░░░░░░░░░░   50%  504/1,000  252/s  ETA 2 s",
        "7 in flight, 2 retrying, 4 failed, 2.0 s",
        "Error (ECONNREFUSED) x 2, TypeError x 1",
      ].map((line) =>
        line.startsWith("█") ? expect.stringMatching(/^█+░+ {3}50% {2}504\/1,000 {2}252\/s {2}ETA 2 s$/) : line,
      ),
    );
  });

  test("TTY-1: it writes at most ten times a second, however much is logged", () => {
    const { clock, screen, progress } = open("tty");
    const before = screen.writes.length;
    for (let at = 0; at < 1_000; at += 1) {
      progress.log(`line ${at}`);
      clock.advance(1);
    }
    expect(screen.writes.length - before).toBe(10);
  });

  test("TTY-2: no line is wider than the terminal, and a narrower one is erased by its rows there", () => {
    const { clock, screen, status } = open("tty");
    status.failed({ ...boom, errorName: "エラー".repeat(30) }, 1, "k");
    clock.advance(100);
    const lines = screen.rows.slice(-3);
    expect(
      lines.every((line) => [...line].reduce((sum, character) => sum + (character > "\u2E80" ? 2 : 1), 0) < 60),
    ).toBe(true);
    screen.columns = 30;
    screen.writes.length = 0;
    clock.advance(100);
    // Three lines of up to 59 columns are five or six rows of 30; the cursor is on the last of them.
    expect(screen.text).toMatch(/^\r\u001B\[[45]A\u001B\[J/);
  });

  test("TTY-3: stop shows the cursor, draws the last state, and ends the drawing", () => {
    const { clock, screen, status, progress } = open("tty");
    clock.advance(100);
    status.acknowledged(outcomes(1_000), clock.now());
    progress.stop();
    expect([screen.text.startsWith("\u001B[?25l"), screen.text.endsWith("\n\u001B[?25h"), clock.pending]).toEqual([
      true,
      true,
      0,
    ]);
    expect(screen.rows.join("\n")).toContain("100%  1,000/1,000");
    const written = screen.writes.length;
    progress.stop();
    clock.advance(1_000);
    expect(screen.writes.length).toBe(written);
  });

  test("NO_COLOR draws without colours", () => {
    const [plain, coloured] = [open("tty", { NO_COLOR: "1" }), open("tty")];
    for (const { clock } of [plain, coloured]) clock.advance(100);
    expect([/\u001B\[\d+m/.test(plain.screen.text), /\u001B\[\d+m/.test(coloured.screen.text)]).toEqual([false, true]);
  });

  test("a terminal that does not say how wide it is gets 80 columns", () => {
    const { clock, screen } = open("tty");
    screen.columns = 0;
    clock.advance(200);
    expect(screen.rows.at(-1)).toBe("7 in flight, 0 retrying, 0 failed, 200 ms");
    expect(screen.text).not.toContain("Infinity");
  });

  test("a total that is not known is a count without a bar", () => {
    const { clock, screen, status } = open("tty", {}, { total: undefined });
    status.acknowledged(outcomes(12), 0);
    clock.advance(1_000);
    expect(screen.rows.slice(-2)).toEqual(["12 done  12/s", "7 in flight, 0 retrying, 0 failed, 1.0 s"]);
  });
});
