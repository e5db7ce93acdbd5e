/** Runs one of the programs of this folder in a process of its own, bundled with the library's source. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
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

/** What became of `name`.ts, started with the given options for node. */
export async function runProgram(name: string, nodeOptions: readonly string[] = []): Promise<Ended> {
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
      alias: {
        holdfast: path("../../src/index.ts"),
        "holdfast/lowlevel": path("../../src/core/lowlevel.ts"),
        "holdfast/sync": path("../../src/sync/index.ts"),
        "holdfast/lifecycle": path("../../src/lifecycle/index.ts"),
      },
    });
    const child = spawn(process.execPath, [...nodeOptions, outfile], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT,
      killSignal: "SIGKILL",
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
