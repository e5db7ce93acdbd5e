/**
 * What a run shows while it works: one of four displays, all on standard error.
 */
import { stripVTControlCharacters } from "node:util";
import type { Clock } from "../clock.ts";
import { jsonProgress } from "./json-progress.ts";
import { plainProgress } from "./plain-progress.ts";
import type { RunStatus } from "./run-status.ts";
import { ttyProgress } from "./tty-progress.ts";

export interface ProgressStart {
  /** One line of what is about to run. */
  readonly title: string;
  /** The same as data, for `json`. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Progress {
  start(start: ProgressStart, status: RunStatus): void;
  /** Lines of the handler or about the run itself; they stay above a live display. */
  log(text: string, about?: Readonly<Record<string, unknown>>): void;
  /** Draws the last state, gives the terminal back. Idempotent; safe in an exit listener. */
  stop(): void;
}

/** Where a display is written: standard error, or what a test gives. */
export interface Screen {
  readonly isTTY: boolean;
  /** Read at every draw: a terminal that changes its width needs no event of its own. */
  readonly columns: number;
  write(text: string): void;
}

export type ProgressKind = "tty" | "plain" | "json" | "none";

/**
 * The display for what was asked. A terminal display needs a terminal: anywhere else, with TERM=dumb, and with
 * `auto` under CI, the lines are plain, so that no escape code ever gets into a file or a pipe.
 */
export function chooseProgress(
  asked: ProgressKind | "auto",
  screen: Screen,
  env: Readonly<Record<string, string | undefined>>,
): ProgressKind {
  if (asked !== "auto" && asked !== "tty") return asked;
  if (!screen.isTTY || env["TERM"] === "dumb") return "plain";
  const isCi = env["CI"] !== undefined && env["CI"] !== "" && env["CI"] !== "false";
  return asked === "auto" && isCi ? "plain" : "tty";
}

export function openProgress(
  kind: ProgressKind,
  screen: Screen,
  clock: Clock,
  env: Readonly<Record<string, string | undefined>>,
): Progress {
  switch (kind) {
    case "tty":
      return ttyProgress(screen, clock, { colour: (env["NO_COLOR"] ?? "") === "" });
    case "plain":
      return plainProgress(screen, clock);
    case "json":
      return jsonProgress(screen, clock);
    case "none":
      return { start: () => {}, log: (text) => screen.write(`${stripVTControlCharacters(text)}\n`), stop: () => {} };
  }
}
