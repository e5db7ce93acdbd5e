/** Child processes that end with the program: each is killed by its own pid when the signal aborts. */
import { fork, spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly process: ChildProcess;
  /** Resolves when the process is gone, however it went. Rejects when it could not be started. */
  readonly exit: Promise<Exit>;
}

export interface ChildOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Default: where ours goes. */
  readonly stdio?: StdioOptions | undefined;
}

/** The `holdfast` of this repository, without a shell or npx in between: its pid is the tool's own. */
export function startHoldfast(args: readonly string[], { cwd, signal, stdio = "inherit" }: ChildOptions): Child {
  const bin = binOf("holdfast-cli", "holdfast");
  return follow(spawn(process.execPath, [bin, ...args], { cwd, signal, stdio, killSignal: "SIGKILL" }));
}

/**
 * A module of the examples, with a channel for messages, under the same loader and in the same folder as this process:
 * `--import tsx` is looked up from there.
 */
export function startModule(file: string, args: readonly string[], signal: AbortSignal): Child {
  return follow(fork(file, args, { signal, killSignal: "SIGKILL" }));
}

function follow(child: ChildProcess): Child {
  const exit = new Promise<Exit>((resolve, reject) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    // After an abort comes an "error", and the exit of the killed process later; without a pid there is none to come.
    child.on("error", (error) => {
      if (child.pid === undefined) reject(error);
    });
  });
  return { process: child, exit };
}

function binOf(name: string, bin: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const manifest: { readonly bin?: Readonly<Record<string, string>> } = JSON.parse(readFileSync(file, "utf8"));
  const path = manifest.bin?.[bin];
  if (path === undefined) throw new Error(`package ${name} has no bin ${JSON.stringify(bin)}`);
  return join(dirname(file), path);
}
