/**
 * Every way in which a process can't be looked into: what is said, and the exit code. Each row is a test, here unless another file is named.
 *
 * | what is the matter                                              | code | said                                                        |
 * | --------------------------------------------------------------- | ---- | ----------------------------------------------------------- |
 * | words that can't be                                             | 64   | inspect-arguments.test.ts                                   |
 * | no such process                                                 | 66   | there is no process N                                       |
 * | it runs something else                                          | 66   | is no Node process                                          |
 * | the number of a thread                                          | 66   | is a thread of process N                                    |
 * | it has ended, and nobody has looked                             | 66   | has ended; only its exit code is left                       |
 * | the tool itself                                                 | 66   | is holdfast itself                                          |
 * | another user's                                                  | 77   | belongs to user N                                           |
 * | other files, ports or processes than the tool's: a container    | 69   | runs in another container                                   |
 * | another system than Linux                                       | 69   | processes are found through /proc                           |
 * | `--permission`                                                 | 69   | was started with --permission                               |
 * | permissions that let it write no answer                         | 69   | may not read and write in …; other-nodes.slow.test.ts       |
 * | `--disable-sigusr1`, or it is still starting                    | 69   | does not listen for SIGUSR1; other-nodes.slow.test.ts       |
 * | the port is another's                                           | 69   | port N … is taken by another process                        |
 * | its port is open, and nobody answers there as an inspector does | 69   | does not answer: port N refused                             |
 * | no safe place for the answer                                    | 69   | the folder for the answer would lie in                      |
 * | it ends during the look                                         | 69   | ended while it was looked into                              |
 * | its own code throws during the look, or it may not read the library | 69 | could not be looked into                                  |
 * | its heap is too large                                           | 69   | inspect.test.ts                                             |
 * | a SIGUSR1 handler of its own                                    | 75   | opened no inspector within 2 s                              |
 * | inside a native call before the port opens                      | 75   | the same: it can't be told apart                            |
 * | inside a native call after that                                 | 75   | has not answered within 2 s; attach-failures.slow.test.ts: 60 s, where the inspector was open before |
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPlatform, checkTarget } from "../../src/attach/check-target.ts";
import { sharesNamespaces } from "../../src/attach/process-facts.ts";
import { CliError } from "../../src/cli-error.ts";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { forbidden, idle, refused } from "./refusals.ts";
import { freePort, isFree, Targets } from "./target.ts";

let targets: Targets;
beforeEach(() => {
  targets = new Targets();
});
afterEach(() => targets.remove());

test("a number that is no process is said to be none", async () => {
  expect(await targets.holdfast(["dump", 4_194_305])).toEqual(
    refused(66, "there is no process 4194305\n  holdfast ls lists the Node processes"),
  );
});

test("a process that runs something else gets no signal, which would end it", async () => {
  const other = spawn("sleep", ["60"]);
  try {
    await once(other, "spawn");
    const { code, stderr } = await targets.holdfast(["dump", other.pid]);
    expect([code, stderr.split(":")[1]]).toEqual([66, ` process ${other.pid} is no Node process`]);
    expect(other.signalCode).toBe(null);
  } finally {
    other.kill("SIGKILL");
  }
});

test("another user's process is left alone", async () => {
  // Process 1 is another's to everybody but root, and to root nobody is a stranger: there the tool runs as somebody else.
  const { pid } = process.getuid?.() === 0 ? await targets.start(idle) : { pid: 1 };
  const { code, stderr } = await targets.holdfastAsStranger(["dump", pid]);
  expect([code, stderr]).toEqual([
    77,
    `holdfast: process ${pid} belongs to user 0\n  run holdfast as that user, or as root\n`,
  ]);
});

test("a process with a SIGUSR1 handler of its own runs that handler, and the tool says so", async () => {
  const port = await freePort();
  const target = await targets.start(
    `process.on("SIGUSR1", () => console.log("mine")); console.log("ready"); setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${port}`] },
  );
  const { code, stderr } = await targets.holdfast(["dump", target.pid]);
  expect([code, stderr]).toEqual([
    75,
    `holdfast: process ${target.pid} got a SIGUSR1 and opened no inspector within 2 s: it has a SIGUSR1 handler of its own, or its main thread is inside one long native call such as execSync\n  try again later, or start the program with --inspect\n`,
  ]);
});

test("a process that was started with --permission gets no signal", async () => {
  const target = await targets.start(idle, { flags: ["--experimental-permission", "--allow-fs-read=*"] });
  expect(await targets.holdfast(["dump", target.pid])).toEqual(forbidden(target.pid));
});

test("a port that another process has is named, and nothing is sent", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    const target = await targets.start(idle, { flags: [`--inspect-port=${port}`] });
    expect(await targets.holdfast(["dump", target.pid])).toEqual(
      refused(
        69,
        `port ${port}, on which process ${target.pid} would open its inspector, is taken by another process\n  end that one, or start the program with --inspect-port=0`,
      ),
    );
  } finally {
    server.close();
  }
});

test("ATTACH-2: a process inside a native call is left, and the inspector that it opens later is closed again", async () => {
  const port = await freePort();
  const target = await targets.start(
    `import { execSync } from "node:child_process";
    import { url } from "node:inspector";
    const { _debugEnd } = process;
    process._debugEnd = () => { const before = url(); _debugEnd.call(process); console.log(before, url()); };
    console.log("ready");
    setTimeout(() => execSync("sleep 4"), 10);
    setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${port}`] },
  );
  const closing = target.stdout === null ? undefined : once(target.stdout, "data");
  const { code, stderr } = await targets.holdfast(["dump", target.pid]);
  expect([code, stderr.split(":")[1]]).toEqual([
    75,
    ` process ${target.pid} got a SIGUSR1 and opened no inspector within 2 s`,
  ]);
  // Nobody else asks: who closes it is what was left behind.
  expect(String(await closing)).toMatch(new RegExp(`^ws://127\\.0\\.0\\.1:${port}/\\S+ undefined\\n$`, "u"));
  await untilFree(port);
}, 30_000);

test("interrupting the tool leaves neither a port nor a folder behind", async () => {
  const port = await freePort();
  const target = await targets.start(
    `import { execSync } from "node:child_process";
    console.log("ready");
    setTimeout(() => { execSync("sleep 3"); console.log("back"); }, 10);
    setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${port}`] },
  );
  const back = target.stdout === null ? undefined : once(target.stdout, "data");
  const temporary = mkdtempSync(join(tmpdir(), "holdfast-inspect-test-"));
  try {
    const tool = targets.begin(["dump", target.pid], { TMPDIR: temporary });
    // The folder is made just before the signal is sent.
    const watcher = watch(temporary);
    await once(watcher, "change");
    watcher.close();
    tool.kill("SIGINT");
    await once(tool, "close");
    expect([tool.exitCode, readdirSync(temporary)]).toEqual([130, []]);
    await back;
    expect((await untilAnswered(target.pid)).code).toBe(0);
    await untilFree(port);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}, 30_000);

test("a folder for the answer that can't be made is told as that, with the way out", async () => {
  const target = await targets.start(`console.log("ready"); setInterval(() => {}, 60_000);`);
  const nowhere = join(tmpdir(), "holdfast-nowhere", "at all");
  const { code, stdout, stderr } = await targets.holdfast(["dump", target.pid], { TMPDIR: nowhere });
  expect([code, stdout, stderr.split("\n")]).toEqual([
    69,
    "",
    [
      expect.stringContaining(`no folder for the answer can be made in ${nowhere}: ENOENT`),
      "  set TMPDIR to a folder that you may write to",
      "",
    ],
  ]);
});

test("ATTACH-2: interrupting the tool leaves no port that the system has chosen either", async () => {
  const target = await targets.start(
    `import { execSync } from "node:child_process";
    import { url } from "node:inspector";
    console.log("ready");
    setTimeout(() => { execSync("sleep 2"); console.log("back"); }, 10);
    const since = Date.now();
    setInterval(() => { if (Date.now() - since > 2500 && url() === undefined) console.log("closed"); }, 50);`,
    { flags: ["--inspect-port=0"] },
  );
  const temporary = mkdtempSync(join(tmpdir(), "holdfast-inspect-test-"));
  try {
    const tool = targets.begin(["dump", target.pid], { TMPDIR: temporary });
    const watcher = watch(temporary);
    await once(watcher, "change");
    watcher.close();
    tool.kill("SIGINT");
    await once(tool, "close");
    const { stdout } = target;
    if (stdout === null) throw new TypeError("the target has no output");
    // Never, if nobody closes it: then the test runs out of time.
    for await (const text of stdout) if (String(text).includes("closed")) break;
    expect([tool.exitCode, readdirSync(temporary)]).toEqual([130, []]);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}, 30_000);

/** Whoever closes it is a process of its own. Never, if nobody does: then the test runs out of time. */
async function untilFree(port: number): Promise<void> {
  while (!(await isFree(port)));
}

