import { ErrorGroup, taskGroup } from "holdfast";
import { consoleReporter, errorHandler, jsonLinesReporter, type Reporter, type TextStream } from "holdfast/lifecycle";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { coded, failure, reportTo, stderrOf } from "./error-handler-kit.ts";

const clock = useFakeClock();

/** Says that three errors of a storm were kept back. */
async function summarizeTo(reporter: Reporter): Promise<void> {
  const handler = errorHandler({ reporters: [reporter], fingerprintRate: { perSecond: 1, burst: 1 } });
  for (let index = 0; index < 4; index++) handler.report(failure(`user ${index} is gone`));
  await clock.run(() => handler.flush());
}

class Output implements TextStream {
  text: string = "";
  readonly isTTY: boolean;

  constructor(isTTY: boolean = false) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

describe("consoleReporter", () => {
  test("writes a line about each error, with its context, and below it the error as formatError prints it", async () => {
    const output = new Output();
    const handler = errorHandler({
      reporters: [consoleReporter({ output, color: false })],
      fingerprintRate: { perSecond: 1, burst: 1 },
    });
    for (let index = 0; index < 3; index++)
      handler.report(failure(`user ${index} is gone`), { request: "r1", body: {} });
    await clock.advanceBy(1000);
    const group = new ErrorGroup([failure("user 7 is gone"), "text"]);
    group.stack = "ErrorGroup: 2 errors\n    at all (file:///srv/app.ts:9:1)";
    handler.report(group);
    expect(output.text).toBe(
      `2026-01-01T00:00:00.000Z defect, request=r1
Error: user 0 is gone
    at load (file:///srv/app.ts:3:5)
2026-01-01T00:00:01.000Z defect, seen 4 times, 2 of them not printed
ErrorGroup: 2 errors
    at all (file:///srv/app.ts:9:1)
├─ 1 of 2: Error: user 7 is gone
│      at load (file:///srv/app.ts:3:5)
└─ 2 of 2: 'text' (a string was thrown: it has no stack)
`,
    );
  });

  test("writes to stderr unless it is told where", async () => {
    const text = await stderrOf(() => reportTo(consoleReporter({ color: false, frames: 0 }), [failure("x")]));
    expect(text).toBe("2026-01-01T00:00:00.000Z defect\nError: x\n    … 1 more frames\n");
  });

  test("uses colours where they are wanted, and keeps those of others out", () => {
    const output = new Output(true);
    reportTo(consoleReporter({ output, color: true, frames: 0 }), [failure("x\u001b[31my")], { user: "a\u001b[0m\nb" });
    expect(output.text).not.toContain("\u001b[0m\nb");
    expect(output.text.split("\n")[1]).toContain("\u001b[31;1m");
    expect(output.text.split("\n")[1]).not.toContain("x\u001b[31my");
  });

  test("HANDLER-3: says with a flush what was not printed", async () => {
    const output = new Output();
    await summarizeTo(consoleReporter({ output, color: false }));
    expect(output.text).toContain(`holdfast: 3 more errors were not printed, most of them:
  3 × Error||user # is gone|load app.ts
`);
  });
});

describe("jsonLinesReporter", () => {
  test("writes one line of JSON for each error, with its tasks", async () => {
    const output = new Output();
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          (group) => {
            group.spawn(
              async ({ sleep }) => {
                await sleep(20);
                throw coded("user 5 is gone", "E_GONE");
              },
              { name: "load user" },
            );
          },
          { name: "request" },
        ),
      ),
    );
    reportTo(jsonLinesReporter({ output }), [error], { user: 5 });
    expect(output.text.endsWith("}\n")).toBe(true);
    const line: unknown = JSON.parse(output.text);
    expect(line).toEqual({
      time: "2026-01-01T00:00:00.020Z",
      kind: "defect",
      type: "Error",
      code: "E_GONE",
      message: "user 5 is gone",
      task: "load user",
      fingerprint: "Error|E_GONE|user # is gone|load app.ts",
      count: 1,
      firstSeen: "2026-01-01T00:00:00.020Z",
      suppressed: 0,
      attempts: 1,
      stack: expect.stringMatching(/^ErrorGroup/u),
      tasks: [
        { task: "load user", group: "request", spawnedAt: expect.stringContaining("reporters-text.test.ts"), age: 20 },
      ],
      context: { user: 5 },
    });
  });

  test("lists the errors of a group that has several", () => {
    const output = new Output();
    reportTo(jsonLinesReporter({ output }), [new ErrorGroup([coded("refused", "ECONNREFUSED"), failure("bug")])]);
    // Holds: the line before says what it is.
    const { message, leaves } = JSON.parse(output.text) as { message: unknown; leaves: unknown };
    expect([message, leaves]).toEqual([
      "bug",
      [
        { kind: "defect", type: "Error", message: "bug", fingerprint: "Error||bug|load app.ts" },
        {
          kind: "expected",
          type: "Error",
          code: "ECONNREFUSED",
          message: "refused",
          fingerprint: "Error|ECONNREFUSED|refused|load app.ts",
        },
      ],
    ]);
  });

  test("HANDLER-1: writes whatever a context holds", () => {
    const output = new Output();
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    reportTo(jsonLinesReporter({ output }), [failure("x")], {
      loop,
      big: 10n,
      symbol: Symbol("s"),
      none: null,
      missing: Number.NaN,
      list: [1, { at: new Date(0) }],
      bad: {
        toJSON: () => {
          throw new Error("no");
        },
      },
      long: ["x".repeat(9000)],
    });
    // Holds: a line of this reporter is an object.
    const { context } = JSON.parse(output.text) as { context: unknown };
    expect(context).toEqual({
      loop: "something that can't be written as JSON",
      big: "10",
      symbol: "Symbol(s)",
      none: null,
      missing: "NaN",
      list: [1, { at: "1970-01-01T00:00:00.000Z" }],
      bad: "something that can't be written as JSON",
      long: `["${"x".repeat(7998)}…`,
    });
  });

  test("HANDLER-3: writes a summary with a flush", async () => {
    const output = new Output();
    await summarizeTo(jsonLinesReporter({ output }));
    expect(JSON.parse(output.text.split("\n")[1] ?? "")).toEqual({
      kind: "summary",
      suppressed: 3,
      fingerprints: [{ fingerprint: "Error||user # is gone|load app.ts", suppressed: 3 }],
    });
  });

  test("OUTBOX-2: a flush waits for a stream that has not written everything, and says when it can't", async () => {
    const callbacks: ((error?: Error) => void)[] = [];
    const output: TextStream = {
      writableLength: 5,
      write: (_text, done) => void (done !== undefined && callbacks.push(done)),
    };
    const handler = errorHandler({ reporters: [jsonLinesReporter({ output })] });
    handler.report(failure("a"));
    handler.report(failure("b"));
    const log: unknown[] = [];
    const flushing = handler.flush().then((result) => log.push(result));
    await clock.advanceBy(10);
    expect(log).toEqual([]);
    callbacks[0]?.();
    const text = await stderrOf(async () => {
      callbacks[1]?.(new Error("disk full"));
      await flushing;
    });
    expect(log).toEqual([{ complete: true, unfinished: [] }]);
    expect(handler.stats().reporters).toEqual([
      { name: "json lines", delivered: 1, failed: 1, dropped: 0, pending: 0 },
    ]);
    expect(text).toBe('holdfast: error handler: reporter "json lines" failed: disk full\n');
  });
});
