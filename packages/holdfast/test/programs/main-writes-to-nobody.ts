/** Writes as long as somebody reads. */
import { runMain } from "holdfast/lifecycle";

await runMain(async ({ sleep }) => {
  for (;;) {
    process.stdout.write("line\n");
    await sleep(1);
  }
});
