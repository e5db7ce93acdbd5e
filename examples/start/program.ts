/**
 * The frame of a program that leaves nothing behind: a temporary folder that is gone afterwards, child processes that
 * are ended with it, whether it finishes, fails, is interrupted, or its output is cut off by `| head`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

export interface Program {
  /** Empty, of its own, removed at the end. */
  readonly folder: string;
  /** Aborts on SIGINT, SIGTERM, SIGHUP, and when nobody reads stdout any more. Give it to every child and every wait. */
  readonly signal: AbortSignal;
}

/**
 * Runs `main` and sets the exit code: what `main` returned, 128 + n after signal n, 0 when the reader of stdout left,
 * 1 after an error, which is printed. Settles when `main` has settled and the folder is gone; never rejects.
 */
export async function runProgram(name: string, main: (program: Program) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  let cutShort: number | undefined;
  const stop = (exitCode: number): void => {
    cutShort ??= exitCode;
    controller.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => stop(128 + constants.signals[signal]));
  }
  process.stdout.on("error", (error: NodeJS.ErrnoException) => stop(error.code === "EPIPE" ? 0 : 1));

  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  try {
    process.exitCode = await main({ folder, signal: controller.signal });
  } catch (error) {
    if (cutShort === undefined) console.error(error);
    process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  if (cutShort !== undefined) process.exitCode = cutShort;
}
