/** An error handler with a reporter that is slow for ever, and one that is not. */
import { errorHandler, runMain } from "holdfast/lifecycle";

const handler = errorHandler({
  reporters: [
    { name: "collector", report: () => new Promise(() => {}) },
    { name: "console", report: ({ error }) => void process.stdout.write(`told: ${String(error)}\n`) },
  ],
});

await runMain(() => Promise.reject(new Error("boom")), { grace: 100, handler });
