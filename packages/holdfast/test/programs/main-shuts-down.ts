/** A shutdown in phases, one part of which hangs. */
import { gracefulShutdown, runMain } from "holdfast/lifecycle";

const shutdown = gracefulShutdown({ limits: { drain: 100 } });
shutdown.add({ name: "pool", close: () => void process.stdout.write("pool closed\n") });
shutdown.add({
  name: "jobs",
  intake: () => void process.stdout.write("no more jobs\n"),
  drain: ({ sleep }) => sleep(Infinity),
  waitingFor: () => ["job 7"],
});

await runMain(
  async function service() {
    process.stdout.write("ready\n");
    await shutdown.join();
  },
  { shutdown },
);
