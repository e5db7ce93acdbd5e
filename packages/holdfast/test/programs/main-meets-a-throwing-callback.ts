/** An exception on no promise's path. */
import { runMain } from "holdfast/lifecycle";

await runMain(async ({ group, sleep }) => {
  group.defer(() => void process.stdout.write("cleanup\n"));
  setTimeout(() => {
    throw new Error("in a timer");
  }, 1);
  await sleep(Infinity);
});
