/** What `holdfast top` prints of a program, where nothing is a terminal; and what it leaves behind. */
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "../harness.ts";
import { freePort } from "../inspect/target.ts";
import { startTool } from "./tool.ts";
import { childrenOf, jsonLines, limit, pause, placeForTests, program, socketsOf, testOn } from "./watched-program.ts";

const place = placeForTests();

testOn(process.execPath, place);

test(
  "--json prints a snapshot as one line of data",
  async () => {
    const target = await place().targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout } = await place().targets.holdfast(["top", target.pid, "--count", 1, "--json"]);
    expect([code, jsonLines(stdout)]).toMatchObject([
      0,
      [
        {
          version: 1,
          at: expect.stringMatching(/^\d{4}-.*Z$/u),
          pid: target.pid,
          node: process.versions.node,
          gauges: { tasks: { alive: 1, started: 0, finished: 0 } },
          tasks: [{ id: 1, name: "load", where: "load (app.mjs:3:3)" }],
          warnings: [],
          omitted: 0,
        },
      ],
    ]);
  },
  limit,
);

test(
  "watching does not keep a process alive, and its end ends the watching",
  async () => {
    const target = await place().targets.start(
      `const timer = setInterval(() => {}, 60_000);
process.once("SIGUSR2", () => clearInterval(timer));
console.log("ready");`,
      { flags: [`--inspect-port=${await freePort()}`] },
    );
    const left = once(target, "exit");
    using tool = startTool(["top", target.pid, "--interval", "100ms"], { TMPDIR: place().temporary });
    await tool.until((text) => text.includes("busy"));
    target.kill("SIGUSR2");
    expect([await left, await tool.ended, tool.errors(), readdirSync(place().temporary)]).toEqual([
      [0, null],
      69,
      `holdfast: process ${target.pid} has ended\n`,
      [],
    ]);
  },
  limit,
);

test.each(["SIGKILL", "SIGINT", "SIGHUP"] as const)(
  "after %s of the tool the process has no connection and no file is left",
  async (signal) => {
    const target = await place().targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
    const before = socketsOf(target);
    using tool = startTool(["top", target.pid, "--json", "--interval", "100ms"], { TMPDIR: place().temporary });
    await tool.until((text) => jsonLines(text).length >= 2);
    expect(readdirSync(place().temporary)).toEqual([]);
    tool.child.kill(signal);
    await tool.ended;
    while (socketsOf(target) !== before) await pause();
    expect([target.exitCode, readdirSync(place().temporary)]).toEqual([null, []]);
  },
  limit,
);

test(
  "the end of whoever reads it ends it",
  async () => {
    const target = await place().targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
    using tool = startTool(["top", target.pid, "--json", "--interval", "100ms"]);
    await tool.until((text) => text.includes("\n"));
    tool.child.stdout?.destroy();
    expect(await tool.ended).toBe(141);
  },
  limit,
);

test(
  "a worker of a cluster answers itself",
  async () => {
    const target = await place().targets.start(
      `import cluster from "node:cluster";
if (cluster.isPrimary) {
  cluster.setupPrimary({ inspectPort: 0 });
  cluster.fork();
} else console.log("ready");
setInterval(() => {}, 60_000);`,
      { flags: [`--inspect-port=${await freePort()}`] },
    );
    const [worker] = childrenOf(target.pid);
    const { code, stdout } = await place().targets.holdfast(["top", worker, "--count", 1, "--json"]);
    expect([code, jsonLines(stdout)]).toMatchObject([0, [{ pid: worker, tasks: [] }]]);
  },
  limit,
);

test(
  "two can watch a process, each over a connection of its own",
  async () => {
    const target = await place().targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
    using first = startTool(["top", target.pid, "--json", "--interval", "100ms"]);
    await first.until((text) => text.includes("\n"));
    const second = await place().targets.holdfast(["top", target.pid, "--json", "--count", 1]);
    const seen = jsonLines(first.text()).length;
    await first.until((text) => jsonLines(text).length > seen);
    first.child.kill("SIGTERM");
    await first.ended;
    expect([second.code, jsonLines(second.stdout).length]).toEqual([0, 1]);
  },
  limit,
);

test(
  "a folder whose path is too long for a socket is refused before the process is touched",
  async () => {
    const long = join(place().temporary, "x".repeat(100));
    mkdirSync(long);
    const target = await place().targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
    const { code, stderr } = await place().targets.holdfast(["top", target.pid], { TMPDIR: long });
    rmSync(long, { recursive: true });
    expect([code, stderr.split("\n")]).toEqual([
      69,
      [
        expect.stringMatching(/^holdfast: the socket would lie at .*\/live, which is too long for one$/u),
        "  set TMPDIR to a shorter path",
        "",
      ],
    ]);
  },
  limit,
);
