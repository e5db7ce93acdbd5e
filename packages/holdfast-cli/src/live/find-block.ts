/**
 * What a process runs that does not answer: asked as `holdfast dump` asks, once. Only while its main thread runs: one that sleeps is stopped, or inside a native call, and no question reaches it.
 */
import { setTimeout as wait } from "node:timers/promises";
import { isRunning } from "../attach/process-facts.ts";
import { shortFrame } from "../inspect/frame.ts";
import { lookInto } from "../inspect/look-into.ts";

const LOOKS = 10;
const LOOK_EVERY = 10;
/** Of those looks. */
const MOSTLY = 9;

/** The frames, the innermost first and short, or why there are none. */
export async function findBlock(pid: number): Promise<readonly string[] | string> {
  let running = 0;
  for (let looked = 0; looked < LOOKS; looked += 1) {
    if (isRunning(pid)) running += 1;
    await wait(LOOK_EVERY);
  }
  if (running < MOSTLY) return "its main thread sleeps, stopped or inside a native call";
  try {
    const found = await lookInto(pid, { deep: false, force: false });
    return found.running.length > 0
      ? found.running.map((frame) => shortFrame(frame, found.dump.folder))
      : "its main thread was in no JavaScript when it was asked";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
