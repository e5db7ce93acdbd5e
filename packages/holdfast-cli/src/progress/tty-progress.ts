/**
 * The live display of a terminal: a bar, what is in flight, the top three error classes.
 *
 * TTY-1: at most ten writes a second; log lines wait for the next one, so that text and display never tear.
 * TTY-2: no line is wider than the terminal, so that the number of rows to erase is known.
 * TTY-3: the cursor is shown again by `stop`, which the program calls on every exit.
 */
import type { Clock } from "../clock.ts";
import { formatDuration } from "../duration.ts";
import { clip, displayWidth } from "../terminal-text.ts";
import type { Progress, Screen } from "./progress.ts";
import type { RunStatus, StatusSnapshot } from "./run-status.ts";
import { activityText, count, etaText, newErrorText, percentOf, rateText, topErrorsText } from "./status-text.ts";

const frameMs = 100;
const escape = "\u001B";
const hideCursor = `${escape}[?25l`;
const showCursor = `${escape}[?25h`;
const eraseBelow = `${escape}[J`;

export function ttyProgress(screen: Screen, clock: Clock, options: { readonly colour: boolean }): Progress {
  let running: RunStatus | undefined;
  let shown: readonly string[] = [];
  let waiting: string[] = [];
  let stopTicking: (() => void) | undefined;

  /** A terminal that was never told its size says 0. */
  const columns = (): number => (screen.columns > 0 ? screen.columns : 80);
  const erase = (): string => {
    // After the terminal became narrower, what was one row is several.
    const rows = shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns())), 0);
    shown = [];
    return rows === 0 ? "" : `\r${rows > 1 ? `${escape}[${rows - 1}A` : ""}${eraseBelow}`;
  };
  const draw = (): void => {
    if (running === undefined) return;
    const above = waiting.map((line) => `${line}\n`).join("");
    waiting = [];
    const erased = erase();
    shown = frame(running.snapshot(clock.now()), columns() - 1);
    const [bar = "", ...rest] = shown;
    const coloured = [options.colour ? `${escape}[36m${bar}${escape}[39m` : bar, ...rest];
    screen.write(`${erased}${above}${coloured.join("\n")}`);
  };
  return {
    start(start, status) {
      running = status;
      waiting.push(start.title);
      status.onNewError = (error) => waiting.push(newErrorText(error));
      screen.write(hideCursor);
      stopTicking = clock.every(frameMs, draw);
    },
    log(text) {
      if (running === undefined) screen.write(`${text}\n`);
      else waiting.push(text);
    },
    stop() {
      stopTicking?.();
      if (running === undefined) return;
      draw();
      running = undefined;
      shown = [];
      screen.write(`\n${showCursor}`);
    },
  };
}

function frame(status: StatusSnapshot, columns: number): readonly string[] {
  const errors = topErrorsText(status);
  const lines = [
    barLine(status, columns),
    `${activityText(status)}, ${formatDuration(status.elapsed)}`,
    ...(errors === "" ? [] : [errors]),
  ];
  return lines.map((line) => clip(line, columns));
}

function barLine(status: StatusSnapshot, columns: number): string {
  const eta = etaText(status);
  const tail = `${rateText(status.rate)}${eta === "" ? "" : `  ${eta}`}`;
  if (status.total === undefined) return `${count(status.done)} done  ${tail}`;
  const text = `${String(percentOf(status)).padStart(3)}%  ${count(status.done)}/${count(status.total)}  ${tail}`;
  const width = Math.min(40, columns - text.length - 2);
  if (width < 8) return text;
  const full = Math.floor((width * Math.min(status.done, status.total)) / Math.max(1, status.total));
  return `${"█".repeat(full)}${"░".repeat(width - full)}  ${text}`;
}
