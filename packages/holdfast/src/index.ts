/** The package's main entry: core, batches and the common policies. */
export * from "./batch/index.ts";
export * from "./core/index.ts";
export * from "./policy/index.ts";
