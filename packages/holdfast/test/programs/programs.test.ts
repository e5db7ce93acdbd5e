import { describe, expect, test } from "../harness.ts";
import { runProgram } from "./program.ts";

const limit = 30_000;

describe("a process", () => {
  test(
    "stays alive while a group sleeps",
    async () => {
      expect(await runProgram("sleeping-group")).toEqual({
        code: 0,
        signal: null,
        stdout: "task\ngroup\n",
        stderr: "",
      });
    },
    limit,
  );

  test(
    "R21: is stopped by a failing group that nobody awaits, with the error and its cause on stderr",
    async () => {
      const { code, stdout, stderr } = await runProgram("forgotten-group");
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain("ErrorGroup: 1 error: card declined");
      expect(stderr).toMatch(/Error: card declined\n\s+at (?:async )?charge/u);
    },
    limit,
  );

  test(
    "R21: is not stopped by a failing task that nobody joined, under strict rules neither",
    async () => {
      expect(await runProgram("unjoined-task", ["--unhandled-rejections=strict"])).toEqual({
        code: 0,
        signal: null,
        stdout: "ErrorGroup: 1 error: unjoined\nend\n",
        stderr: "",
      });
    },
    limit,
  );

  test(
    "WAIT-3: is not stopped by waits that nobody got to await",
    async () => {
      expect(await runProgram("orphaned-waits", ["--unhandled-rejections=strict"])).toEqual({
        code: 0,
        signal: null,
        stdout: "ErrorGroup: 1 error: b failed\n",
        stderr: "",
      });
    },
    limit,
  );

  test(
    "is not held by a timer that was stopped",
    async () => {
      expect(await runProgram("stopped-timers")).toEqual({ code: 0, signal: null, stdout: "cancelled\n", stderr: "" });
    },
    limit,
  );

  test(
    "R17: is told of a listener that throws by its host, once, and everybody else is cancelled all the same",
    async () => {
      const { code, stdout, stderr } = await runProgram("throwing-listener");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout.split("\n").toSorted()).toEqual(["", "a told", "b told", "cancelled", "host: listener", "value"]);
    },
    limit,
  );

  test(
    "R19: is not stopped by a late error, which is on stderr with the name of the work",
    async () => {
      const { code, stdout, stderr } = await runProgram("late-error", ["--unhandled-rejections=strict"]);
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout:
          'TimeoutError: exportReport timed out after 10 ms; "exportReport" is still running: it never looked at its signal; pass ({ signal }) on\n',
      });
      expect(stderr).toContain(
        'holdfast: late error of "exportReport", which nobody waits for any more: Error: disk full',
      );
    },
    limit,
  );

  test(
    "R28: is not changed by an import of the library; the registry is made when it is first needed",
    async () => {
      expect(await runProgram("import-only")).toEqual({
        code: 0,
        signal: null,
        stdout: "false 0\ntrue 0\n",
        stderr: "",
      });
    },
    limit,
  );
});
