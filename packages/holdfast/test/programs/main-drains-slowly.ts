/** Has more to finish than whoever stops it wants to wait for. */
import { runMain } from "holdfast/lifecycle";

await runMain(async ({ stopping, group, sleep }) => {
  group.defer(() => void process.stdout.write("cleanup\n"));
  stopping.addEventListener("abort", () => process.stdout.write("stopping\n"));
  process.stdout.write("ready\n");
  await sleep(Infinity);
});
