/** Second act: the same job under `holdfast run`, killed with -9 half-way and started again with the same command. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startServer } from "../fetch-pages/server.ts";
import type { PageServer } from "../fetch-pages/server.ts";
import { listUrls, writeUrls } from "../fetch-pages/urls.ts";
import type { Evidence } from "./account.ts";
import { startHoldfast } from "./child.ts";
import type { Exit } from "./child.ts";
import { countAcknowledged, readJournal } from "./journal.ts";
import type { Program } from "./program.ts";

const concurrency = 25;
const handler = fileURLToPath(new URL("../fetch-pages/handler.ts", import.meta.url));

/** What follows `holdfast run HANDLER`; file names are looked up in the program's folder. */
export const options: readonly string[] =
  `urls.txt --concurrency ${concurrency} --timeout 2s --retries 6 --backoff exp:100ms..2s --output pages.ndjson`.split(
    " ",
  );

/** What both runs of the job share. */
export interface Work {
  readonly seed: number;
  readonly server: PageServer;
  readonly urls: readonly string[];
  readonly program: Program;
}

/** A server of its own, which has seen nothing yet, and `urls.txt` in the program's folder. */
export async function prepareWork(seed: number, count: number, program: Program): Promise<Work> {
  const server = await startServer({ seed });
  const urls = listUrls(server.origin, count);
  await writeUrls(join(program.folder, "urls.txt"), urls);
  return { seed, server, urls, program };
}

/**
 * Starts the run, kills it once `half` items are acknowledged in its journal, and resolves when the server has seen the
 * last of it.
 *
 * @throws {Error} when the run ended before it could be killed.
 */
export async function runUntilKilled({ server, program }: Work, half: number): Promise<Evidence["atKill"]> {
  const { folder, signal } = program;
  const journal = join(folder, "urls.txt.holdfast.db");
  const { process: child, exit } = startHoldfast(["run", handler, ...options], { cwd: folder, signal });
  try {
    while (child.exitCode === null && child.signalCode === null && countAcknowledged(journal) < half) {
      await delay(10, undefined, { signal });
    }
  } finally {
    child.kill("SIGKILL");
    await exit;
  }
  const end = await exit;
  if (end.signal !== "SIGKILL")
    throw new Error(`the run ended by itself, with exit code ${end.code}, before it was killed`);
  // The dead process can't clean up behind its live display: the cursor comes back, and what follows is on a new line.
  if (process.stderr.isTTY) process.stderr.write("\u001B[?25h\n");
  await server.waitForSilence();
  return { journal: readJournal(journal), visits: server.visits.length };
}

/** The same command once more, to its end. */
export async function runToTheEnd({ program: { folder, signal } }: Work): Promise<Exit> {
  const end = await startHoldfast(["run", handler, ...options], { cwd: folder, signal }).exit;
  signal.throwIfAborted();
  return end;
}

/** All that there is to know after both runs. */
export async function collectEvidence(work: Work, atKill: Evidence["atKill"]): Promise<Evidence> {
  const { seed, server, urls, program } = work;
  const text = await readFile(join(program.folder, "pages.ndjson"), "utf8");
  return {
    seed,
    urls,
    atKill,
    journal: readJournal(join(program.folder, "urls.txt.holdfast.db")),
    output: text.split("\n").filter((line) => line !== ""),
    visits: server.visits,
    concurrency,
  };
}
