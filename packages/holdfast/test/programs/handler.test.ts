/** An error handler as the last net of a process: what a supervisor and a reader of the output see. */
import { describe, expect, test } from "../harness.ts";
import { runProgram } from "./program.ts";

const limit = 30_000;

/** Runs it to its end, and compares what became of it; of stderr without the frames of stacks, which depend on where it runs. */
async function expectProgram(name: string, code: number, stdout: string, stderr: string = ""): Promise<void> {
  const ended = await runProgram(name);
  expect({ ...ended, stderr: ended.stderr.replaceAll(/^ +at .*\n/gmu, "") }).toEqual({
    code,
    signal: null,
    stdout,
    stderr,
  });
}

describe("a handler that is installed", () => {
  test(
    "ends the process after its reporters have had their time",
    () => expectProgram("handler-ends-the-process", 7, "unhandledRejection: defect: forgotten\nflushed\nexit 7\n"),
    limit,
  );

  test(
    "INSTALL-2: leaves it to others to end the process, and calls none of them less",
    () =>
      expectProgram(
        "handler-is-not-alone",
        0,
        `ours: uncaughtException: in a timer
theirs, from before: in a timer
theirs, from after: in a timer
ours: unhandledRejection: forgotten
theirs: Error: forgotten
goes on, with 2 errors
`,
      ),
    limit,
  );

  test(
    "OUTBOX-2: is not held up by a reporter that never returns, and cuts no other handler short",
    () => expectProgram("handler-has-a-stuck-reporter", 1, "slow: in a timer\n"),
    limit,
  );

  test(
    "prints the error that ends the process when its limits keep it from the reporters",
    () => expectProgram("handler-is-over-its-rate", 1, "report: first\nsummary: 1\n", "Error: last\n"),
    limit,
  );

  test(
    "prints the error that ends the process when no reporter takes it",
    () =>
      expectProgram(
        "handler-tells-nobody",
        1,
        "",
        'holdfast: error handler: reporter "thrower" failed: no log\nError: in a timer\n',
      ),
    limit,
  );

  test(
    "prints the error that ends the process when it has no reporter",
    () => expectProgram("handler-has-no-reporter", 1, "", "Error: at the top\n"),
    limit,
  );

  test(
    "prints the error that ends the process when an earlier report of it was kept back",
    () => expectProgram("handler-kept-it-back", 1, "report: first\nsummary: 1\n", "Error: rethrown\n"),
    limit,
  );

  test(
    "does not print what its reporters have been told before",
    () => expectProgram("handler-knows-it", 1, "report: rethrown\n"),
    limit,
  );

  test(
    "hears of late errors, which end nothing",
    () =>
      expectProgram(
        "handler-hears-late-errors",
        0,
        `undefined of nightly: exportReport timed out after 10 ms; "exportReport" is still running: it never looked at its signal; pass ({ signal }) on
lateError of exportReport: disk full
`,
      ),
    limit,
  );

  test(
    "INSTALL-1: leaves nothing behind when it was disposed of",
    async () => {
      const { code, stdout, stderr } = await runProgram("handler-is-disposed");
      expect([code, stdout]).toEqual([1, "0 0\n2 2\n0 0\nexit 1, 0 errors\n"]);
      // As Node prints it.
      expect(stderr).toContain("Error: for the host");
      expect(stderr).toContain("Node.js v");
    },
    limit,
  );
});
