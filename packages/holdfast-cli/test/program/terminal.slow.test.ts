/** On a real terminal (util-linux `script` makes one): the display is there, and the cursor is given back on every way out. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { Workplace, numbers } from "./holdfast-process.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write("items.txt", numbers(300));
  place.write(
    "work.mjs",
    `export default async (item) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (item === "200" && process.env.END === "exit") process.exit(3);
      if (item === "200" && process.env.END === "crash") setTimeout(() => { throw new Error("loose"); });
      if (item === "200" && process.env.END === "signals") for (const signal of ["SIGINT", "SIGINT", "SIGINT"]) process.kill(process.pid, signal);
      return item;
    };`,
  );
});
afterEach(() => place.remove());

const hide = "\u001B[?25l";
const show = "\u001B[?25h";

async function onTerminal(end: string): Promise<{ readonly code: number | null; readonly text: string }> {
  const bin = fileURLToPath(new URL("../../bin/holdfast.js", import.meta.url));
  const command = `stty cols 100; exec '${process.execPath}' '${bin}' run work.mjs items.txt -j 10`;
  const terminal = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd: place.path,
    env: { PATH: process.env["PATH"] ?? "", TERM: "xterm", END: end, SHELL: "/bin/sh" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  terminal.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(terminal, "close");
  return { code: terminal.exitCode, text };
}

const endings: readonly (readonly [end: string, code: number])[] = [
  ["nothing", 0],
  ["exit", 70],
  ["crash", 70],
  ["signals", 130],
];
describe("RUN-1: the terminal is given back", () => {
  test.each(endings)(
    "when the run is ended by %s, the cursor is shown again, after the last drawing",
    async (end, code) => {
      const ended = await onTerminal(end);
      expect(ended.code).toBe(code);
      expect([ended.text.split(hide).length, ended.text.split(show).length]).toEqual([2, 2]);
      expect(ended.text.slice(ended.text.indexOf(show))).not.toContain("█");
      expect(ended.text).toMatch(/█░* +\d+% {2}\d+\/300 {2}/);
    },
  );
});
