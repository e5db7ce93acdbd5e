/** Some records of an input, in order, walked without a promise or an object for each. */
export interface RecordBlock {
  /** Steps to the next record and reads it; false at the block's end. @throws {CliError} 65 for a broken one. */
  advance(): boolean;
  /** The record that `advance` read. */
  readonly value: unknown;
  /** Where it stands, for a message: "items.csv:17". */
  where(): string;
}
