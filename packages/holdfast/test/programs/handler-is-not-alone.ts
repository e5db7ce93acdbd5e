/** Others listen too: they are called as before, and the process goes on, as it would without the handler. */
import { errorHandler } from "holdfast/lifecycle";

process.on("uncaughtException", (error) => void process.stdout.write(`theirs, from before: ${error.message}\n`));
const handler = errorHandler({
  reporters: [
    {
      name: "ours",
      report: ({ message, context }) => void process.stdout.write(`ours: ${String(context.origin)}: ${message}\n`),
    },
  ],
});
handler.install();
process.on("uncaughtException", (error) => void process.stdout.write(`theirs, from after: ${error.message}\n`));
process.on("unhandledRejection", (error) => void process.stdout.write(`theirs: ${String(error)}\n`));

setTimeout(() => {
  throw new Error("in a timer");
}, 1);
setTimeout(() => void Promise.reject(new Error("forgotten")), 20);
setTimeout(() => void process.stdout.write(`goes on, with ${handler.stats().total} errors\n`), 40);
