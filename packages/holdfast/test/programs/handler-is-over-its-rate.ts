/** The error that ends the process is one of a storm: no report is made of it any more, so it is printed. */
import { errorHandler } from "holdfast/lifecycle";

const handler = errorHandler({
  reporters: [
    {
      name: "out",
      report: ({ message }) => void process.stdout.write(`report: ${message}\n`),
      summary: ({ suppressed }) => void process.stdout.write(`summary: ${suppressed}\n`),
    },
  ],
  rate: { perSecond: 0.001, burst: 1 },
});
handler.install();
handler.report(new Error("first"));
await Promise.reject(new Error("last"));
