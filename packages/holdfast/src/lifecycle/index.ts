/** Programs: how they start, report what fails, and stop. For Node, and what is like it. */
export { clientSignal } from "./client-signal.ts";
