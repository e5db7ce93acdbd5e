/** runMain in processes: what a shell, a supervisor and a reader of the output see. */
import { describe, expect, test } from "../harness.ts";
import { type Ended, runProgram, type Running } from "./program.ts";

const limit = 30_000;

/** Without what depends on where it ran and for how long: places, ages, and the frames of stacks. */
async function outcomeOf(name: string, drive?: (running: Running) => Promise<void>): Promise<Omit<Ended, "signal">> {
  const { code, signal, stdout, stderr } = await runProgram(name, [], drive);
  expect(signal).toBe(null);
  const told = stderr
    .split("\n")
    .filter((line) => !/^\s*[│├└]?\s*(?:│\s*)*at /u.test(line))
    .join("\n")
    .replaceAll(/running for [^,]*/gu, "running for …")
    .replaceAll(/spawned at .*/gu, "spawned at …");
  return { code, stdout, stderr: told };
}

describe("a program", () => {
  const run = (
    title: string,
    name: string,
    expected: Omit<Ended, "signal">,
    drive?: (running: Running) => Promise<void>,
  ): void => test(title, async () => expect(await outcomeOf(name, drive)).toEqual(expected), limit);

  run("MAIN-1: that returns leaves no listener, and ends when nothing holds it any more", "main-returns", {
    code: 0,
    stdout: "0 0 0 0\n1 1 1 1\n0 0 0 0\nlate\n",
    stderr: "",
  });

  run("that fails says all that failed, once, and exits with 1 after its cleanups", "main-throws", {
    code: 1,
    stdout: "cleanup\n",
    stderr: `holdfast: importAll failed: ErrorGroup: 2 errors
├─ 1 of 2: TypeError: no such table: users
└─ 2 of 2: Error: rollback failed
`,
  });

  run(
    "R25: that has an installed handler beside it ends at an uncaught error all the same",
    "main-has-an-installed-handler",
    {
      code: 1,
      stdout: "reported boom\n",
      stderr: "",
    },
  );

  run(
    "R25: that looks at stopping finishes its work after SIGINT, and exits with 130",
    "main-drains",
    { code: 130, stdout: "ready\nstopping false\ndrained\n", stderr: "" },
    async ({ line, kill }) => {
      await line("ready");
      kill("SIGINT");
    },
  );

  run(
    "R25: that looks at stopping finishes its work after SIGTERM, and exits with 143",
    "main-drains",
    { code: 143, stdout: "ready\nstopping false\ndrained\n", stderr: "" },
    async ({ line, kill }) => {
      await line("ready");
      kill("SIGTERM");
    },
  );

  run(
    "that waits for what can't come is kept alive until a signal ends it",
    "main-waits",
    { code: 143, stdout: "ready\ncleanup\n", stderr: "" },
    async ({ line, kill }) => {
      await line("ready");
      kill("SIGTERM");
    },
  );

  run(
    "R25: that is not done when the second signal comes is cancelled, cleans up, and exits with 130",
    "main-drains-slowly",
    { code: 130, stdout: "ready\nstopping\ncleanup\n", stderr: "" },
    async ({ line, kill }) => {
      await line("ready");
      kill("SIGINT");
      await line("stopping");
      kill("SIGINT");
    },
  );

  run(
    "whose shutdown is cut short says which part blocked, and on what, puts the rest in order, and exits with 1",
    "main-shuts-down",
    {
      code: 1,
      stdout: "ready\nno more jobs\npool closed\n",
      stderr: `holdfast: service failed: ShutdownTimeoutError [ERR_SHUTDOWN_TIMEOUT]: shutdown: "jobs" was cut short in phase drain after 100 ms, waiting for job 7
    { part: 'jobs', phase: 'drain', limit: 100, waitingFor: [Array], hasStopped: true }
`,
    },
    async ({ line, kill }) => {
      await line("ready");
      kill("SIGTERM");
    },
  );

  run(
    "R25: that hears two signals and goes on exits by the third, at once",
    "main-is-stubborn",
    { code: 130, stdout: "ready\nstopping\ncancelled\n", stderr: "" },
    async ({ line, kill }) => {
      await line("ready");
      kill("SIGINT");
      await line("stopping");
      kill("SIGINT");
      await line("cancelled");
      kill("SIGINT");
    },
  );

  run(
    "MAIN-4: that hangs says where, gives it up, and exits",
    "main-hangs",
    {
      code: 143,
      stdout: "ready\nfirst cleanup\n",
      stderr: `holdfast: serve was stopped by SIGTERM; 100 ms later it still waits for
  task "poll", running for …, never looked at its signal; pass ({ signal }) on, spawned at …
holdfast: serve has ended; 200 ms later it still waits for
  cleanup of serve
`,
    },
    async ({ line, kill }) => {
      await line("ready");
      kill("SIGTERM");
    },
  );

  run("that forgets a promise which rejects says so, cleans up, and exits with 1", "main-forgets-a-promise", {
    code: 1,
    stdout: "cleanup\n",
    stderr: "holdfast: unhandled rejection: Error: forgotten\n",
  });

  run("that throws in a callback says so, cleans up, and exits with 1", "main-meets-a-throwing-callback", {
    code: 1,
    stdout: "cleanup\n",
    stderr: "holdfast: uncaught exception: Error: in a timer\n",
  });

  run("is not held up by a reporter that never returns", "main-has-a-silent-reporter", {
    code: 1,
    stdout: "main: Error: boom\n",
    stderr: "holdfast: handler.flush took longer than 100 ms; what it has not sent is lost\n",
  });

  run("is not held up by one reporter of several, and says whose reports are lost", "main-loses-reports", {
    code: 1,
    stdout: "told: Error: boom\n",
    stderr: "holdfast: handler.flush did not come to an end within 100 ms for collector; what is not sent is lost\n",
  });

  run("that leaves something which holds the process is told what, and exits with 1", "main-leaves-a-timer", {
    code: 1,
    stdout: "",
    stderr:
      "holdfast: report has returned; 100 ms later the process is still held by Timeout; end what it has started, or wait for it in report\n",
  });

  test(
    "ends quietly, with 141, when nobody reads its output any more",
    async () => {
      const { code, stderr } = await outcomeOf("main-writes-to-nobody", async ({ line, closeOutput }) => {
        await line("line");
        closeOutput();
      });
      expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
    },
    limit,
  );
});
