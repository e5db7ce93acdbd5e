/**
 * How many items of the input are not done.
 */
import type { InputFacts } from "../input/index.ts";
import type { Journal } from "../journal/index.ts";
import type { RunSettings } from "../options/run-settings.ts";
import type { ItemSource } from "./item-source.ts";

/** Undefined where only reading on could tell: a pipe, a format without lines, or keys that may come again. */
export function itemsLeft(
  source: ItemSource,
  settings: RunSettings,
  facts: InputFacts | undefined,
  { totals, before }: Journal,
): number | undefined {
  const done = totals.succeeded + totals.dead;
  if (source.exhausted) return source.taken - (done - before.succeeded - before.dead);
  if (settings.key !== undefined || facts?.items === undefined) return undefined;
  return Math.max(0, facts.items - done);
}
