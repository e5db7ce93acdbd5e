/** What a process waits for: its tasks, and the line at which each is suspended. For Node. */
export { awaitStacks, canReadAwaitStacks } from "./await-stacks.ts";
export { dump, type DumpOptions } from "./dump.ts";
export { dumpOnExit } from "./dump-on-exit.ts";
export { inspectAs } from "./environment.ts";
export { formatDump, type FormatDumpOptions } from "./format-dump.ts";
export type { LiveCancellation, LiveGauges, LiveSnapshot } from "./live/protocol.ts";
export { serveLive } from "./live/serve-live.ts";
export type { DumpedCancellation, DumpedScope, DumpedStack, DumpedWait, ProcessDump } from "./process-dump.ts";
export { watchdog, type WatchdogOptions } from "./watchdog.ts";
export { findWarnings, type Warning } from "./warnings.ts";
