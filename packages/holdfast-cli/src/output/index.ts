/** Results as NDJSON. */
export { openOutput } from "./open-output.ts";
export type { OpenOutputOptions } from "./open-output.ts";
export { OutputClosedError } from "./output-file.ts";
export type { OutputFile } from "./output-file.ts";