/** It may be refused while the port of the first signal still closes. */
async function untilAnswered(pid: number | undefined): Promise<{ readonly code: number | null }> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await targets.holdfast(["dump", pid]);
    if (answer.code === 0 || attempt === 5) return answer;
  }
}

test("a process that ends while it is looked into is said to have ended", async () => {
  const port = await freePort();
  const target = await targets.start(
    // What is evaluated asks for this in the middle.
    `process.getActiveResourcesInfo = () => process.reallyExit(3);
    console.log("ready"); setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${port}`] },
  );
  expect(await targets.holdfast(["dump", target.pid])).toEqual(
    refused(69, `process ${target.pid} ended while it was looked into`),
  );
});

/** The error of a call in this process. */
function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error instanceof CliError ? [error.exitCode, error.message] : error;
  }
  return undefined;
}

test("a thread is no process, and the process that it belongs to is named", async () => {
  const target = await targets.start(idle);
  const thread = readdirSync(`/proc/${target.pid}/task`).find((id) => Number(id) !== target.pid);
  expect(await targets.holdfast(["dump", thread])).toEqual(
    refused(66, `${thread} is a thread of process ${target.pid}; name the process`),
  );
});

test("a process that has ended, and that nobody has asked how, is said to have ended", async () => {
  // What the shell becomes knows nothing of a child, which ends only then: the shell might have asked.
  const parent = spawn("sh", ["-c", "exec 3<&0; cat <&3 & echo $!; exec sleep 60"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  try {
    const pid = Number(String((await once(parent.stdout, "data"))[0]));
    while (readFileSync(`/proc/${parent.pid}/comm`, "utf8").trim() !== "sleep");
    parent.stdin.end();
    while (!/^State:\tZ/mu.test(readFileSync(`/proc/${pid}/status`, "utf8")))
      await new Promise((resolve) => void setImmediate(resolve));
    expect(await targets.holdfast(["dump", pid])).toEqual(
      refused(66, `process ${pid} has ended; only its exit code is left`),
    );
  } finally {
    parent.kill("SIGKILL");
  }
});

test("the tool does not look into itself", () => {
  expect(errorOf(() => checkTarget(process.pid))).toEqual([
    66,
    `process ${process.pid} is holdfast itself; name another`,
  ]);
});

test("another system than Linux is said to have no /proc", () => {
  const { platform } = process;
  Object.defineProperty(process, "platform", { value: "sunos" });
  try {
    expect(errorOf(checkPlatform)).toEqual([69, "processes are found through /proc, which sunos does not have"]);
  } finally {
    Object.defineProperty(process, "platform", { value: platform });
  }
});

test("a process shares what it sees with itself, and with none whose view can't be told", () => {
  expect([sharesNamespaces(process.pid), sharesNamespaces(4_194_305)]).toEqual([true, false]);
});

test("an open port on which no inspector answers is said not to, and is left open", async () => {
  const port = await freePort();
  const target = await targets.start(
    `import { createServer } from "node:http";
    createServer((request, response) => {
      if (request.url !== "/json/list") response.statusCode = 404;
      response.end(JSON.stringify([{ webSocketDebuggerUrl: "ws://127.0.0.1:${port}/7" }], undefined, 2));
    }).listen(${port}, "127.0.0.1", () => console.log("ready"));`,
    { flags: [`--inspect-port=${port}`] },
  );
  expect(await targets.holdfast(["dump", target.pid])).toEqual(
    refused(
      69,
      `the inspector of process ${target.pid} on port ${port} does not answer: port ${port} refused: HTTP/1.1 404 Not Found`,
    ),
  );
  expect(await isFree(port)).toBe(false);
});

test("a place for the answer where others could replace it is refused, before anything is sent", async () => {
  const target = await targets.start(idle, { flags: [`--inspect-port=${await freePort()}`] });
  const open = join(targets.folder, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  expect(await targets.holdfast(["dump", target.pid], { TMPDIR: open })).toEqual(
    refused(
      69,
      `the folder for the answer would lie in ${open}, where other users can replace it\n  set TMPDIR to a folder that is yours alone`,
    ),
  );
});

test("what the process's own code throws during the look is told", async () => {
  const target = await targets.start(
    `process.getActiveResourcesInfo = () => { throw new Error("not today"); };
    console.log("ready"); setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${await freePort()}`] },
  );
  expect(await targets.holdfast(["dump", target.pid])).toEqual(
    refused(69, `process ${target.pid} could not be looked into: not today`),
  );
});

test("a process that opens its port and does not come to the question is said not to answer", async () => {
  const target = await targets.start(
    // As if it were in a native call just then.
    `process._debugEnd = () => { throw new Error("later"); };
    console.log("ready"); setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${await freePort()}`] },
  );
  expect(await targets.holdfast(["dump", target.pid])).toEqual(
    refused(
      75,
      `process ${target.pid} has not answered within 2 s; its main thread is inside one long native call\n  try again when that has returned`,
    ),
  );
});
