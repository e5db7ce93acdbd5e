/** First act: the job as everyone writes it, and what became of it. Every number is counted, none is computed. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Message, Tally } from "../fetch-pages/promise-all.ts";
import { startServer } from "../fetch-pages/server.ts";
import { listUrls, writeUrls } from "../fetch-pages/urls.ts";
import { startModule } from "./child.ts";
import type { Program } from "./program.ts";

export interface Loss {
  /** The one error that the caller of `Promise.all` got. */
  readonly shown: string;
  /** Milliseconds until it came. */
  readonly after: number;
  /** Promises that were pending at that moment. */
  readonly running: number;
  /** Rejections besides the one shown: nobody saw them. */
  readonly lost: number;
  /** Pages that were fetched and that nobody got. */
  readonly wasted: number;
  /** Requests that hung when all others had ended. */
  readonly hanging: number;
}

const script = fileURLToPath(new URL("../fetch-pages/promise-all.ts", import.meta.url));

/** Resolves when every request has ended, except for those that the server lets hang. */
export async function loseWithPromiseAll(seed: number, count: number, { folder, signal }: Program): Promise<Loss> {
  const server = await startServer({ seed });
  const list = join(folder, "promise-all.txt");
  await writeUrls(list, listUrls(server.origin, count));
  const startedAt = performance.now();
  const { process: child, exit } = startModule(script, [list], signal);
  try {
    let tally: Tally | undefined;
    const threw = new Promise<{ shown: string; running: number; after: number }>((resolve, reject) => {
      exit.then(
        ({ code }) => reject(new Error(`promise-all.ts ended with exit code ${code} before Promise.all threw`)),
        reject,
      );
      // The only sender is promise-all.ts, and that is what it sends.
      child.on("message", (message: Message) => {
        tally = message.tally;
        if (message.kind !== "threw") return;
        const after = performance.now() - startedAt;
        resolve({ shown: message.error, running: tally.pending, after });
      });
    });
    const { shown, running, after } = await threw;
    const ended = (): boolean =>
      tally?.pending === server.open() &&
      server.visits.every(({ behaviour, outcome }) => outcome !== "open" || behaviour.kind === "hang");
    while (!ended()) {
      if (child.exitCode !== null) throw new Error(`promise-all.ts ended early, with exit code ${child.exitCode}`);
      await delay(20, undefined, { signal });
    }
    if (tally === undefined) throw new Error("promise-all.ts sent no tally");
    return {
      shown,
      after,
      running,
      lost: tally.rejected - 1,
      wasted: tally.fulfilled,
      hanging: server.open(),
    };
  } finally {
    child.kill("SIGKILL");
    await exit;
    await server.close();
  }
}
