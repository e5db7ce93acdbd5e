/** Child processes that end with the program: each is killed by its own pid when the signal aborts. */
import { fork, spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

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
  return follow(spawn(process.execPath, [holdfastBin(), ...args], { cwd, signal, stdio, killSignal: "SIGKILL" }));
}

/**
 * A module of the examples, with a channel for messages, under the same loader and in the same folder as this process:
 * the loader is named relative to it.
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

/** The file behind `npx holdfast`. */
function holdfastBin(): string {
  const file = require.resolve("holdfast-cli/package.json");
  const manifest: { readonly bin: { readonly holdfast: string } } = JSON.parse(readFileSync(file, "utf8"));
  return join(dirname(file), manifest.bin.holdfast);
}
