/**
 * How a program is run: what may be said, what is meant when nothing is said, and what is refused.
 */
import { constants } from "node:os";
import { checkDuration, checkFunction } from "../core/lowlevel.ts";
import { wantsDebug } from "./debug-setting.ts";
import type { MainProcess } from "./run-main-process.ts";

/** Where an error was when nobody in the program took it. */
export type ErrorOrigin = "main" | "unhandledRejection" | "uncaughtException" | "lateError";

/** What is told of every error of a program: an `errorHandler`, or what is built like it. */
export interface MainErrorHandler {
  /** Must not wait; what it throws is printed with the error. `task`: the name of the program, or of the task that a late error is from. */
  readonly report: (error: unknown, context: { readonly origin: ErrorOrigin; readonly task: string }) => void;
  /**
   * Settles when all that was reported is with those it is for, or after `limit` milliseconds; beyond that it is not waited for. The names in `unfinished` of what it
   * resolves with, if there are any, are those whose reports are lost.
   */
  readonly flush: (limit: number) => Promise<unknown>;
}

/** What a program does to end in order, as {@link gracefulShutdown} makes it. */
export interface MainShutdown {
  /** Milliseconds that all of it may take. */
  readonly timeout: number;
  /** Idempotent. `signal`: hurry. */
  readonly run: (options: { readonly signal: AbortSignal }) => Promise<void>;
}

/** How a program is run. */
export interface MainOptions {
  /** In messages and to tools. Default: the name of the function, else "main". */
  readonly name?: string | undefined;
  /** Milliseconds from the first signal until `signal` aborts, for a main that looks at `stopping` or has a `shutdown`. Default 10,000; with a `shutdown` its `timeout` and a second. */
  readonly drain?: number | undefined;
  /**
   * Milliseconds that tasks have to end once they were told to; what then goes on is named on standard error and given up. Services and cleanups have twice that, and each
   * cleanup's own signal aborts after half of it. Default 5,000.
   */
  readonly grace?: number | undefined;
  /** What stops the program. Default SIGINT and SIGTERM. */
  readonly signals?: readonly NodeSignal[] | undefined;
  /** Is told of every error. Default: they are printed to standard error. */
  readonly handler?: MainErrorHandler | undefined;
  /** Runs with the first signal, and when main has ended without one. Its failure is the program's. Given up when it goes on for `grace` after `drain`. */
  readonly shutdown?: MainShutdown | undefined;
  /** Ends the process with this code. Called once, last. Default: `process.exit`; for 0, the process ends by itself as soon as nothing holds it any more. */
  readonly exit?: ((code: number) => void) | undefined;
  /** What it runs in. Default: Node's `process`; a test brings one of its own. */
  readonly process?: MainProcess | undefined;
}

/** The signals that a process can listen to and that ask it to end. */
export type NodeSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT" | "SIGBREAK" | "SIGUSR1" | "SIGUSR2";

export interface MainSettings {
  readonly name: string;
  readonly drain: number;
  readonly grace: number;
  /** Milliseconds for the handler, and for what a slow pipe has not taken. */
  readonly flushLimit: number;
  readonly signals: readonly NodeSignal[];
  readonly isDebugged: boolean;
}

/** Its reporters are not worth more: a process that is to end is killed at some point. */
const LONGEST_FLUSH = 2_000;

/** @throws {TypeError | RangeError} naming the option that can't be */
export function checkMain(main: { readonly name: string }, options: MainOptions): MainSettings {
  checkFunction("runMain", main);
  const { handler, shutdown, grace = 5_000, signals = ["SIGINT", "SIGTERM"] } = options;
  checkDuration("grace", grace, 0, "runMain");
  if (handler !== undefined) {
    checkFunction("handler.report", handler.report, "runMain");
    checkFunction("handler.flush", handler.flush, "runMain");
  }
  if (shutdown !== undefined) {
    checkFunction("shutdown.run", shutdown.run, "runMain");
    checkDuration("shutdown.timeout", shutdown.timeout, 0, "runMain");
  }
  if (options.exit !== undefined) checkFunction("exit", options.exit, "runMain");
  for (const signal of signals) checkSignal(signal);
  const { drain = shutdown === undefined ? 10_000 : shutdown.timeout + 1_000 } = options;
  checkDuration("drain", drain, 0, "runMain");
  return {
    name: options.name ?? (main.name || "main"),
    drain,
    grace,
    flushLimit: Math.min(Math.max(grace, 1), LONGEST_FLUSH),
    signals,
    isDebugged: wantsDebug((options.process ?? process).env),
  };
}

function checkSignal(signal: string): void {
  if (codeOfSignal(signal) === undefined)
    throw new RangeError(
      `runMain: signals must be names of signals that this system has, like "SIGTERM", got ${JSON.stringify(signal)}`,
    );
}

/** What a shell shows for a process that a signal has ended: 128 and the signal's number. */
export function codeOfSignal(signal: string): number | undefined {
  const number: unknown = Reflect.get(constants.signals, signal);
  return typeof number === "number" ? 128 + number : undefined;
}
