/** What abandoned work rejects with is reported, and ends nothing. */
import { sleep, timeout } from "holdfast";
import { errorHandler } from "holdfast/lifecycle";

const handler = errorHandler({
  reporters: [
    {
      name: "out",
      report: ({ message, task, context }) =>
        void process.stdout.write(`${String(context.origin)} of ${String(task)}: ${message}\n`),
    },
  ],
});
handler.install();

async function exportReport(): Promise<void> {
  await sleep(100);
  throw new Error("disk full");
}

await handler.run(() => timeout(10, exportReport), { task: "nightly" });
await sleep(200);
