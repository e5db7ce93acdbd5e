/** A reporter that never returns, and one of another handler that needs a moment: the end waits for the second, and for the first no longer than it was told. */
import { sleep } from "holdfast";
import { errorHandler } from "holdfast/lifecycle";

errorHandler({ reporters: [{ name: "stuck", report: () => new Promise(() => {}) }] }).install({ flushLimit: 300 });
errorHandler({
  reporters: [
    {
      name: "slow",
      report: async ({ message }) => {
        await sleep(100);
        process.stdout.write(`slow: ${message}\n`);
      },
    },
  ],
}).install({ flushLimit: 300 });

setTimeout(() => {
  throw new Error("in a timer");
}, 1);
