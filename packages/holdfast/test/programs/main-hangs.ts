/** A task that never ends, and a cleanup that never does. */
import { runMain } from "holdfast/lifecycle";

await runMain(
  function serve({ group }) {
    group.defer(() => new Promise<void>(() => {}));
    group.defer(() => void process.stdout.write("first cleanup\n"));
    group.spawn(() => new Promise(() => {}), { name: "poll" });
    process.stdout.write("ready\n");
  },
  { grace: 100 },
);
