/**
 * What the variable HOLDFAST_INSPECT asks for.
 */
import { isMainThread } from "node:worker_threads";
import { dumpOnExit } from "./dump-on-exit.ts";
import { allowCancel } from "./live/cancel-task.ts";
import { watchdog } from "./watchdog.ts";

const WATCHDOG = /^watchdog(?:=(?<threshold>\d+)(?:ms)?)?$/u;

/**
 * Turns on what `setting` names: "dump-on-exit", "watchdog" or "watchdog=200ms", "allow-cancel" (whoever may look into the process can cancel its tasks with `holdfast top`), or several with commas between. A watchdog is of the main thread: in others that part does nothing.
 *
 * @throws {TypeError} for anything else, before any is turned on
 * @throws {RangeError} for a watchdog below 20 ms
 */
export function inspectAs(setting: string): void {
  const parts = setting.split(",").map((part) => part.trim());
  for (const part of parts)
    if (part !== "dump-on-exit" && part !== "allow-cancel" && !WATCHDOG.test(part))
      throw new TypeError(
        `HOLDFAST_INSPECT takes dump-on-exit, watchdog=200ms, allow-cancel, or several with commas between, got ${JSON.stringify(part)}`,
      );
  for (const part of parts) {
    if (part === "dump-on-exit") dumpOnExit();
    else if (part === "allow-cancel") allowCancel();
    else if (isMainThread) {
      const threshold = WATCHDOG.exec(part)?.groups?.["threshold"];
      watchdog({ threshold: threshold === undefined ? undefined : Number(threshold) });
    }
  }
}
