/** An error handler as the last net of a process: what a supervisor and a reader of the output see. */
import { describe, expect, test } from "../harness.ts";
import { runProgram } from "./program.ts";

const limit = 30_000;

/** Without the frames of stacks: they depend on where it runs. */
async function outcomeOf(name: string): Promise<unknown> {
  const { code, signal, stdout, stderr } = await runProgram(name);
  return [signal ?? code, stdout, stderr.replaceAll(/^ +at .*\n/gmu, "")];
}

describe("a handler that is installed", () => {
  const run = (title: string, name: string, code: number, stdout: string, stderr = ""): void =>
    test(title, async () => expect(await outcomeOf(name)).toEqual([code, stdout, stderr]), limit);

  run(
    "ends the process after its reporters have had their time",
    "handler-ends-the-process",
    7,
    "unhandledRejection: defect: forgotten\nflushed\nexit 7\n",
  );

  run(
    "INSTALL-2: leaves it to others to end the process, and calls none of them less",
    "handler-is-not-alone",
    0,
    `ours: uncaughtException: in a timer
theirs, from before: in a timer
theirs, from after: in a timer
ours: unhandledRejection: forgotten
theirs: Error: forgotten
goes on, with 2 errors
`,
  );

  run(
    "OUTBOX-2: is not held up by a reporter that never returns, and cuts no other handler short",
    "handler-has-a-stuck-reporter",
    1,
    "slow: in a timer\n",
  );

  run(
    "prints the error that ends the process when its limits keep it from the reporters",
    "handler-is-over-its-rate",
    1,
    "report: first\nsummary: 1\n",
    "Error: last\n",
  );

  run(
    "hears of late errors, which end nothing",
    "handler-hears-late-errors",
    0,
    `undefined of nightly: exportReport timed out after 10 ms; "exportReport" is still running: it never looked at its signal; pass ({ signal }) on
lateError of exportReport: disk full
`,
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
