/**
 * What is seen of programs that know nothing of the library, on this Node; on the others: other-nodes.slow.test.ts.
 */
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { settled, testDoctor, waiting } from "./doctor-tests.ts";
import { freePort, isFree, Targets } from "./target.ts";

let targets: Targets;
beforeEach(() => {
  targets = new Targets();
});
afterEach(() => targets.remove());

testDoctor(process.execPath, () => targets);

test("ATTACH-1: the port is closed before any work begins, and nothing listens from then on", async () => {
  const port = await freePort();
  const target = await targets.start(
    `import { url } from "node:inspector";
    const say = (what) => console.log(what, url() ?? "closed");
    const { _debugEnd, getActiveResourcesInfo } = process;
    process._debugEnd = () => { say("end"); _debugEnd.call(process); };
    // What is evaluated asks for this in the middle.
    process.getActiveResourcesInfo = () => { say("work"); return getActiveResourcesInfo.call(process); };
    console.log("ready");
    setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${port}`] },
  );
  let text = "";
  target.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const { code } = await targets.holdfast(["dump", target.pid, "--json"]);
  target.kill();
  await once(target, "close");
  const lines = text.trim().split("\n");
  expect([code, lines.map((line) => line.replace(/ws:.*/u, "open"))]).toEqual([0, ["end open", "work closed"]]);
  expect(lines[0]).toContain(`127.0.0.1:${port}/`);
});

test("dump --deep shows plain promises, and leaves nothing behind: no port, no file", async () => {
  const port = await freePort();
  const target = await targets.start(waiting, { flags: [`--inspect-port=${port}`] });
  const temporary = join(targets.folder, "temporary");
  mkdirSync(temporary);
  const { code, stdout } = await targets.holdfast(["dump", target.pid, "--deep"], { TMPDIR: temporary });
  expect([code, settled(stdout)]).toEqual([
    0,
    [
      "process: 0 tasks",
      "outside of any task: 1 wait",
      "  waits for a promise",
      "      at ask (app.mjs:4:10)",
      "      at main (app.mjs:7:3)",
      "      at app.mjs:11:1",
    ],
  ]);
  expect(await isFree(port)).toBe(true);
  expect(readdirSync(temporary)).toEqual([]);
});

test("doctor says what it has seen of a process that ends between two looks", async () => {
  const port = await freePort();
  const target = await targets.start(
    `const { getActiveResourcesInfo } = process;
    // What is evaluated asks for this.
    process.getActiveResourcesInfo = () => { setTimeout(() => process.exit(), 50); return getActiveResourcesInfo.call(process); };
    console.log("ready");
    setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${port}`] },
  );
  const { code, stdout, stderr } = await targets.holdfast(["doctor", target.pid]);
  expect([code, stderr, stdout.split("\n")[0]?.replace(/^.*: /u, ""), stdout.includes("a second later")]).toEqual([
    0,
    "",
    "nothing found",
    false,
  ]);
});

test("interrupting doctor between two looks leaves no folder behind, and the second look is not taken", async () => {
  const port = await freePort();
  const target = await targets.start(
    `import { existsSync } from "node:fs";
    const { getActiveResourcesInfo } = process;
    let looks = 0;
    process.getActiveResourcesInfo = () => { console.log("look", ++looks); return getActiveResourcesInfo.call(process); };
    console.log("ready");
    // After the timer of the second look.
    setInterval(() => { if (looks > 0) setTimeout(() => console.log("looks", looks), 1500); }, 20);`,
    { flags: [`--inspect-port=${port}`] },
  );
  const temporary = join(targets.folder, "temporary");
  mkdirSync(temporary);
  let text = "";
  const told = new Promise<void>((resolve) => {
    target.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("looks ")) resolve();
    });
  });
  const looked = target.stdout === null ? undefined : once(target.stdout, "data");
  const tool = targets.begin(["doctor", target.pid], { TMPDIR: temporary });
  await looked;
  // However slow the machine is, the second look does not come before the end of the tool.
  target.kill("SIGSTOP");
  tool.kill("SIGINT");
  await once(tool, "close");
  target.kill("SIGCONT");
  expect([tool.exitCode, readdirSync(temporary)]).toEqual([130, []]);
  await told;
  expect(/looks (?<looks>\d)/u.exec(text)?.groups?.["looks"]).toBe("1");
});

test("an inspector that was open stays open", async () => {
  const port = await freePort();
  const target = await targets.start(waiting, { flags: [`--inspect=${port}`] });
  const { code, stdout } = await targets.holdfast(["dump", target.pid, "--json"]);
  // Holds: that is what `--json` prints.
  const { window, dump } = JSON.parse(stdout) as { window?: number; dump: { pid: number } };
  expect([code, window, dump.pid, await isFree(port)]).toEqual([0, undefined, target.pid, false]);
});

test("ls lists a process with the port of its inspector", async () => {
  const port = await freePort();
  const target = await targets.start(waiting, { flags: [`--inspect=${port}`] });
  const { code, stdout } = await targets.holdfast(["ls", "--json"]);
  // Holds: that is what `--json` prints.
  const { processes } = JSON.parse(stdout) as { processes: { pid: number; inspector?: number; title: string }[] };
  const listed = processes.find(({ pid }) => pid === target.pid);
  expect([code, listed?.inspector, listed?.title.endsWith("app.mjs")]).toEqual([0, port, true]);
});
