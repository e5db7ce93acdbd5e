/**
 * Why a run ended before its input did, and the exit code that says so.
 */
import { CliError } from "../cli-error.ts";
import { exitCode } from "../exit-code.ts";
import type { RunSettings } from "../options/run-settings.ts";
import { OutputClosedError } from "../output/index.ts";
import { count } from "../progress/status-text.ts";
import { TooManyFailures } from "./failure-limit.ts";
import type { ItemSource } from "./item-source.ts";

export interface EarlyStop {
  readonly why: string;
  readonly exitCode: number;
  /** Something is broken, as opposed to a stop that was asked for. */
  readonly failed: boolean;
  /** To be printed after the report. */
  readonly error: CliError | undefined;
}

/** The first cause that counts: what broke, then what was asked, then what was reached; undefined when the input was finished. */
export function earlyStop(
  cause: unknown,
  source: ItemSource,
  settings: RunSettings,
  left: number | undefined,
): EarlyStop | undefined {
  if (cause instanceof OutputClosedError)
    return {
      why: "the reader of standard output went away",
      exitCode: exitCode.brokenPipe,
      failed: false,
      error: undefined,
    };
  if (cause instanceof Error && !(cause instanceof TooManyFailures)) return broken(cause);
  if (source.failure !== undefined) return broken(source.failure);
  // A stop that found nothing left to stop: the run has finished.
  if (left === 0) return undefined;
  if (cause instanceof TooManyFailures) return asked(cause.message, exitCode.stoppedEarly);
  if (cause === "SIGINT") return asked(cause, exitCode.interrupted);
  if (cause === "SIGTERM") return asked(cause, exitCode.terminated);
  if (source.limitReached) return asked(`limit of ${count(settings.limit ?? 0)} reached`, exitCode.stoppedEarly);
  return undefined;
}

function asked(why: string, code: number): EarlyStop {
  return { why, exitCode: code, failed: false, error: undefined };
}

function broken(cause: unknown): EarlyStop {
  const error =
    cause instanceof CliError
      ? cause
      : new CliError(
          exitCode.software,
          `unexpected ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
          { cause },
        );
  return { why: error.message, exitCode: error.exitCode, failed: true, error };
}
