/** Timers that were stopped must not hold the process: it ends as soon as the work has. */
import { settle, sleep, timeout } from "holdfast";

await timeout(60_000, () => "fast");
await settle([() => 1, () => sleep(1)], { timeout: 60_000 });
const controller = new AbortController();
const sleeping = sleep(60_000, { signal: controller.signal }).catch(() => process.stdout.write("cancelled\n"));
controller.abort();
await sleeping;
