/** What is seen of programs that are watched, on whatever Node they run. */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { freePort, Targets } from "../inspect/target.ts";
import { startTool } from "./tool.ts";

export const program = `import { sleep, taskGroup } from "holdfast";
async function load({ signal }) {
  await sleep(60_000, { signal });
}
setImmediate(() => console.log("ready"));
await taskGroup(function main(group) {
  group.spawn(load, { name: "load" });
}, { name: "request" });
`;

const blocked = `function parse() {
  for (;;) {}
}
console.log("ready");
setTimeout(parse, 500);
`;

export function jsonLines(text: string): unknown[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}

export interface Place {
  readonly targets: Targets;
  /** Where the tool makes what it needs, and nobody else anything. */
  readonly temporary: string;
}

/** For all tests of a file. */
export function placeForTests(): () => Place {
  let place: Place | undefined;
  beforeAll(() => {
    place = { targets: new Targets(), temporary: mkdtempSync(join(tmpdir(), "holdfast-top-test-")) };
    place.targets.installLibrary();
  });
  afterAll(() => {
    place?.targets.remove();
    if (place !== undefined) rmSync(place.temporary, { recursive: true });
  });
  return () => {
    if (place === undefined) throw new Error("no test runs");
    return place;
  };
}

/** Milliseconds that a test may take on a busy machine; seconds at most otherwise. */
export const limit = 120_000;

export function testOn(node: string, place: () => Place): void {
  test(
    `a snapshot is printed at each interval, as often as was asked, and ${node} goes on without a trace`,
    async () => {
      const target = await place().targets.start(program, { node, flags: [`--inspect-port=${await freePort()}`] });
      const before = socketsOf(target);
      const { code, stdout, stderr } = await place().targets.holdfast(
        ["top", target.pid, "--count", 2, "--interval", "100ms"],
        {
          TMPDIR: place().temporary,
        },
      );
      const snapshot = [
        expect.stringMatching(new RegExp(`^process ${target.pid}, node [\\d.]+, up `, "u")),
        expect.stringMatching(/^busy \d+% .* heap \d+ of \d+ MB$/u),
        "1 task 0/s started, 0/s ended",
        "id name group state age waits for where deadline spawned",
        "1 load request running TIME sleep TIME app.mjs:3:3 load - app.mjs:7:9 main",
        "",
      ];
      const plain = stdout.replaceAll(/ +/gu, " ").replaceAll(/(?<=running |sleep )\d+(?:\.\d)? m?s/gu, "TIME");
      const seen = plain.split("\n").map((line) => line.trimStart());
      expect([code, stderr, seen]).toEqual([0, "", [...snapshot, ...snapshot, ""]]);
      expect(readdirSync(place().temporary)).toEqual([]);
      while (socketsOf(target) !== before) await pause();
      expect(target.exitCode).toBe(null);
    },
    limit,
  );

  test(
    `a process that stops answering is said to, with the line that it is in: ${node}`,
    async () => {
      const target = await place().targets.start(blocked, { node, flags: [`--inspect-port=${await freePort()}`] });
      using tool = startTool(["top", target.pid, "--json", "--interval", "200ms"]);
      await tool.until((text) => text.includes('"blockedBy"'));
      tool.child.kill("SIGTERM");
      const code = await tool.ended;
      const [last] = jsonLines(tool.text()).slice(-1);
      expect([code, last]).toMatchObject([
        143,
        {
          version: 1,
          pid: target.pid,
          blockedBy: expect.arrayContaining([expect.stringMatching(/parse.*app\.mjs:2:/u)]),
        },
      ]);
    },
    limit,
  );
}

/** Processes that this one has started. */
export function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

/** Sockets that the process has open. */
export function socketsOf({ pid }: ChildProcess): number {
  return readdirSync(`/proc/${pid}/fd`).filter((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`).startsWith("socket:");
    } catch {
      // Closed since.
      return false;
    }
  }).length;
}

/** What is waited for comes at its own time, or the test runs out of time. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
