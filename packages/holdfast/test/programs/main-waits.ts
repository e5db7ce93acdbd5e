/** Waits for what nothing in the process can bring: Node alone would end with code 13. */
import { runMain } from "holdfast/lifecycle";

await runMain(async ({ group, signal }) => {
  group.defer(() => void process.stdout.write("cleanup\n"));
  process.stdout.write("ready\n");
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
});
