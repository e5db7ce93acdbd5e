/**
 * Progress as lines that make sense in a log file: one at the start, one every ten seconds, one per new error class.
 */
import { stripVTControlCharacters } from "node:util";
import type { Clock } from "../clock.ts";
import { formatDuration } from "../duration.ts";
import type { Progress, Screen } from "./progress.ts";
import type { RunStatus, StatusSnapshot } from "./run-status.ts";
import { activityText, doneText, etaText, newErrorText, rateText, topErrorsText } from "./status-text.ts";

const intervalMs = 10_000;

export function plainProgress(screen: Screen, clock: Clock): Progress {
  let stopTicking: (() => void) | undefined;
  const line = (text: string): void => screen.write(`${stripVTControlCharacters(text)}\n`);
  return {
    start({ title }, status: RunStatus) {
      line(title);
      status.onNewError = (error) => line(newErrorText(error));
      stopTicking = clock.every(intervalMs, () => line(statusLine(status.snapshot(clock.now()))));
    },
    log: line,
    stop() {
      stopTicking?.();
      stopTicking = undefined;
    },
  };
}

function statusLine(status: StatusSnapshot): string {
  const eta = etaText(status);
  const errors = topErrorsText(status);
  return [
    `${doneText(status)} after ${formatDuration(status.elapsed)}`,
    rateText(status.rate),
    ...(eta === "" ? [] : [eta]),
    activityText(status),
    ...(errors === "" ? [] : [errors]),
  ].join("; ");
}
