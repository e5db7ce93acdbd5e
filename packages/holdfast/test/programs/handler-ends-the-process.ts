/** A promise that nobody awaits: the handler's reporters have the report before the process ends. */
import { sleep } from "holdfast";
import { errorHandler } from "holdfast/lifecycle";

const handler = errorHandler({
  reporters: [
    {
      name: "slow",
      report: async ({ message, kind, context }) => {
        await sleep(50);
        process.stdout.write(`${String(context.origin)}: ${kind}: ${message}\n`);
      },
      flush: () => void process.stdout.write("flushed\n"),
    },
  ],
});
handler.install({ exitCode: 7 });

process.on("exit", (code) => void process.stdout.write(`exit ${code}\n`));
setTimeout(() => void process.stdout.write("never\n"), 5_000);
void Promise.reject(new Error("forgotten"));
