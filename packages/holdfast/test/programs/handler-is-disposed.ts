/** What is installed is gone when it was disposed of, and the host is as it was. */
import { errorHandler } from "holdfast/lifecycle";

const count = (): string =>
  ["unhandledRejection", "uncaughtException"].map((name) => process.listenerCount(name)).join(" ");

const handler = errorHandler({ reporters: [] });
process.stdout.write(`${count()}\n`);
const installed = [handler.install(), handler.install()];
process.stdout.write(`${count()}\n`);
for (const one of installed) one[Symbol.dispose]();
process.stdout.write(`${count()}\n`);
process.on("exit", (code) => void process.stdout.write(`exit ${code}, ${handler.stats().total} errors\n`));
throw new Error("for the host");
