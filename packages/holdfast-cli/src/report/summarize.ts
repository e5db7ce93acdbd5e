/**
 * From what happened to the summary: the counts that must add up, and the exit code that follows from them.
 */
import { exitCode } from "../exit-code.ts";
import type { Input, InputFacts } from "../input/index.ts";
import type { Journal } from "../journal/index.ts";
import type { RunSettings } from "../options/run-settings.ts";
import type { CliError } from "../cli-error.ts";
import type { EarlyStop } from "../run/early-stop.ts";
import type { ItemSource } from "../run/item-source.ts";
import type { LoopResult } from "../run/run-loop.ts";
import { resumeStep, shellWord } from "./command-line.ts";
import { failureGroup } from "./summary.ts";
import type { Summary } from "./summary.ts";

export interface SummarizeOptions {
  readonly settings: RunSettings;
  readonly args: readonly string[];
  /** What the program is called with. */
  readonly program: string;
  readonly handler: string;
  readonly journalPath: string;
  readonly journal: Journal;
  readonly input: Input;
  readonly facts: InputFacts | undefined;
  readonly source: ItemSource;
  readonly loop: LoopResult;
  readonly lateErrors: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly earlyStop: EarlyStop | undefined;
  /** Items of the input that are not done; undefined where that can't be told. */
  readonly left: number | undefined;
  readonly teardownError: CliError | undefined;
}

export function summarize(options: SummarizeOptions): Summary {
  const { settings, journal, source, loop, input, duration, left } = options;
  const report = journal.report();
  const { succeeded, dead } = journal.totals;
  const now = { succeeded: succeeded - journal.before.succeeded, dead: dead - journal.before.dead };
  const total = left === undefined ? undefined : succeeded + dead + left;
  const early = options.earlyStop;
  return {
    state: early === undefined ? "finished" : early.failed ? "failed" : "stopped",
    stoppedBy: early?.why,
    exitCode: early?.exitCode ?? options.teardownError?.exitCode ?? finishedCode(settings, dead, total),
    handler: options.handler,
    input: settings.input,
    journal: options.journalPath,
    output: settings.output,
    total,
    succeeded,
    dead,
    left,
    thisRun: {
      ...now,
      cancelled: loop.cancelled,
      skipped: source.skipped,
      rerun: settings.key === undefined ? source.rerun : undefined,
      duplicates: input.duplicates,
      duration,
      itemsPerSecond: duration === 0 ? 0 : ((now.succeeded + now.dead) * 1_000) / duration,
    },
    deadLetters: report.deadByError.map(failureGroup),
    failedAttempts: { count: report.failedAttempts, groups: report.failedByError.map(failureGroup) },
    attempts: report.attempts,
    abandoned: { count: loop.abandonedCount, items: loop.abandoned },
    lateErrors: options.lateErrors,
    next: nextStep(options, early, dead),
  };
}

function finishedCode(settings: RunSettings, dead: number, total: number | undefined): number {
  return withinTolerance(settings.maxFailures, dead, total) ? exitCode.succeeded : exitCode.deadLetters;
}

/** Dead letters of all runs against --max-failures; a percentage is of all items. */
export function withinTolerance(
  maxFailures: RunSettings["maxFailures"],
  dead: number,
  total: number | undefined,
): boolean {
  if (maxFailures === undefined) return dead === 0;
  if (typeof maxFailures === "number") return dead <= maxFailures;
  return total === undefined ? dead === 0 : dead * 100 <= Number(maxFailures.slice(0, -1)) * total;
}

function nextStep(
  { args, settings, journalPath, program }: SummarizeOptions,
  early: EarlyStop | undefined,
  dead: number,
): Summary["next"] {
  if (early !== undefined) return resumeStep(program, args, settings);
  if (dead === 0) return undefined;
  return {
    why: "to see the dead letters",
    command: `sqlite3 -readonly ${shellWord(journalPath)} 'select * from dead'`,
  };
}
