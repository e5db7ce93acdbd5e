/** An error that was reported while the limits were used up, and then ends the process: nobody has seen it yet. */
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
const error = new Error("rethrown");
handler.report(error);
throw error;
