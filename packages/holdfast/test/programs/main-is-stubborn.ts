/** Hears everything, and goes on. */
import { runMain } from "holdfast/lifecycle";

await runMain(async ({ stopping, signal, group }) => {
  group.defer(() => void process.stdout.write("cleanup\n"));
  stopping.addEventListener("abort", () => process.stdout.write("stopping\n"));
  signal.addEventListener("abort", () => process.stdout.write("cancelled\n"));
  process.stdout.write("ready\n");
  await new Promise(() => {});
});
