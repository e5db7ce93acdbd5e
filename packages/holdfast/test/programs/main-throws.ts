/** Two tasks that fail, one for the other, and one that is cancelled for them. */
import { runMain } from "holdfast/lifecycle";

await runMain(function importAll({ group }) {
  group.defer(() => void process.stdout.write("cleanup\n"));
  group.spawn(async function users() {
    throw new TypeError("no such table: users");
  });
  group.spawn(async function orders({ signal }) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw new Error("rollback failed");
  });
  group.spawn(({ sleep }) => sleep(Infinity), { name: "watch" });
});
