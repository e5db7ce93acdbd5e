/** A rejection that nobody awaits: main is cancelled for it, and puts in order what it has. */
import { runMain } from "holdfast/lifecycle";

await runMain(async ({ group, sleep }) => {
  group.defer(() => void process.stdout.write("cleanup\n"));
  void Promise.reject(new Error("forgotten"));
  await sleep(Infinity);
});
