/** Items from a file or from stdin. */
export { openInput } from "./open-input.ts";
export type { OpenInputOptions } from "./open-input.ts";
export type { Input, InputFacts, InputFormat, InputItem } from "./input.ts";
export { KeySet } from "./key-set.ts";
