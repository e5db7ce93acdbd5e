/**
 * Why a process can't be looked into: one place for the sentences and the exit codes.
 */
import { CliError } from "../cli-error.ts";
import { exitCode } from "../exit-code.ts";

/** It is not there, or no Node process: exit code 66. */
export function noTarget(message: string, hint?: string): CliError {
  return new CliError(exitCode.noInput, message, { hint });
}

/** It is there, and can't be attached to: exit code 69. */
export function unavailable(message: string, hint?: string): CliError {
  return new CliError(exitCode.unavailable, message, { hint });
}

/** It is another user's: exit code 77. */
export function notPermitted(message: string, hint?: string): CliError {
  return new CliError(exitCode.notPermitted, message, { hint });
}

/** Not now; the same command may succeed later: exit code 75. */
export function notNow(message: string, hint?: string): CliError {
  return new CliError(exitCode.stoppedEarly, message, { hint });
}
