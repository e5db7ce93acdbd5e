/** Exits while a task runs, or after all have ended. */
import { sleep, taskGroup } from "holdfast";
import { dumpOnExit } from "holdfast/inspect";

const listener = dumpOnExit();
const keeps = process.argv[2];

async function poll(): Promise<void> {
  await sleep(50_000);
}

const running = taskGroup(
  (group) => {
    if (keeps === "task") group.spawn(poll);
  },
  { name: "server" },
);
if (keeps === "disposed") listener[Symbol.dispose]();
if (keeps === "forgotten") void taskGroup(() => new Promise(() => {}), { name: "forgotten" });
else setImmediate(() => process.exit(3));
await running;
