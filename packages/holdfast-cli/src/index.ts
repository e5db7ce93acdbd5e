/**
 * Types for handlers that are written in TypeScript; nothing of this exists at run time.
 */
export type { Handler, HandlerContext, Log, Setup, SetupContext, Teardown } from "./handler/handler-context.ts";
