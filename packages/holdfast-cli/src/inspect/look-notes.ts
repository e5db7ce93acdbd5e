/**
 * What a look has cost, and what it has left out.
 */
import { formatDuration } from "../duration.ts";
import { HEAP_LIMIT } from "./look-into.ts";
import type { Found } from "./look-into.ts";

const MEGABYTE = 1024 * 1024;
/** Measured on heaps of 170 to 600 MB. */
const MS_PER_MEGABYTE = 10;

export function heapNote({ isTooLarge, heap }: Found): string[] {
  if (!isTooLarge) return [];
  const size = heap / MEGABYTE;
  return [
    `the heap was not searched: of ${size.toFixed(0)} MB (more than ${HEAP_LIMIT / MEGABYTE}) it would stop the process for about ${formatDuration(size * MS_PER_MEGABYTE)}; --force does it`,
  ];
}

export function windowNote({ window, pause }: Found): string[] {
  const paused = `the process stood still for ${formatDuration(pause)}`;
  return [
    window === undefined
      ? `${paused}; its inspector was open before`
      : `${paused}; its port was open for less than ${formatDuration(window)}`,
  ];
}
