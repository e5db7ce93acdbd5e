/** Runs one of the programs of this folder in a process of its own, bundled with the library's source. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** A program that has not ended by then hangs. */
const LIMIT = 20_000;

export interface Ended {
  readonly code: number | null;
  /** null unless it was killed, which is what happens to one that hangs. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs, for a test that does something to it. */
export interface Running {
  /** Resolves when the program has written this line to stdout. @throws {Error} when it ends without */
  readonly line: (text: string) => Promise<void>;
  /** Resolves with the rest of the line that begins with `start`. @throws {Error} when it ends without */
  readonly rest: (start: string) => Promise<string>;
  /** Resolves when the program has written a line that begins so to stderr. @throws {Error} when it ends without */
  readonly complaint: (start: string) => Promise<void>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Nobody reads its stdout any more. */
  readonly closeOutput: () => void;
}

/** What became of `name`.ts, started with the given options for node and in this environment, after `drive` has done to it what it does. */
export async function runProgram(
  name: string,
  nodeOptions: readonly string[] = [],
  drive: (running: Running) => Promise<void> = async () => {},
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-program-"));
  try {
    const outfile = join(folder, `${name}.mjs`);
    await build({
      entryPoints: [path(`${name}.ts`)],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "es2022",
      logLevel: "warning",
      // By which `formatError` tells the library's frames from the program's.
      sourcemap: true,
      alias: {
        holdfast: path("../../src/index.ts"),
        "holdfast/lowlevel": path("../../src/core/lowlevel.ts"),
        "holdfast/sync": path("../../src/sync/index.ts"),
        "holdfast/lifecycle": path("../../src/lifecycle/index.ts"),
        "holdfast/inspect": path("../../src/inspect/index.ts"),
      },
    });
    const child = spawn(process.execPath, [...nodeOptions, outfile], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT,
      killSignal: "SIGKILL",
    });
    const [output, complaints] = [new Output(child.stdout), new Output(child.stderr)];
    await Promise.all([
      once(child, "close"),
      drive({
        line: async (line) => void (await output.find((one) => one === line, line)),
        rest: async (start) => (await output.find((one) => one.startsWith(start), start)).slice(start.length),
        complaint: async (start) => void (await complaints.find((one) => one.startsWith(start), start)),
        kill: (signal) => void child.kill(signal),
        closeOutput: () => child.stdout.destroy(),
      }),
    ]);
    return { code: child.exitCode, signal: child.signalCode, stdout: output.text, stderr: complaints.text };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a program has written, and who waits for more of it. */
class Output {
  text = "";
  #hasEnded = false;
  #wake: (() => void)[] = [];

  constructor(stream: Readable) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      this.text += chunk;
      this.#change();
    });
    stream.on("close", () => {
      this.#hasEnded = true;
      this.#change();
    });
  }

  #change(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** The first complete line that fits. */
  async find(fits: (line: string) => boolean, what: string): Promise<string> {
    for (;;) {
      const line = this.text.split("\n").slice(0, -1).find(fits);
      if (line !== undefined) return line;
      if (this.#hasEnded)
        throw new Error(`the program has ended without "${what}"; it wrote ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }
}
