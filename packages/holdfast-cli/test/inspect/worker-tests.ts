/** What is seen of worker threads. */
import { expect, test } from "../harness.ts";
import { freePort } from "./target.ts";
import type { Targets } from "./target.ts";

/** A program that runs itself in a worker for each of `kinds`, and says "ready" when all of them do what they do. */
export const program = (kinds: readonly string[], main: string): string => `
import { execSync } from "node:child_process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { sleep, taskGroup } from "holdfast";

async function load({ signal }) {
  await sleep(60_000, { signal });
}
async function ask() {
  await new Promise((resolve) => (globalThis.answer = resolve));
}
function parse() {
  for (;;) {}
}
const start = async (kind) => {
  const worker = new Worker(new URL(import.meta.url), { workerData: kind, name: kind });
  await new Promise((resolve) => worker.once("message", resolve));
};
const does = {
  tasks: () => taskGroup((group) => void group.spawn(load, { name: "load" }), { name: "request" }),
  floats: () => void ask(),
  nests: () => start("floats"),
};
const blocks = {
  loops: parse,
  waits: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  native: () => execSync("sleep 60"),
};
if (!isMainThread) {
  setInterval(() => {}, 60_000);
  setTimeout(() => {
    parentPort.postMessage("ready");
    blocks[workerData]?.();
  }, 50);
  await does[workerData]?.();
} else {
  for (const kind of ${JSON.stringify(kinds)}) await start(kind);
  console.log("ready");
  ${main}
}
`;

/** The lines of \`text\` from each that begins with "worker" to the next, without what differs from run to run. */
export const sections = (text: string): string[][] => {
  const all: string[][] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("note: ")) break;
    if (line.startsWith("worker ")) all.push([]);
    all.at(-1)?.push(line.replaceAll(/\d+(?:\.\d+)? m?s/gu, "N s").replaceAll(/\d+% busy/gu, "N% busy"));
  }
  return all.map((lines) => lines.filter((line) => line !== ""));
};

/** On that Node, by targets with the library installed. */
export function testWorkers(node: string, targetsOf: () => Targets): void {
  const start = async (kinds: readonly string[], main: string = ""): Promise<number | undefined> => {
    const flags = [`--inspect-port=${await freePort()}`];
    const { pid } = await targetsOf().start(program(kinds, main), { node, flags });
    return pid;
  };

  test("dump shows the tasks of each worker, in a section of its own", async () => {
    const pid = await start(["tasks", "waits", "nests"]);
    const { code, stdout, stderr } = await targetsOf().holdfast(["dump", pid]);
    expect([code, stderr, stdout.split("\n")[0]?.replace(/^.*: /u, "")]).toEqual([0, "", "0 tasks"]);
    const waits = sections(stdout)[1] ?? [];
    expect([waits.slice(0, 2), waits.at(2)?.includes("Atomics.wait")]).toEqual([
      ['worker 2 "waits" (app.mjs): 0 tasks', "it runs"],
      true,
    ]);
    expect(sections(stdout).toSpliced(1, 1)).toEqual([
      [
        'worker 1 "tasks" (app.mjs): 1 task',
        '└─ group "request", called Object.tasks (app.mjs:20:16)',
        "   │  awaited outside of any task",
        "   │      at app.mjs:35:3",
        '   └─ task 1 "load", running for N s, spawned taskGroup.name (app.mjs:20:48)',
        "         waits for sleep, N s left",
        "             at load (app.mjs:7:3)",
      ],
      ['worker 3 "nests" (app.mjs): 0 tasks'],
      ['worker 4 "floats" (app.mjs): 0 tasks'],
    ]);
  });

  test("doctor says what is wrong with each worker", async () => {
    const pid = await start(["loops", "floats"]);
    const { code, stdout } = await targetsOf().holdfast(["doctor", pid]);
    const [loops = [], floats = []] = sections(stdout);
    expect([code, loops.slice(0, 2), loops[2]?.replace(/^ +at .*parse.*\((.*)\)$/u, "parse $1")]).toEqual([
      1,
      [
        'worker 1 "loops" (app.mjs): 1 finding',
        "blocked-loop: the thread was busy for 100% of the time, and in this when it was interrupted",
      ],
      "parse app.mjs:13:3",
    ]);
    expect(floats.slice(0, 4)).toEqual([
      'worker 2 "floats" (app.mjs): 1 finding',
      "floating-call: 1 call that no async function awaits: an event or a call without await started them, or what follows is a .then or .catch, which can't be seen",
      "    1x ask (app.mjs:10:3), for at least N s",
      "    read guide/hanging.md#floating-call",
    ]);
  });

  test("workers are asked while the main thread is blocked, and are in the JSON too", async () => {
    const pid = await start(["floats"], "setTimeout(parse);");
    const { code, stdout } = await targetsOf().holdfast(["doctor", pid, "--json"]);
    // Holds: that is what `--json` prints.
    const { findings, threads, looks } = JSON.parse(stdout) as {
      looks: number;
      findings: { kind: string }[];
      threads: {
        id: number;
        name: string;
        url: string;
        findings: { kind: string }[];
        look: { dump: { pid: number } };
      }[];
    };
    expect([code, looks, findings.map(({ kind }) => kind)]).toEqual([1, 1, ["blocked-loop"]]);
    expect(
      threads.map(({ look, url, findings: own, ...thread }) => ({
        ...thread,
        file: url.split("/").at(-1),
        pid: look.dump.pid,
        kinds: own.map(({ kind }) => kind),
      })),
    ).toEqual([{ id: 1, name: "floats", file: "app.mjs", pid, kinds: ["floating-call"] }]);
  });
}
