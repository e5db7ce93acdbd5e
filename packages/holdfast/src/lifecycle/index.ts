/** Programs: how they start, report what fails, and stop. For Node, and what is like it. */
export { clientSignal } from "./client-signal.ts";
export { formatError, type FormatErrorOptions } from "./format-error.ts";
export { hasColors, printError, type PrintErrorOptions, type TextOutput } from "./print-error.ts";
export type { ErrorOrigin, MainErrorHandler, MainOptions, MainShutdown, NodeSignal } from "./run-main-options.ts";
export type { MainProcess, MainStream } from "./run-main-process.ts";
export { type MainContext, runMain } from "./run-main.ts";
