/** Signals, and readers that go away: what is acknowledged stays, the rest is for the next run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { Workplace, numbers } from "./holdfast-process.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write("ten.txt", numbers(10));
  // Items 1 to 4 finish; 5 waits to be told to stop and then finishes; 6 waits for the abort; 7 ignores everything.
  place.write(
    "waiting.mjs",
    `const when = (signal) => new Promise((resolve) => {
      // Work in progress: without a handle of its own it would be work that nothing can finish.
      const working = setInterval(() => {}, 1_000);
      signal.addEventListener("abort", () => resolve(clearInterval(working)), { once: true });
    });
    export default async (item, { signal, stopping, log }) => {
      if (item === "5") { log("five waits"); await when(stopping); return item; }
      if (item === "6") { log("six waits"); await when(signal); signal.throwIfAborted(); }
      if (item === "7") { log("seven waits"); await new Promise(() => setInterval(() => {}, 1_000)); }
      return item;
    };`,
  );
});
afterEach(() => place.remove());

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`the first ${signal} takes no more items, lets those in flight finish, and ends with ${code}`, async () => {
    place.write("ten.txt", "1\n2\n3\n5\n8\n9\n");
    const args = ["run", "waiting.mjs", "ten.txt", "-j", "1", "--output", "out"];
    const running = place.start(args);
    await running.saysOnStderr(/five waits/);
    running.kill(signal);
    const ended = await running.ended;
    expect([ended.code, place.ndjson("out")]).toEqual([code, ["1", "2", "3", "5"]]);
    expect(ended.stderr).toContain(
      `${signal}: no more items are taken; those in flight (1) have 10.0 s, ${signal} again aborts them\n`,
    );
    expect(ended.stderr).toMatch(new RegExp(`\\nstopped \\(${signal}\\): 4 of 6 succeeded, 0 dead letters, 2 left\\n`));
    expect(ended.stderr).toMatch(/\nto go on:\n {2}holdfast run waiting\.mjs ten\.txt -j 1 --output out\n$/);
    expect(await place.summary(args)).toMatchObject({
      code: 0,
      summary: { succeeded: 6, thisRun: { succeeded: 2, skipped: 4 } },
    });
    expect(place.ndjson("out")).toEqual(["1", "2", "3", "5", "8", "9"]);
  });
}

test("the second signal aborts what is in flight, which is not recorded and runs again", async () => {
  place.write("ten.txt", "1\n2\n6\n");
  const args = ["run", "waiting.mjs", "ten.txt", "-j", "2", "--output", "out"];
  const running = place.start(args);
  await running.saysOnStderr(/six waits/);
  running.kill("SIGINT");
  await running.saysOnStderr(/no more items are taken/);
  running.kill("SIGINT");
  const ended = await running.ended;
  expect([ended.code, place.ndjson("out")]).toEqual([130, ["1", "2"]]);
  expect(ended.stderr).toMatch(
    /\nstopped \(SIGINT\): 2 of 3 succeeded, 0 dead letters, 1 left\nthis run: 2 succeeded, 0 dead, 1 cut short, in /,
  );
});

test("the third signal exits at once, and what was acknowledged stays", async () => {
  place.write("ten.txt", "1\n2\n7\n");
  const running = place.start(["run", "waiting.mjs", "ten.txt", "-j", "1", "--output", "out"]);
  await running.saysOnStderr(/seven waits/);
  running.kill("SIGTERM");
  await running.saysOnStderr(/no more items are taken/);
  running.kill("SIGTERM");
  await running.saysOnStderr(/1 item in flight aborted/);
  running.kill("SIGTERM");
  expect([(await running.ended).code, place.ndjson("out")]).toEqual([143, ["1", "2"]]);
});

test("what ignores its signal does not hold the end of the run up", async () => {
  place.write("ten.txt", "1\n2\n7\n");
  const running = place.start(["run", "waiting.mjs", "ten.txt", "-j", "1", "--drain", "0ms", "--summary", "json"]);
  await running.saysOnStderr(/seven waits/);
  running.kill("SIGINT");
  const ended = await running.ended;
  expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([
    130,
    { stoppedBy: "SIGINT", succeeded: 2, left: 1, thisRun: { cancelled: 1 } },
  ]);
});

test("SIGUSR2 prints the status and what is in flight, and the run goes on", async () => {
  place.write("ten.txt", "1\n2\n5\n");
  const running = place.start(["run", "waiting.mjs", "ten.txt", "-j", "1"]);
  await running.saysOnStderr(/five waits/);
  running.kill("SIGUSR2");
  await running.saysOnStderr(
    /\nstatus: 2\/3 \(66%\) after .*, 1 in flight, 0 retrying, 0 failed\n {2}item 2: attempt 1, for [\d.]+ m?s\n/,
  );
  running.kill("SIGINT");
  expect((await running.ended).stderr).toContain("3 of 3 succeeded");
});

test("standard input that never ends does not keep a stopped run from ending", async () => {
  place.write("echo.mjs", "export default (item, { log }) => { log('got', item); return item; };");
  const running = place.start(["run", "echo.mjs", "-", "--journal", "j.db"], { stdin: { open: true } });
  running.child.stdin.write("1\n2\n");
  await running.saysOnStderr(/got 2/);
  running.kill("SIGTERM");
  expect(await running.ended).toMatchObject({ code: 143, stderr: expect.stringContaining("2 succeeded") });
});

test("--output - | head -1 ends quietly, and the rest is for the next run", async () => {
  place.write("many.txt", numbers(20_000));
  place.write("echo.mjs", "export default (item) => new Promise((resolve) => setImmediate(resolve, item));");
  const bin = process.env["HOLDFAST_BIN"] ?? fileURLToPath(new URL("../../bin/holdfast.js", import.meta.url));
  const shell = spawn(
    "bash",
    [
      "-c",
      `"$0" "$1" run echo.mjs many.txt --output - -j 1 --progress none | head -1; exit \${PIPESTATUS[0]}`,
      process.execPath,
      bin,
    ],
    {
      cwd: place.path,
    },
  );
  let [stdout, stderr] = ["", ""];
  shell.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  shell.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(shell, "close");
  expect({ code: shell.exitCode, stdout, stderr }).toEqual({ code: 141, stdout: '"1"\n', stderr: "" });
  const rest = await place.summary(["run", "echo.mjs", "many.txt"]);
  expect(rest).toMatchObject({ code: 0, summary: { succeeded: 20_000, left: 0 } });
  expect(rest.summary.thisRun.skipped > 0).toBe(true);
});

test("what fails because it was aborted is not a dead letter, however its error is wrapped", async () => {
  place.write("ten.txt", "1\n2\n6\n");
  place.write(
    "wrapping.mjs",
    `export default (item, { signal, log }) => item !== "6" ? item : new Promise((_, reject) => {
      const working = setInterval(() => {}, 1_000);
      signal.addEventListener("abort", () => {
        clearInterval(working);
        reject(new Error("could not do it", { cause: signal.reason }));
      });
      log("six waits");
    });`,
  );
  const running = place.start([
    "run",
    "wrapping.mjs",
    "ten.txt",
    "--drain",
    "0ms",
    "--retries",
    "0",
    "--summary",
    "json",
  ]);
  await running.saysOnStderr(/six waits/);
  running.kill("SIGINT");
  const ended = await running.ended;
  expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([
    130,
    { dead: 0, left: 1, thisRun: { succeeded: 2, cancelled: 1 } },
  ]);
});

test("a signal that finds nothing left to stop changes nothing: the run has finished", async () => {
  place.write("ten.txt", "1\n2\n5\n");
  const running = place.start(["run", "waiting.mjs", "ten.txt", "--summary", "json"]);
  await running.saysOnStderr(/five waits/);
  running.kill("SIGINT");
  const ended = await running.ended;
  expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([0, { state: "finished", succeeded: 3, left: 0 }]);
});

test("too many failures abort what is in flight, which is not lost as dead letters", async () => {
  place.write("many.txt", numbers(200));
  place.write(
    "down.mjs",
    `export default async (item, { sleep }) => {
      await sleep(Number(item) < 4 ? 5 : 60_000);
      throw new Error("down");
    };`,
  );
  expect(await place.summary(["run", "down.mjs", "many.txt", "--retries", "0", "--max-failures", "2"])).toMatchObject({
    code: 75,
    summary: { stoppedBy: "more than 2 failures", dead: 3, left: 197 },
  });
});

test("a hundred items that listen for the stop cause no warning", async () => {
  place.write("many.txt", numbers(100));
  place.write(
    "listen.mjs",
    `export default (item, { stopping, signal, log }) => {
      stopping.addEventListener("abort", () => {});
      signal.addEventListener("abort", () => {});
      return new Promise((resolve) => setTimeout(resolve, 20, item));
    };`,
  );
  expect(await place.run(["run", "listen.mjs", "many.txt", "-q"])).toEqual({
    code: 0,
    signal: null,
    stdout: "",
    stderr: "",
  });
});

test("teardown is for what setup has made: a setup that was cut short has none", async () => {
  place.write(
    "slow-setup.mjs",
    `export const setup = ({ signal, log }) => { log("setting up"); setInterval(() => {}, 1_000); return new Promise(() => {}); };
    export const teardown = (shared, { log }) => log("teardown");
    export default (item) => item;`,
  );
  const running = place.start(["run", "slow-setup.mjs", "ten.txt", "--drain", "0ms"]);
  await running.saysOnStderr(/setting up/);
  running.kill("SIGTERM");
  const ended = await running.ended;
  expect([ended.code, ended.stderr.includes("teardown"), ended.stderr.includes("10 left")]).toEqual([143, false, true]);
});

test("a setup that fails because the run is stopped is a stop, and no failure of the handler", async () => {
  place.write(
    "stopped-setup.mjs",
    `export const setup = ({ stopping, log }) => new Promise((_, reject) => {
      const connecting = setInterval(() => {}, 1_000);
      stopping.addEventListener("abort", () => reject(stopping.reason, clearInterval(connecting)));
      log("setting up");
    });
    export default (item) => item;`,
  );
  const running = place.start(["run", "stopped-setup.mjs", "ten.txt", "--summary", "json"]);
  await running.saysOnStderr(/setting up/);
  running.kill("SIGTERM");
  const ended = await running.ended;
  expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([143, { stoppedBy: "SIGTERM", succeeded: 0, left: 10 }]);
});

test("a stop while setup runs begins no item, and setup's work is torn down", async () => {
  place.write(
    "late-setup.mjs",
    `export const setup = ({ stopping, log }) => new Promise((resolve) => {
      const connecting = setInterval(() => {}, 1_000);
      stopping.addEventListener("abort", () => resolve("a pool", clearInterval(connecting)));
      log("setting up");
    });
    export const teardown = (shared, { log }) => log("closing", shared);
    export default (item, { log }) => log("begun", item);`,
  );
  const running = place.start(["run", "late-setup.mjs", "ten.txt", "--progress", "none"]);
  await running.saysOnStderr(/setting up/);
  running.kill("SIGTERM");
  const ended = await running.ended;
  expect([ended.code, ended.stderr.includes("begun"), ended.stderr.includes("closing a pool\n")]).toEqual([
    143,
    false,
    true,
  ]);
});
