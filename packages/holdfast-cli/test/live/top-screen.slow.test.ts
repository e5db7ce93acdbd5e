/** `holdfast top` on a real terminal: what keys do, and that the terminal is given back on every way out. */
import { afterAll, beforeAll, describe, expect, test } from "../harness.ts";
import { freePort, newerNodes, Targets } from "../inspect/target.ts";
import { startToolOnTerminal } from "./tool.ts";
import type { RunningTool } from "./tool.ts";
import { childrenOf } from "./watched-program.ts";

let targets: Targets;
beforeAll(() => {
  targets = new Targets();
  targets.installLibrary();
});
afterAll(() => targets.remove());

const program = `import { sleep, taskGroup } from "holdfast";
async function load({ signal }) {
  try {
    await sleep(60_000, { signal });
  } finally {
    console.log("stopped");
  }
}
setImmediate(() => console.log("ready"));
await taskGroup(function main(group) {
  group.spawn(load, { name: "load" });
  group.spawn(async ({ signal }) => {
    while (!signal.aborted) await sleep(50, { signal });
  }, { name: "poll" });
}, { name: "request" });
`;

const enter = "\u001B[?1049h\u001B[?25l";
const leave = "\u001B[0m\u001B[?25h\u001B[?1049l";

/** What stands on the screen, without what it looks like. */
function screenOf(text: string): string[] {
  const last = text.split("\u001B[H").at(-1) ?? "";
  return last.replaceAll(/\u001B\[[?\d;]*[A-Za-z]/gu, "").split("\r\n");
}

async function seen(tool: RunningTool, words: string): Promise<void> {
  await tool.until((text) => screenOf(text).some((line) => line.includes(words)));
}

describe("TERMINAL-1: the terminal is given back", () => {
  test.each<[string, (tool: RunningTool, target: { kill(signal: "SIGKILL"): boolean }) => unknown, number, string]>([
    ["q", (tool) => tool.child.stdin?.write("q"), 0, ""],
    ["Ctrl-C", (tool) => tool.child.stdin?.write("\u0003"), 130, ""],
    ["the end of the process", (_, target) => target.kill("SIGKILL"), 69, "has ended"],
  ])("after %s, with exit code", async (_, end, code, said) => {
    const target = await targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
    using tool = startToolOnTerminal(["top", target.pid, "--interval", "100ms"]);
    await seen(tool, "load");
    end(tool, target);
    expect(await tool.ended).toBe(code);
    const [before, shown = "", ...more] = tool.text().split(enter);
    const [, after = "", ...again] = shown.split(leave);
    expect([before, more, again, after.includes(said), after.includes("\u001B[H")]).toEqual(["", [], [], true, false]);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("after %s", async (signal) => {
    const target = await targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
    using tool = startToolOnTerminal(["top", target.pid, "--interval", "100ms"]);
    await seen(tool, "load");
    // The tool is the child of the shell that `script` runs, and has its place: it was exec'd.
    const [pid] = childrenOf(tool.child.pid);
    process.kill(pid ?? 0, signal);
    expect(await tool.ended).toBe(signal === "SIGINT" ? 130 : 143);
    expect(tool.text().endsWith(leave)).toBe(true);
  });
});

test("keys choose, sort, filter and pause", async () => {
  const target = await targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
  using tool = startToolOnTerminal(["top", target.pid, "--interval", "100ms"]);
  const press = (keys: string): unknown => tool.child.stdin?.write(keys);
  await seen(tool, "by id");
  await seen(tool, "poll");
  press("ss");
  await seen(tool, "by name");
  press("/poll\r");
  await tool.until((text) => !screenOf(text).some((line) => line.includes(" load ")));
  press("p");
  await seen(tool, "paused");
  press("p?");
  await seen(tool, "any key: back");
  press("x\u001B[B");
  await tool.until((text) => (text.split("\u001B[H").at(-1) ?? "").includes("\u001B[7m"));
  press("c");
  await seen(tool, "the process does not allow it; start it with HOLDFAST_INSPECT=allow-cancel");
  press("q");
  expect(await tool.ended).toBe(0);
});

test.each([process.execPath, ...newerNodes])("a task is cancelled where the process allows it: %s", async (node) => {
  const target = await targets.start(
    `import { inspectAs } from "holdfast/inspect";
inspectAs("allow-cancel");
${program}`,
    { node, flags: [`--inspect-port=${await freePort()}`] },
  );
  let said = "";
  target.stdout?.on("data", (chunk: unknown) => (said += String(chunk)));
  using tool = startToolOnTerminal(["top", target.pid, "--interval", "100ms"]);
  await seen(tool, "load");
  tool.child.stdin?.write("\u001B[Bc");
  await seen(tool, "cancel task 1? y: yes, any other key: no");
  tool.child.stdin?.write("y");
  await seen(tool, "task 1 was cancelled");
  await tool.until((text) => !screenOf(text).some((line) => line.includes(" load ")));
  tool.child.stdin?.write("q");
  expect([await tool.ended, said, target.exitCode]).toEqual([0, "stopped\n", null]);
});
