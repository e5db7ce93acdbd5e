/** Everything that a program does when nothing is wrong with it: tasks, an expected cancellation, a cleanup that takes its time, a failure that somebody looks at. */
import { map, openTaskGroup, settle, shield, sleep, taskGroup, timeout } from "holdfast";
import { runMain } from "holdfast/lifecycle";

await runMain(async function tidy({ signal, group }) {
  const server = openTaskGroup({ name: "server", stopOnError: false });
  const failing = server.spawn(() => Promise.reject(new Error("looked at")), { name: "failing" });
  await sleep(1);
  const { ok } = await failing.settled();
  group.spawnService(({ sleep: pause }) => pause(Infinity), { name: "heartbeat" });
  group.defer(() => sleep(10));
  await map([1, 2, 3], (item) => sleep(item, { signal }), { concurrency: 2, signal });
  await timeout(5, ({ sleep: pause }) => pause(60_000), { signal, fallback: () => {} });
  await taskGroup(
    async (inner) => {
      inner.spawn(async (context) => {
        try {
          await context.sleep(60_000);
        } finally {
          await shield(({ sleep: pause }) => pause(1200), { signal: context.signal });
        }
      });
      await sleep(1);
      inner.cancel();
    },
    { signal, name: "cancelled" },
  ).catch(() => {});
  const closed = await settle(() => server.close());
  process.stdout.write(`ended ${ok} ${closed.ok}\n`);
});
