/** Tasks that are alive when the process exits: more than the library's budget for spawn sites, all with theirs. */
import { openTaskGroup } from "holdfast";
import { runMain } from "holdfast/lifecycle";

const background = openTaskGroup({ name: "background" });

await runMain(async function serve({ group }) {
  for (let index = 0; index < 1001; index++) background.spawn(() => {});
  background.spawn(({ sleep }) => sleep(60_000), { name: "refresh" });
  group.spawn(({ sleep }) => sleep(60_000), { name: "poll" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.exit(7);
});
