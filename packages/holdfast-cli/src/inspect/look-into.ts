/**
 * Looks into a process by its number.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { askProcess } from "../attach/ask-process.ts";
import { checkTarget } from "../attach/check-target.ts";
import { isRunning } from "../attach/process-facts.ts";
import { look } from "./look.ts";
import type { Look, LookInput } from "./look.ts";

export interface LookOptions {
  readonly deep: boolean;
  /** Search the heap however large it is. */
  readonly force: boolean;
}

export interface Found extends Look {
  /** Milliseconds from the signal until the port was closed again; undefined when the inspector had been open before. */
  readonly window: number | undefined;
  /** Share of the time just before in which the main thread ran, or was ready to run. */
  readonly busy: number;
}

/** A search takes about 10 ms for each MB, in which the process stands still. */
export const HEAP_LIMIT: number = 250 * 1024 * 1024;

/** How often the main thread is looked at before it is disturbed, and the ms between: shares of processor time would say how busy the machine is. */
const LOOKS = 20;
const LOOK_EVERY = 10;

/** @throws {@link CliError} (66, 69, 75, 77) when the process can't be asked. */
export async function lookInto(pid: number, { deep, force }: LookOptions): Promise<Found> {
  checkTarget(pid);
  let seenRunning = 0;
  for (let looked = 0; looked < LOOKS; looked += 1) {
    if (isRunning(pid)) seenRunning += 1;
    await wait(LOOK_EVERY);
  }
  const busy = seenRunning / LOOKS;
  const { value, window } = await askProcess(pid, String(look), {
    library: libraryFile(),
    deep,
    heapLimit: force ? Number.MAX_SAFE_INTEGER : HEAP_LIMIT,
  } satisfies LookInput);
  // Holds: it is what `look` returned, through JSON: all of it is plain data.
  return { ...(value as Look), window, busy };
}

/** The CommonJS build of the tool's own copy of `holdfast/inspect`. */
export function libraryFile(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("holdfast/package.json"));
  return join(folder, "dist/cjs/inspect/index.js");
}
