/**
 * Status in words: what the plain lines, the terminal display and SIGUSR2 have in common.
 */
import { formatDuration } from "../duration.ts";
import type { NewError, StatusSnapshot } from "./run-status.ts";

/** `1,234,567`. By hand: the first `toLocaleString` of a process costs more than all else that a short run does. */
export function count(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 item`, `1,203 items`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** `1,203/s`, `3.4/s`; below one a second `12/m`. */
export function rateText(perSecond: number): string {
  if (perSecond >= 10) return `${count(Math.round(perSecond))}/s`;
  if (perSecond >= 1 || perSecond === 0) return `${Number(perSecond.toFixed(1))}/s`;
  return `${Number((perSecond * 60).toFixed(1))}/m`;
}

/** `12,400/20,000 (62%)`, or `12,400` while the total is unknown. */
export function doneText(status: StatusSnapshot): string {
  if (status.total === undefined) return `${count(status.done)} done`;
  return `${count(status.done)}/${count(status.total)} (${percentOf(status)}%)`;
}

/** Rounded down: 100 is said when everything is done, not before. */
export function percentOf(status: StatusSnapshot): number {
  if (status.total === undefined || status.total === 0) return 100;
  return Math.floor((Math.min(status.done, status.total) * 100) / status.total);
}

/** In whole seconds, rounded up; empty while nothing can be said, and when nothing is left. */
export function etaText({ remaining }: StatusSnapshot): string {
  if (remaining === undefined || remaining === 0) return "";
  return remaining > 59_000 ? `ETA ${formatDuration(remaining)}` : `ETA ${Math.ceil(remaining / 1_000)} s`;
}

export function activityText(status: StatusSnapshot): string {
  const parts = [
    `${count(status.inFlight)} in flight`,
    `${count(status.retrying)} retrying`,
    `${count(status.dead)} failed`,
  ];
  if (status.phase === "stopping") parts.unshift("stopping: no more items are taken");
  if (status.phase === "aborting") parts.unshift("aborting");
  return parts.join(", ");
}

export function topErrorsText(status: StatusSnapshot): string {
  return status.errors
    .slice(0, 3)
    .map(({ label, count: times }) => `${label} x ${count(times)}`)
    .join(", ");
}

/** One line without control characters: what came from a handler must not move the cursor or fake a line. */
export function oneLine(text: string, limit: number): string {
  const line = text
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/\p{Cc}/gu, "")
    .trim();
  return line.length > limit ? `${line.slice(0, Math.max(0, limit - 1))}…` : line;
}

export function newErrorText({ label, message, key }: NewError): string {
  return `new error ${label} at item ${oneLine(key, 80)}: ${oneLine(message, 200)}`;
}
