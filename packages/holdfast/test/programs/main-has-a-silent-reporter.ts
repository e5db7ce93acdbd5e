/** A reporter that never says that it is done. */
import { runMain } from "holdfast/lifecycle";

await runMain(() => Promise.reject(new Error("boom")), {
  grace: 100,
  handler: {
    report: (error, { origin }) => void process.stdout.write(`${origin}: ${String(error)}\n`),
    flush: () => new Promise(() => {}),
  },
});
