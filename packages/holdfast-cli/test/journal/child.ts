/** Programs of their own in tests: for locks of another process, and for kills that are real. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  /** The next line of its stdout; undefined at the end. */
  line(): Promise<string | undefined>;
  /** Its exit code or signal. */
  readonly ended: Promise<number | string | null>;
  readonly errors: () => string;
}

export interface ChildOptions {
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly nodeOptions?: readonly string[] | undefined;
  /** Bytes a file may have; writing beyond fails as on a full disk. */
  readonly largestFile?: number | undefined;
}

/** Starts the program at `file`. */
export function startChild(file: URL, args: readonly string[], options: ChildOptions = {}): Child {
  const node = [process.execPath, ...(options.nodeOptions ?? []), "--import", "tsx", fileURLToPath(file), ...args];
  const blocks = options.largestFile === undefined ? undefined : Math.floor(options.largestFile / 1024);
  // Without the trap the signal that comes with the limit would end the child; with it, write fails.
  const command =
    blocks === undefined ? node : ["bash", "-c", `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, "bash", ...node];
  const [program = "", ...rest] = command;
  const child = spawn(program, rest, {
    cwd: PACKAGE,
    env: { ...process.env, NODE_OPTIONS: "", ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, "close").then(([code, signal]: (number | string | null)[]) => signal ?? code ?? null);
  return {
    process: child,
    line: async () => {
      const step = await lines.next();
      return step.done === true ? undefined : step.value;
    },
    ended,
    errors: () => errors,
  };
}

/** Every line of its stdout, once it has ended. */
export async function runChild(
  file: URL,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<{ lines: string[]; ended: number | string | null; errors: string }> {
  const child = startChild(file, args, options);
  child.process.stdin?.end();
  const lines: string[] = [];
  for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line);
  return { lines, ended: await child.ended, errors: child.errors() };
}
