/** What the largest size budget measures: every export of core, batch, policy and sync, in one bundle. */
export * as batch from "holdfast/batch";
export * as lowlevel from "holdfast/lowlevel";
export * as index from "holdfast";
export * as policy from "holdfast/policy";
export * as sync from "holdfast/sync";
