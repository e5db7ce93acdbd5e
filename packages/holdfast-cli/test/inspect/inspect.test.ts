/**
 * What is seen of programs that know nothing of the library, and of one that uses it.
 */
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { freePort, isFree, newerNodes, Targets } from "./target.ts";

let targets: Targets;
beforeEach(() => {
  targets = new Targets();
});
afterEach(() => targets.remove());

const nodes = [process.execPath, ...newerNodes];

const deadlock = `
class Mutex {
  #waiting = []; #isHeld = false;
  async lock() { while (this.#isHeld) await new Promise((resolve) => this.#waiting.push(resolve)); this.#isHeld = true; }
}
const [left, right] = globalThis.locks = [new Mutex(), new Mutex()];
async function transfer(from, to) {
  await from.lock();
  await null;
  await to.lock();
}
setInterval(() => {}, 60_000);
setImmediate(() => console.log("ready"));
await Promise.all([transfer(left, right), transfer(right, left)]);
`;

const waiting = `
const replies = globalThis.replies = new Map();
async function ask(id) {
  return await new Promise((resolve) => replies.set(id, resolve));
}
async function main() {
  await ask(1);
}
setInterval(() => {}, 60_000);
setImmediate(() => console.log("ready"));
await main();
`;

const floating = `
globalThis.keep = [];
async function audit() {
  await new Promise((resolve) => globalThis.keep.push(resolve));
}
audit();
setInterval(() => {}, 60_000);
setImmediate(() => console.log("ready"));
`;

const blocked = `
function parse() {
  for (;;) {}
}
setTimeout(() => { console.log("ready"); setTimeout(parse); }, 1);
`;

/** Everything but the numbers of the last line, which differ from run to run. */
const settled = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("note: the process stood still"))
    .map((line) =>
      line
        .replace(/^process \d+, node [\d.]+/u, "process")
        .replaceAll(/\d+% busy/gu, "N% busy")
        .replaceAll(/for at least \d+\.\d s/gu, "for at least N s"),
    );

describe.each(nodes)("%s", (node) => {
  test("doctor names both calls of a lock-order deadlock", async () => {
    const target = await targets.start(deadlock, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout, stderr } = await targets.holdfast(["doctor", target.pid]);
    expect([code, stderr, settled(stdout).slice(0, 6)]).toEqual([
      1,
      "",
      [
        "process: 1 finding",
        "lock-deadlock: all 2 calls that came here wait for a lock; each waits for what another holds (taken in different orders), or one was never given back",
        "    2x Mutex.lock (app.mjs:4:39), for at least N s",
        "       < transfer (app.mjs:10:3)",
        "       < app.mjs:14:1",
        "    read guide/inspecting.md#lock-deadlock",
      ],
    ]);
  });

  test("doctor finds an await of what nobody settles", async () => {
    const target = await targets.start(waiting, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout } = await targets.holdfast(["doctor", target.pid]);
    expect([code, settled(stdout)]).toEqual([
      1,
      [
        "process: 1 finding",
        "unsettled-await: 1 call has awaited the same promise for at least N s, in two looks, and nothing holds the process open but 1 timer: no request, file or socket is under way that could settle one",
        "    1x ask (app.mjs:4:10), for at least N s",
        "       < main (app.mjs:7:3)",
        "       < app.mjs:11:1",
        "    read guide/inspecting.md#unsettled-await",
        "held open by 1 Timeout",
        "main thread: idle when it was asked, N% busy before",
        "suspended outside of the library's tasks:",
        "    1x ask (app.mjs:4:10), for at least N s",
        "       < main (app.mjs:7:3)",
        "       < app.mjs:11:1",
      ],
    ]);
  });

  test("doctor names a call that nobody awaits", async () => {
    const target = await targets.start(floating, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout } = await targets.holdfast(["doctor", target.pid]);
    expect([code, settled(stdout).slice(0, 4)]).toEqual([
      1,
      [
        "process: 1 finding",
        "floating-call: 1 call that no async function awaits: an event or a call without await started them",
        "    1x audit (app.mjs:4:3), for at least N s",
        "    read guide/hanging.md#floating-call",
      ],
    ]);
  });

  test("doctor names the line of a loop that never ends, while it runs", async () => {
    const target = await targets.start(blocked, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout } = await targets.holdfast(["doctor", target.pid]);
    expect([code, settled(stdout).find((line) => line.startsWith("    at "))]).toEqual([
      1,
      "    at Timeout.parse [as _onTimeout] (app.mjs:3:3)",
    ]);
  });
});

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

test("an inspector that was open stays open", async () => {
  const port = await freePort();
  const target = await targets.start(waiting, { flags: [`--inspect=${port}`] });
  const { code, stdout } = await targets.holdfast(["dump", target.pid, "--json"]);
  // Holds: that is what `--json` prints.
  const { window, dump } = JSON.parse(stdout) as { window?: number; dump: { pid: number } };
  expect([code, window, dump.pid, await isFree(port)]).toEqual([0, undefined, target.pid, false]);
});

test("a heap of more than 250 MB is searched with --force only", async () => {
  const target = await targets.start(
    `globalThis.keep = Array.from({ length: 4_000_000 }, (_, index) => ({ index, next: [index] }));
    console.log("ready"); setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${await freePort()}`] },
  );
  const refused = await targets.holdfast(["dump", target.pid, "--deep"]);
  expect([refused.code, /the heap was not searched: of \d+ MB/u.test(refused.stdout)]).toEqual([69, true]);
  const forced = await targets.holdfast(["dump", target.pid, "--deep", "--force"]);
  expect([forced.code, forced.stdout.includes("was not searched")]).toEqual([0, false]);
}, 60_000);

test("ls lists a process with the port of its inspector", async () => {
  const port = await freePort();
  const target = await targets.start(waiting, { flags: [`--inspect=${port}`] });
  const { code, stdout } = await targets.holdfast(["ls", "--json"]);
  // Holds: that is what `--json` prints.
  const { processes } = JSON.parse(stdout) as { processes: { pid: number; inspector?: number; title: string }[] };
  const listed = processes.find(({ pid }) => pid === target.pid);
  expect([code, listed?.inspector, listed?.title.endsWith("app.mjs")]).toEqual([0, port, true]);
});
