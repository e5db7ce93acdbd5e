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
import { lookAtThreads } from "./look-threads.ts";
import type { ThreadsLook } from "./look-threads.ts";

export interface LookOptions {
  readonly deep: boolean;
  /** Search the heap however large it is. */
  readonly force: boolean;
  /** Look a second time, a second later, unless it is blocked: what has not moved in between is known. Default false. */
  readonly twice?: boolean | undefined;
}

export interface Found extends ThreadsLook {
  /** The first of two looks; all else is of the second. undefined where there was one. */
  readonly before: ThreadsLook | undefined;
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
/** Share of that above which an interrupted thread counts as blocked. */
export const BLOCKED: number = 0.9;
/** Milliseconds between two looks. */
const BETWEEN = 1000;

/** @throws {@link CliError} (66, 69, 75, 77) when the process can't be asked. */
export async function lookInto(pid: number, { deep, force, twice = false }: LookOptions): Promise<Found> {
  checkTarget(pid);
  let seenRunning = 0;
  for (let looked = 0; looked < LOOKS; looked += 1) {
    if (isRunning(pid)) seenRunning += 1;
    await wait(LOOK_EVERY);
  }
  const busy = seenRunning / LOOKS;
  const isBlocked = (first: Look): boolean => first.running.length > 0 && busy >= BLOCKED;
  const { value, later, window } = await askProcess(
    pid,
    `(builtin, input, folder, isAgain) => (${String(lookAtThreads)})(builtin, input, folder, isAgain, ${String(look)})`,
    {
      library: libraryFile(),
      deep,
      heapLimit: force ? Number.MAX_SAFE_INTEGER : HEAP_LIMIT,
    } satisfies LookInput,
    // Holds, here and below: it is what `lookAtThreads` returned, through JSON: all of it is plain data.
    twice ? { after: BETWEEN, isWorth: (first) => !isBlocked(first as Look) } : undefined,
  );
  const first = value as ThreadsLook;
  const second = later as ThreadsLook | undefined;
  return { ...(second ?? first), before: second === undefined ? undefined : first, window, busy };
}

/** The CommonJS build of the tool's own copy of `holdfast/inspect`. */
export function libraryFile(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("holdfast/package.json"));
  return join(folder, "dist/cjs/inspect/index.js");
}
