/** A task that waits without its signal, one that never looks at anything, and a call that goes on after its limit; until it is killed. */
import { sleep, taskGroup, timeout } from "holdfast";
import { runMain } from "holdfast/lifecycle";

async function queryRows(): Promise<void> {
  await sleep(60_000);
}

await runMain(async function serve({ signal }) {
  const request = taskGroup(
    async (group) => {
      group.spawn(
        async (context) => {
          if (!context.cancelled) await queryRows();
        },
        { name: "poll" },
      );
      group.spawn(() => new Promise((resolve) => setTimeout(resolve, 60_000)), { name: "fetch\nit" });
      await sleep(10);
      group.cancel();
    },
    { signal, name: "request" },
  );
  await sleep(50);
  await timeout(10, () => sleep(60_000), { name: "price", grace: Infinity });
  await request;
});
