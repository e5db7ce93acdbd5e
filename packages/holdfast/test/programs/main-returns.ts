/** A main that waits for a while and returns: nothing is left of it. */
import { runMain } from "holdfast/lifecycle";

const events = ["SIGINT", "SIGTERM", "unhandledRejection", "uncaughtException"];
const listeners = (): string => events.map((event) => process.listenerCount(event)).join(" ");

process.stdout.write(`${listeners()}\n`);
await runMain(async ({ sleep }) => {
  process.stdout.write(`${listeners()}\n`);
  await sleep(1);
  // Nobody waits for it, and it is not lost.
  setTimeout(() => process.stdout.write("late\n"), 50);
});
process.stdout.write(`${listeners()}\n`);
