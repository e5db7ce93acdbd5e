/**
 * Progress as NDJSON events for programs: start, progress (twice a second), error (once per class), log, end.
 */
import type { Clock } from "../clock.ts";
import type { Progress, Screen } from "./progress.ts";
import type { RunStatus } from "./run-status.ts";

const intervalMs = 500;

export function jsonProgress(screen: Screen, clock: Clock): Progress {
  let stopTicking: (() => void) | undefined;
  let running: RunStatus | undefined;
  const emit = (event: string, data: Readonly<Record<string, unknown>>): void =>
    screen.write(`${JSON.stringify({ event, time: Date.now(), ...data })}\n`);
  return {
    start({ facts }, status: RunStatus) {
      running = status;
      emit("start", facts);
      status.onNewError = ({ label, ...error }) => emit("error", { class: label, ...error });
      stopTicking = clock.every(intervalMs, () => emit("progress", { ...status.snapshot(clock.now()) }));
    },
    log: (message, about) => emit("log", { message, ...about }),
    stop() {
      stopTicking?.();
      stopTicking = undefined;
      if (running !== undefined) emit("end", { ...running.snapshot(clock.now()) });
      running = undefined;
    },
  };
}
