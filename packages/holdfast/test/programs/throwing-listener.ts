/** A listener of the user's on a signal of ours throws. The host reports it; everybody else is told, and the outcome stays. */
import { sleep, taskGroup } from "holdfast";

process.on("uncaughtException", (error) => process.stdout.write(`host: ${error.message}\n`));

const value = await taskGroup(async (group) => {
  group.signal.addEventListener("abort", () => {
    throw new Error("listener");
  });
  for (const name of ["a", "b"])
    group.spawn(async ({ signal }) => {
      signal.addEventListener("abort", () => process.stdout.write(`${name} told\n`));
      await sleep(60_000, { signal });
    });
  await sleep(10);
  group.cancel();
  process.stdout.write("cancelled\n");
  return "value";
});
process.stdout.write(`${value}\n`);
