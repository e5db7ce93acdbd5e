/** What the largest size budget measures: every export of every entry of the library, in one bundle. */
export * as batch from "holdfast/batch";
export * as lowlevel from "holdfast/lowlevel";
export * as index from "holdfast";
export * as policy from "holdfast/policy";
export * as sync from "holdfast/sync";
