/** The only reporter throws, also when it is told of an error that ends the process later. */
import { errorHandler } from "holdfast/lifecycle";

const handler = errorHandler({
  reporters: [
    {
      name: "thrower",
      report: () => {
        throw new Error("no log");
      },
    },
  ],
});
handler.install();
const error = new Error("in a timer");
handler.report(error);
setTimeout(() => {
  throw error;
}, 1);
