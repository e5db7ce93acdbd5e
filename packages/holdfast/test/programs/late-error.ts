/** Abandoned work fails after its caller has gone: not silence, and no crash. */
import { sleep, timeout } from "holdfast";

async function exportReport(): Promise<void> {
  await sleep(100);
  throw new Error("disk full");
}

try {
  await timeout(10, exportReport);
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
