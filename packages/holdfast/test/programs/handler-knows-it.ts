/** An error that was reported, and then ends the process: it is said once. */
import { errorHandler } from "holdfast/lifecycle";

const handler = errorHandler({
  reporters: [{ name: "out", report: ({ message }) => void process.stdout.write(`report: ${message}\n`) }],
});
handler.install();
const error = new Error("rethrown");
handler.report(error);
throw error;
