/** Batches: many items, one function, and an account of every one. */
export { batch } from "./batch.ts";
export type {
  BatchCounts,
  BatchOptions,
  BatchProgress,
  BatchReport,
  ItemBase,
  ItemContext,
  ItemFailure,
  ItemResult,
  StoppedBy,
} from "./options.ts";
