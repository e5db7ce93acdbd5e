/** Takes no more work once it is told to stop, and finishes what it has. */
import { runMain } from "holdfast/lifecycle";

await runMain(async ({ stopping, signal, sleep }) => {
  process.stdout.write("ready\n");
  await new Promise((resolve) => stopping.addEventListener("abort", resolve));
  process.stdout.write(`stopping ${signal.aborted}\n`);
  await sleep(10);
  process.stdout.write("drained\n");
});
