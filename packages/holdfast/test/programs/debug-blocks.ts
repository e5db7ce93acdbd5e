/** A task that keeps the event loop to itself, until it is killed. */
import { runMain } from "holdfast/lifecycle";

function parseHuge(): void {
  const end = performance.now() + 15_000;
  while (performance.now() < end);
}

await runMain(async function serve({ group, sleep }) {
  await sleep(1);
  await group
    .spawn(
      async function buildReport() {
        await Promise.resolve();
        parseHuge();
      },
      { name: "report" },
    )
    .join();
});
