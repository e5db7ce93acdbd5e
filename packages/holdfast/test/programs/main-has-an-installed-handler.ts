/** A handler that was installed reports beside `runMain`, whose part it is to end. */
import { errorHandler, runMain } from "holdfast/lifecycle";

const handler = errorHandler({
  reporters: [{ name: "test", report: ({ message }) => void process.stdout.write(`reported ${message}\n`) }],
});

await runMain(
  async function app({ sleep }) {
    handler.install();
    setTimeout(() => {
      throw new Error("boom");
    }, 1);
    await sleep(60_000);
  },
  { handler },
);
