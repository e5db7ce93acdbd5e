/** The only reporter throws. */
import { errorHandler } from "holdfast/lifecycle";

errorHandler({
  reporters: [
    {
      name: "thrower",
      report: () => {
        throw new Error("no log");
      },
    },
  ],
}).install();
setTimeout(() => {
  throw new Error("in a timer");
}, 1);
