/**
 * What a look has cost, and what it has left out.
 */
import { formatDuration } from "../duration.ts";
import { counted } from "../progress/status-text.ts";
import { HEAP_LIMIT } from "./look-into.ts";
import type { Found } from "./look-into.ts";

const MEGABYTE = 1024 * 1024;
/** Measured on heaps of 170 to 600 MB. */
const MS_PER_MEGABYTE = 10;

export function heapNote({ isTooLarge, heap }: Found): string[] {
  if (!isTooLarge) return [];
  const size = heap / MEGABYTE;
  return [
    `the heap was not searched: of ${size.toFixed(0)} MB (more than ${HEAP_LIMIT / MEGABYTE}) each search would stop the process for about ${formatDuration(size * MS_PER_MEGABYTE)}; --force does it`,
  ];
}

/** Of workers that have not been searched, or not asked. */
export function threadsNote({ threads, threadsProblem }: Found): string[] {
  const large = threads.filter(({ look }) => look?.isTooLarge === true).length;
  return [
    ...(large === 0 ? [] : [`the heaps of ${counted(large, "worker")} were too large to be searched; --force does it`]),
    ...(threadsProblem === undefined ? [] : [`workers were not asked: ${threadsProblem}`]),
  ];
}

export function windowNote({ window, pause, before }: Found): string[] {
  const first = before === undefined ? "" : `${formatDuration(before.pause)}, and a second later for `;
  const paused = `the process stood still for ${first}${formatDuration(pause)}`;
  return [
    window === undefined
      ? `${paused}; its inspector was open before`
      : `${paused}; its port was open for less than ${formatDuration(window)}`,
  ];
}
