/**
 * What is said when the process is ended from inside, by the handler.
 */
import type { ExitCause } from "./exit-guard.ts";

export type Stage = "loading" | "opening" | "setup" | "items" | "teardown" | "closing";

export function exitMessage(cause: ExitCause, stage: Stage): string {
  const when = stage === "items" ? "" : ` (${stage})`;
  switch (cause.kind) {
    case "exit": {
      const where = cause.where === undefined ? "" : ` at ${cause.where}`;
      return `process.exit(${cause.code}) was called${where}${when}; throw an error instead, or StopRetry for an item that can't succeed`;
    }
    case "error": {
      const shown = cause.error instanceof Error ? (cause.error.stack ?? cause.error.message) : String(cause.error);
      return cause.origin === "unhandledRejection"
        ? `a promise that nobody awaits was rejected${when}; await it in the handler, so that its item fails alone\n${shown}`
        : `an error was thrown outside of every item${when}, in a callback that nobody awaits\n${shown}`;
    }
    case "stuck":
      return `nothing is left that could finish what is in flight${when}: no timer, no socket, no file; --timeout makes such an attempt fail`;
  }
}
