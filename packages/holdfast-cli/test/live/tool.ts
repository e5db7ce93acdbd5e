/** The tool while it runs. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { bin } from "../inspect/target.ts";

export interface RunningTool extends Disposable {
  readonly child: ChildProcess;
  /** Of its standard output, until now. */
  readonly text: () => string;
  /** Of its standard error, until now. */
  readonly errors: () => string;
  /** When that is true of it. Never, if it never is: then the test runs out of time. */
  readonly until: (isThere: (text: string) => boolean) => Promise<void>;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

export function startTool(
  args: readonly (string | number | undefined)[],
  env: Readonly<Record<string, string>> = {},
): RunningTool {
  return toolIn(
    spawn(process.execPath, [bin, ...args.map(String)], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

/** On a terminal of its own (util-linux `script` makes one), 100 wide and 20 high. Keys are written to the standard input of the child. */
export function startToolOnTerminal(
  args: readonly (string | number | undefined)[],
  env: Readonly<Record<string, string>> = {},
): RunningTool {
  const command = [process.execPath, bin, ...args.map(String)].map((word) => `'${word}'`).join(" ");
  return toolIn(
    spawn("script", ["-qefc", `stty cols 100 rows 20; exec ${command}`, "/dev/null"], {
      env: { PATH: process.env["PATH"] ?? "", TERM: "xterm", SHELL: "/bin/sh", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );
}

function toolIn(child: ChildProcess): RunningTool {
  const ended = once(child, "close").then(() => child.exitCode);
  let [text, errors] = ["", ""];
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return {
    child,
    text: () => text,
    errors: () => errors,
    until: async (isThere) => {
      while (!isThere(text)) await once(child.stdout ?? child, "data");
    },
    ended,
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}
